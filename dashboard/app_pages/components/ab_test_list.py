"""All A/B tests as a list: a row for each, which opens to both copies, counts and what the verdict rests on."""

import math
from collections.abc import Sequence
from typing import Final

import pandas as pd
import streamlit as st

from dashboard.analysis.ab_tests import experiments, status, tables, wording
from dashboard.analysis.ab_tests.experiments import JUDGED_BY, Experiment
from dashboard.analysis.ab_tests.same_copy import Events
from dashboard.analysis.ab_tests.status import Status
from dashboard.analysis.ab_tests.wording import option_name
from dashboard.analysis.metrics import METRICS, format_percent, format_rate
from dashboard.app_pages.components import ab_test
from dashboard.app_pages.components.display import plain
from dashboard.app_pages.components.links import cadence_link, name_of_test
from dashboard.app_pages.components.marks import inline
from dashboard.app_pages.session import calculations
from dashboard.app_pages.session.memo import cached
from dashboard.charts.marks import Mark, difference_mark

_CHOICES: Final[dict[str, Events]] = {METRICS[key].label: key for key in JUDGED_BY}
OPEN: Final = "test"  # the URL names the test that is open
_A_PAGE: Final = 20
_WIDTHS: Final = (3, 13, 4, 4)
_OPTIONS_IN_A_ROW: Final = 3
_ICONS: Final[dict[Status, str]] = {
    "proven": ":material/trophy:",
    "withdrawn": ":material/undo:",
    "ahead": ":material/trending_up:",
    "leads": ":material/trending_up:",
    "alike": ":material/equal:",
    "undecided": ":material/remove:",
    "cannot_finish": ":material/block:",
    "collecting": ":material/hourglass_top:",
    "nothing": ":material/looks_one:",
}


def events(options: pd.DataFrame, key: str = "decide") -> Events:
    """Return what decides: the visitor's choice, else positive replies where most replies are marked."""
    chosen = str(st.session_state.get(key) or st.query_params.get(key))
    return _CHOICES[chosen] if chosen in _CHOICES else calculations.lead_metric(options)


def pick_events(options: pd.DataFrame, key: str = "decide") -> Events:
    """Let the visitor choose what decides, replies or positive replies; the URL has it under `key`.

    Args:
        options: tidy frame `options`, for what decides unless the visitor chooses.
        key: name in the URL.
    """
    lead = calculations.lead_metric(options)
    st.segmented_control(
        "Decide by",
        list(_CHOICES),
        default=METRICS[lead].label,
        required=True,
        key=key,
        bind="query-params",
        persist_state="session",
        label_visibility="collapsed",
    )
    return events(options, key)


def only_chosen() -> bool:
    """Let the visitor leave out the tests of cadences that are not chosen in the sidebar."""
    return st.toggle(
        "Only chosen cadences", value=True, key="only_chosen", bind="query-params", persist_state="session"
    )


def chosen(tests: Sequence[Experiment], names: Sequence[str] | None) -> list[Experiment]:
    """Return the tests of these cadences (None: of all), and the one that a link names."""
    opened = st.query_params.get(OPEN)
    return [item for item in tests if names is None or item.cadence in names or name_of(item) == opened]


def name_of(item: Experiment) -> str:
    """Return what the URL calls a test."""
    return name_of_test(item.cadence, item.step)


@cached
def table(tests: Sequence[Experiment]) -> pd.DataFrame:
    """Return a row for each test with all that is known of it, for a file."""
    return tables.verdict_table(tests, experiments.winners(tests))


def show(tests: Sequence[Experiment], fresh: str) -> None:
    """Draw the tests, those that ask for a decision first; the one that the URL names is open.

    Args:
        tests: judged by one kind of event.
        fresh: when the whole-life answers arrived.
    """
    ordered = status.in_order(tests)
    opened = st.query_params.get(OPEN)
    if opened and opened not in map(name_of, tests):
        st.info(
            plain(f"The link names the test “{opened}”, which this account does not have."), icon=":material/link_off:"
        )
    for item in _of_this_page(ordered, opened):
        with st.container(gap="xsmall", key=f"test_{name_of(item)}"):
            _row(item, opened=name_of(item) == opened)
            if name_of(item) == opened:
                ab_test.show(item, fresh)


def _of_this_page(ordered: list[Experiment], opened: str | None) -> list[Experiment]:
    """Return the tests of one page: that of the open test, or the one that was turned to."""
    pages = -(-len(ordered) // _A_PAGE)
    if pages < 2:
        return ordered
    place = next((at for at, item in enumerate(ordered) if name_of(item) == opened), 0)
    page = st.pagination(pages, key="tests_page", default=1 + place // _A_PAGE)
    return ordered[(page - 1) * _A_PAGE : page * _A_PAGE]


def _row(item: Experiment, *, opened: bool) -> None:
    state, tested, difference, do = st.columns(_WIDTHS, vertical_alignment="center")
    kind = status.status_of(item)
    # Green is for what is proven and for nothing else.
    state.markdown(f":{'green' if kind == 'proven' else 'gray'}-badge[{_ICONS[kind]} {status.LABELS[kind]}]")
    with tested, st.container(gap=None):
        cadence_link(item.cadence, f"{item.cadence} · step {item.step}", step=item.step)
        st.markdown(_tested(item))
    difference.markdown(_difference(item, proven=kind == "proven"))
    do.button(
        plain(status.action(item)),
        key=f"open_test_{name_of(item)}",
        type="tertiary",
        icon=":material/expand_less:" if opened else ":material/chevron_right:",
        icon_position="right",
        help=f"{plain(wording.suggestion(item))}  \n{plain(_counts(item))}",
        on_click=_toggle,
        args=(name_of(item),),
        wrap=True,
    )


def _toggle(name: str) -> None:
    if st.query_params.get(OPEN) == name:
        del st.query_params[OPEN]
    else:
        st.query_params[OPEN] = name


def _tested(item: Experiment) -> str:
    """Return the options' subjects in full, a line each with its rate; the first of many, and how many more."""
    counts = item.comparison.table
    rows = item.rows.drop_duplicates("option")
    lines = []
    for option, subject in zip(rows["option"], rows["subject"], strict=True):
        rate = counts["rate"].get(option) if option in counts.index else None
        shown = "–" if rate is None or pd.isna(rate) else format_percent(float(rate))
        text = plain("no subject" if pd.isna(subject) else str(subject))
        lines.append(f"**{option_name(int(option))}** {text} :gray[{plain(shown)}]")
    more = len(lines) - _OPTIONS_IN_A_ROW
    if more > 0:
        lines = [*lines[:_OPTIONS_IN_A_ROW], f":gray[and {more} more]"]
    return "  \n".join(lines)


def _counts(item: Experiment) -> str:
    """Return every option's rate with its counts: "A 1.6 % (20 of 1,275 emails sent); B …"."""
    found = item.comparison.counts
    rate = ab_test.RATES[item.events]
    return "; ".join(
        f"{option_name(option)} {format_rate(events, sent, rate, base=True)}"
        for option, events, sent in zip(found.options, found.events, found.sent, strict=True)
        if sent and not math.isnan(events)
    )


def _difference(item: Experiment, *, proven: bool) -> str:
    mark = difference_of(item, proven=proven)
    if mark is None:
        return ":gray[–]"
    return f"{inline(mark)}  \n{plain(status.interval_text(item))}"


def difference_of(item: Experiment, *, proven: bool) -> Mark | None:
    """Return the interval of the difference between the leading option and its rival; None before a judgement."""
    found = item.comparison
    if found.leading is None or found.ratio_low is None:
        return None
    high = math.inf if found.ratio_high is None else found.ratio_high
    names = f"{option_name(found.leading)} over {option_name(found.against)}"
    alt = f"{METRICS[item.events].label}, {names}: {status.interval_text(item)}"
    return difference_mark(found.ratio if proven else None, found.ratio_low, high, alt, proven=proven)
