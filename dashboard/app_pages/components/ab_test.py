"""One A/B test, opened: the verdict in words, its options' copy side by side, and what the verdict rests on."""

import math
from collections.abc import Hashable, Mapping
from typing import Any, Final

import pandas as pd
import streamlit as st

from dashboard.analysis import metrics
from dashboard.analysis.ab_tests import fixed_horizon, tables
from dashboard.analysis.ab_tests import wording as words
from dashboard.analysis.ab_tests.experiments import Experiment
from dashboard.analysis.ab_tests.wording import option_name
from dashboard.analysis.metrics import METRICS, format_count, format_percent, format_rate
from dashboard.app_pages.components import display
from dashboard.app_pages.components.display import plain
from dashboard.app_pages.components.marks import inline
from dashboard.app_pages.session import verdict_rules
from dashboard.app_pages.session.memo import ByIdentity, cached
from dashboard.charts.cells import cell
from dashboard.charts.marks import interval_mark

_COLUMNS: Final = [
    "option", "subject", "emails_sent", "replies", "reply_rate", "positive_replies", "positive_reply_rate",
    "chance_in_words", "expected_loss_per_1000", "opens", "opens_per_email", "clicks", "clicks_per_email", "template",
    "snippet",
]  # fmt: skip
RATES: Final = {"replies": "reply_rate", "positive_replies": "positive_reply_rate"}
_LEAST_SCALE: Final = 0.02
_COPIES_IN_A_ROW: Final = 4


def method() -> None:
    """Draw how verdicts are reached, one click away."""
    with st.popover("How verdicts are reached", icon=":material/help:"):
        for paragraph in words.method(verdict_rules.in_force()):
            st.markdown(plain(paragraph))
        st.caption(plain(f"In force: {verdict_rules.in_force().in_words}."))


def show(item: Experiment, fresh: str) -> None:
    """Draw an A/B test with all that its verdict rests on.

    Args:
        item: the test.
        fresh: when its whole-life answer arrived.
    """
    with st.container(border=True, key="open_test"):
        st.markdown(f"**{plain(words.headline(item))}** {plain(words.reason(item))}")
        _copies(item)
        _facts(item)
        note = words.uneven_note(item)
        st.caption(plain(f"{words.decided_on(item)}{f' {note}' if note else ''}"))
        _numbers(item, fresh if item.basis == "life" else "")
        _classic(item)


def _copies(item: Experiment) -> None:
    """Draw the options side by side, each with its copy in full, its counts and its rate with the interval."""
    options = item.rows.drop_duplicates("option").to_dict("records")
    rates = item.comparison.table
    end = max([_LEAST_SCALE, *rates["high"].dropna().astype(float)])
    for at in range(0, len(options), _COPIES_IN_A_ROW):
        part = options[at : at + _COPIES_IN_A_ROW]
        for place, option in zip(st.columns(len(part)), part, strict=True):
            with place:
                _copy(option)
                number = int(option["option"])
                if number in rates.index:
                    _rate(item, rates.loc[[number]].to_dict("records")[0], end)


def _copy(option: dict[object, object]) -> None:
    subject, snippet, template = (
        "" if pd.isna(option[name]) else str(option[name])  # type: ignore[call-overload]
        for name in ("subject", "snippet", "template")
    )
    st.markdown(f"**{option_name(int(str(option['option'])))}** {plain(subject or 'no subject')}")
    if snippet:
        st.caption(plain(snippet))
    if template:
        st.caption(plain(f"Template: {template}"))


def _rate(item: Experiment, row: Mapping[Hashable, Any], end: float) -> None:
    sent, events, rate, low, high, chance = (
        cell(row[name]) for name in ("sent", "events", "rate", "low", "high", "p_best")
    )
    counts = f"{format_count(events)} of {format_count(sent)}"
    if rate is None:
        st.markdown(plain(counts))
        return
    interval = f"95 % interval {format_percent(low)} to {format_percent(high)}"
    label = METRICS[RATES[item.events]].label
    mark = interval_mark(rate, low, high, end, f"{label}: {format_percent(rate)}, {interval}")
    best = (
        f" · {words.chance(chance)} likely best" if item.comparison.leading is not None and chance is not None else ""
    )
    st.markdown(
        f"{inline(mark)}  \n{plain(format_rate(events, sent, RATES[item.events], base=True))}{best}",
        help=interval,
    )


def _facts(item: Experiment) -> None:
    told = words.facts(item)
    if not told:
        return
    with st.grid("auto", min_column_width=200):
        for fact in told:
            with st.container(height="stretch", gap="xsmall"):
                st.caption(plain(fact.label), help=plain(fact.help))
                st.markdown(f"{plain(fact.value)} :gray[{plain(fact.note)}]")


def _numbers(item: Experiment, fresh: str) -> None:
    table = _table(ByIdentity(item))
    columns = [column for column in _COLUMNS if column in table]
    counted = f"counted {words.day(item.first)} – {words.day(item.last)}, whatever the range"
    counted += f"; {fresh}" if fresh else ""
    display.table(table, key="open_test_table", name=f"ab-test-step-{item.step}", columns=columns, fresh=counted)


@cached
def _table(judged: ByIdentity[Experiment]) -> pd.DataFrame:
    item = judged.value
    table = tables.with_verdicts(metrics.with_rates(item.rows, "options"), [item])
    # A chance is never shown as 0 or 100 %; the file has the number as well.
    return table.assign(chance_in_words=[words.chance(cell(value)) for value in table["p_best"]])


def _classic(item: Experiment) -> None:
    """Draw the evidence, and the classic test with its caution, for those who know statistics."""
    fold = st.expander("Classic test, if looked at once", icon=":material/science:", key="classic", on_change="rerun")
    if not fold.open:
        return
    with fold:
        always = words.evidence_words(item)
        if always:
            st.markdown(f"**Valid always.** {plain(always)}")
        found = fixed_horizon.fixed_horizon_test(item.comparison.counts)
        if found.p is None:
            st.markdown("**If looked at once.** There is nothing to test yet: no option, or every mail, had an event.")
            return
        st.markdown(
            f"**If looked at once.** {found.test}: {plain(_p(found.p))}. It holds for someone who fixed the number of "
            "mails beforehand and looks this one time; looked at daily, it calls a third of equal options different."
        )
        if len(found.pairs) > 1:
            st.dataframe(
                found.pairs,
                hide_index=True,
                column_config={
                    "option": "Option",
                    "against": "Against",
                    "p": st.column_config.NumberColumn("p", format="%.4f"),
                    "p_adjusted": st.column_config.NumberColumn("p, adjusted (Holm)", format="%.4f"),
                },
                alt=f"p-values of {len(found.pairs)} pairs of options",
            )


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {min(1.0, math.ceil(value * 1000) / 1000):.3f}"
