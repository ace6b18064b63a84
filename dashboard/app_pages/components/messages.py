"""Pages and boxes for what can go wrong: each says what happened, what was kept, and what to do.

The words for Klenty's errors are in `data/error_advice.py`, for the database's in `data/database/errors.py`.
"""

from collections.abc import Iterable, Sequence

import streamlit as st

from dashboard.app_pages.components.display import plain
from dashboard.app_pages.session.connection import connect, forget_listing, listing
from dashboard.data.cadence_report import CadenceReport
from dashboard.data.database import DatabaseError
from dashboard.data.error_advice import advice
from dashboard.services.account import Account
from dashboard.settings import SettingsError
from klenty_api import (
    AuthenticationError,
    ConnectionFailed,
    KlentyError,
    NotFoundError,
    UnexpectedAnswerError,
    UnknownUserError,
)

_MOST_IN_SIGHT = 6
_STOPS_EVERYTHING = (
    AuthenticationError,
    UnknownUserError,
    ConnectionFailed,
    NotFoundError,
    UnexpectedAnswerError,
)


def stops_everything(error: KlentyError) -> bool:
    """Return whether no other call can be expected to work either, so that only a page of advice helps."""
    return isinstance(error, _STOPS_EVERYTHING) and getattr(error, "kind", None) != "timeout"


def settings_page(problem: SettingsError) -> None:
    """Draw the whole page when the settings contradict themselves."""
    st.title("The settings need a look")
    st.error(str(problem), icon=":material/settings_alert:")
    st.markdown(
        "Settings come from environment variables or from `.streamlit/secrets.toml`; an example stands in "
        "`.streamlit/secrets.toml.example`. Correct them and restart the dashboard."
    )


def connection_page(account: Account, error: KlentyError) -> None:
    """Draw the whole page when Klenty cannot be asked at all."""
    found = advice(error)
    st.title("No connection to Klenty")
    st.error(found.what_to_do, title=found.headline, icon=":material/cloud_off:")
    st.markdown(f"Asked as `{account.user}` at `{account.base_url}`. Nothing was changed in Klenty.")
    with st.expander("What Klenty or the network said"):
        st.code(str(error), language=None, wrap_lines=True)
    if st.button("Try again", icon=":material/refresh:", type="primary"):
        forget_listing()
        st.rerun()
    st.caption(
        "`klenty-dashboard check` says the same on the command line. `klenty-dashboard --sandbox` shows the dashboard "
        "on invented data meanwhile."
    )


def sandbox_banner() -> None:
    """Say on every page that nothing here is real."""
    st.markdown(
        ":orange-badge[:material/science: Sandbox: invented data, nobody is mailed]",
        help="Set `KLENTY_USER` and `KLENTY_API_KEY` to see your own cadences.",
    )


def history_problem(problem: str) -> None:
    """Say once on a page that the history cannot be used, and what that means."""
    st.warning(problem, title="Answers are not kept", icon=":material/database_off:")


def unknown_choices(sentences: Sequence[str]) -> None:
    """Say which choices of a link do not exist, and what is shown instead."""
    for sentence in sentences:
        st.warning(plain(sentence), icon=":material/link_off:")


def database_page(problem: DatabaseError) -> None:
    """Draw what replaces a page that cannot do without the database."""
    st.error(
        f"{problem} Other pages work without it. Nothing was changed in Klenty.",
        title="This page needs the history",
        icon=":material/database_off:",
    )


def failures(reports: list[CadenceReport], earlier: Sequence[CadenceReport] = ()) -> None:
    """Name every cadence that failed, wholly or in part, each with its own error and a retry.

    `earlier` are the reports of the periods compared: where only those failed, it is said what that leaves out.
    """
    failed = [report for report in reports if report.failed or report.partial]
    named = {report.cadence.name for report in failed}
    _earlier([report for report in earlier if report.failed and report.cadence.name not in named])
    if not failed:
        return
    with st.container(border=True):
        st.markdown(f":material/error: **{_how_many(failed, reports)}.** Figures below leave out what is missing.")
        for index, report in enumerate(failed[:_MOST_IN_SIGHT]):
            _failure(report, index)
        more = failed[_MOST_IN_SIGHT:]
        if more:
            with st.expander(f"{len(more)} more", key="more_failures"):
                for index, report in enumerate(more, start=_MOST_IN_SIGHT):
                    _failure(report, index)
        if len(failed) > 1:
            st.button("Retry all", icon=":material/refresh:", key="retry_all", on_click=_retry, args=(failed,))


def _how_many(failed: Sequence[CadenceReport], reports: Sequence[CadenceReport]) -> str:
    """Return how many cadences are missing, and of how many a part is; a cadence in two periods counts once."""

    def names(some: Iterable[CadenceReport]) -> int:
        return len({(report.cadence.name, report.cadence.id) for report in some})

    whole = names(report for report in failed if report.failed)
    partly = names(report for report in failed if report.partial)
    of_all = names(reports)
    if of_all == 1:
        return "This cadence did not load" if whole else "This cadence came in part"
    words = [f"{whole} of {of_all} cadences did not load" if whole else "", f"{partly} came in part" if partly else ""]
    return ", ".join(filter(None, words))


def unjudged(reports: Sequence[CadenceReport], names: Sequence[str]) -> None:
    """Name the cadences among `names` whose A/B steps cannot be judged because Klenty's answer did not come."""
    failed = [report for report in reports if report.failed and report.cadence.name in set(names)]
    if not failed:
        return
    with st.container(border=True):
        st.markdown(f":material/error: **No verdicts for {len(failed)} of {len(names)} cadences.**")
        for report in failed[:_MOST_IN_SIGHT]:
            st.text(f"{report.cadence.name}: {report.steps_error}")
        if more := failed[_MOST_IN_SIGHT:]:
            with st.expander(f"{len(more)} more", key="more_unjudged"):
                for report in more:
                    st.text(f"{report.cadence.name}: {report.steps_error}")
        st.button("Retry", icon=":material/refresh:", key="retry_lives", on_click=_retry, args=(failed,))


def _earlier(failed: list[CadenceReport]) -> None:
    if not failed:
        return
    names = ", ".join(dict.fromkeys(str(report.cadence.name) for report in failed))
    with st.container(border=True, horizontal=True, wrap=False, vertical_alignment="center"):
        st.text(f"A period to compare with did not come for {names}: changes leave them out.", width="stretch")
        st.button("Retry", key="retry_earlier", on_click=_retry, args=(failed,))


def _failure(report: CadenceReport, index: int) -> None:
    error = report.engagement_error or report.steps_error
    missing = (
        "no figures"
        if report.failed
        else ("figures, but no steps" if report.steps is None else "steps, but no figures")
    )
    with st.container(horizontal=True, wrap=False, vertical_alignment="center"):
        st.text(f"{report.cadence.name}: {missing}. {error}", width="stretch")
        st.button("Retry", key=f"retry_{index}_{report.cadence.id}", on_click=_retry, args=([report],))


def _retry(reports: list[CadenceReport]) -> None:
    """Ask again for what failed of these cadences, in this period and in the one before."""
    for report in reports:
        for store in (connect().reports, connect().lifetime):
            store.forget_failures(report.cadence)
    if listing().error is not None:
        forget_listing()


def no_cadences() -> None:
    """Draw the empty state when no cadence is chosen, the account has none, or their list did not come."""
    failure = listing().error
    if failure is not None:  # the sidebar says it too, but may be folded away
        st.error(
            f"{failure} The names of cadences can be typed in the sidebar meanwhile.",
            title="The list of cadences did not come",
            icon=":material/cloud_off:",
        )
        st.button("Try again", icon=":material/refresh:", on_click=forget_listing, key="no_cadences_again")
        return
    st.info(
        "There is no cadence to show. Choose some in the sidebar, include finished ones, or type a name.",
        title="No cadences",
        icon=":material/filter_alt_off:",
    )


def no_range() -> None:
    """Draw the empty state while a range is half picked; the sidebar, where it is picked, may be folded away."""
    st.info(
        "Pick the first and the last day in the sidebar, or another range.",
        title="No date range yet",
        icon=":material/date_range:",
    )


def nothing_loaded() -> None:
    """Draw the empty state when no chosen cadence gave an answer."""
    st.info(
        "Klenty did not give what this page needs. What went wrong stands above; nothing was changed in Klenty.",
        title="Nothing to show yet",
        icon=":material/cloud_off:",
    )


def no_steps(report: CadenceReport) -> None:
    """Say why there is no table of steps."""
    if report.steps is None:
        st.info("Klenty's step-wise answer did not come; retry above.", icon=":material/hourglass_empty:")
    else:
        st.info("Klenty named no steps for this cadence and range.", icon=":material/filter_none:")


def no_shared_copies(by: str, reports: Sequence[CadenceReport]) -> None:
    """Say why there is nothing on the page of copies."""
    if any(report.steps is None for report in reports):
        nothing_loaded()
        return
    st.info(
        f"No {by} was sent by two or more of the chosen cadences. Choose more of them, or a longer range.",
        title="Nothing in common",
        icon=":material/content_copy:",
    )


def no_options(reports: Sequence[CadenceReport], names: Sequence[str]) -> None:
    """Say why there is nothing to compare on the page of options; where an answer did not come, that is not known."""
    if any(report.failed and report.cadence.name in set(names) for report in reports):
        nothing_loaded()
        return
    st.info(
        "No step of the chosen cadences ever sent two or more options. Choose other cadences, or add a second option "
        "to a step in Klenty.",
        title="No A/B steps",
        icon=":material/alt_route:",
    )
