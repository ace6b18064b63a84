"""How the verdict on a step is shown: one card, the same wherever it appears."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard.analysis import metrics
from dashboard.analysis.ab_tests import experiments, fixed_horizon, options, tables
from dashboard.analysis.ab_tests import wording as words
from dashboard.analysis.ab_tests.experiments import JUDGED_BY, Experiment
from dashboard.analysis.ab_tests.rules import Rules
from dashboard.app_pages.components import display
from dashboard.app_pages.session import verdict_rules
from dashboard.app_pages.session.loaders import judged
from dashboard.app_pages.session.memo import ByIdentity, made
from dashboard.charts import Chart, EmptyChart, verdict_chart
from dashboard.charts.cells import cell
from dashboard.data.fetch.lifetime import LifetimeCounts

RATES = {"replies": "reply_rate", "positive_replies": "positive_reply_rate"}
NUMBERS = "Numbers and copy"
_ICONS = {
    "winner": ":material/trophy:",
    "leads": ":material/trending_up:",
    "no_practical_difference": ":material/equal:",
    "no_clear_leader": ":material/question_mark:",
    "too_early": ":material/hourglass_top:",
}
_COLUMNS = [
    "option", "subject", "emails_sent", "replies", "reply_rate", "positive_replies", "positive_reply_rate",
    "chance_in_words", "expected_loss_per_1000", "opens", "opens_per_email", "clicks", "clicks_per_email", "template",
    "snippet",
]  # fmt: skip


@dataclass(frozen=True)
class ABTestSummary:
    """What all tests of the account have taught: those won over all of them, those that cannot finish, as tables."""

    tests: Sequence[Experiment]
    winners: pd.DataFrame
    stuck: pd.DataFrame

    @property
    def won_alone(self) -> int:
        """How many won in their own step only."""
        return sum(item.comparison.proven for item in self.tests) - len(self.winners)


def summarise_tests(lives: LifetimeCounts, events: str, by: Rules) -> ABTestSummary:
    """What the tests that are judged by these counts and rules have taught."""
    tests = judged(lives, by)[events]
    held, stuck = experiments.winners(tests), experiments.cannot_finish(tests)
    waits = [None if item.days_needed is None else words.duration(item.days_needed) for item in stuck]
    waiting = tables.verdict_table(stuck, held).assign(wait_in_words=pd.array(waits, "string"))
    return ABTestSummary(tests, tables.verdict_table(held, held), waiting)


def pick_events() -> str:
    """Let the visitor choose what decides: replies, or positive replies. It is in the URL."""
    labels = {metrics.METRICS[events].label: events for events in JUDGED_BY}
    picked = st.segmented_control(
        "Decide by", list(labels), default=next(iter(labels)), required=True, key="decide", bind="query-params"
    )
    return labels[picked or next(iter(labels))]


def method() -> None:
    """The method in two plain paragraphs, one click away."""
    with st.popover("How verdicts are reached", icon=":material/help:"):
        for paragraph in words.method(verdict_rules.in_force()):
            st.markdown(display.plain(paragraph))
        st.caption(display.plain(f"In force: {verdict_rules.in_force().in_words}."))


def summary(items: Sequence[Experiment]) -> str:
    """“9 tests: 1 winner, 2 lead …” in words."""
    count = Counter(words.badge(item) for item in words.most_telling_first(items))
    kinds = ", ".join(f"{number} × {label.lower()}" for label, number in count.items())
    tests = f"{len(items)} {'test' if len(items) == 1 else 'tests'}"
    return f"{tests}: {kinds}." if kinds else f"{tests}."


def card(item: Experiment, key: str, fresh: str) -> None:
    """The verdict on one step: sentence, figures, chart, and folds with all numbers and for those who know statistics.

    When its whole-life answer came (`fresh`) is one hover away.
    """
    verdict = item.comparison.verdict
    fresh = fresh if item.basis == "life" else ""  # days are the history's; the card says up to which
    with st.container(border=True, key=key):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(f"{display.plain(item.cadence)}, step {item.step}", width="content")
            # Green is for what is proven and for nothing else.
            st.badge(words.badge(item), icon=_ICONS.get(verdict), color="green" if item.comparison.proven else "gray")
        st.markdown(f"**{display.plain(words.headline(item))}** {display.plain(words.reason(item))}")
        st.markdown(f":material/arrow_forward: {display.plain(words.suggestion(item))}")
        _facts(item)
        display.chart(made(_drawn, ByIdentity(item)), f"{key}_chart", numbers=False, border=False, fresh=fresh)
        st.caption(display.plain(words.decided_on(item)))
        note = words.uneven_note(item)
        if note:
            st.caption(f":material/info: {display.plain(note)}")
        # A browser takes a quarter of the time of the page for the tables of four cards.
        numbers = st.expander(NUMBERS, icon=":material/table_rows:", key=f"{key}_numbers", on_change="rerun")
        if numbers.open:
            with numbers:
                _table(item, key, fresh)
        fold = st.expander(
            "Details: if looked at once", icon=":material/science:", key=f"{key}_once", on_change="rerun"
        )
        if fold.open:
            with fold:
                _once(item)


def _table(item: Experiment, key: str, fresh: str) -> None:
    table = made(_numbers, ByIdentity(item))
    columns = [column for column in _COLUMNS if column in table]
    counted = f"counted {words.day(item.first)} – {words.day(item.last)}, whatever the range"
    counted += f"; {fresh}" if fresh else ""
    display.table(table, key=f"{key}_table", name=f"options-step-{item.step}", columns=columns, fresh=counted)


def _drawn(drawn: ByIdentity[Experiment]) -> Chart | EmptyChart:
    item = drawn.value
    rates = options.option_rates(item.rows, [RATES[item.events]])
    return verdict_chart(item, rates, RATES[item.events])


def _numbers(drawn: ByIdentity[Experiment]) -> pd.DataFrame:
    item = drawn.value
    table = tables.with_verdicts(metrics.with_rates(item.rows, "options"), [item])
    # A chance is never shown as 0 or 100 %; the file has the number as well.
    return table.assign(chance_in_words=[words.chance(cell(value)) for value in table["p_best"]])


def _facts(item: Experiment) -> None:
    facts = words.facts(item)
    if not facts:
        return
    with st.grid("auto", min_column_width=200):
        for fact in facts:
            with st.container(height="stretch"):
                st.metric(fact.label, fact.value, help=fact.help)
                st.caption(display.plain(fact.note))


def _once(item: Experiment) -> None:
    found = fixed_horizon.fixed_horizon_test(item.comparison.counts)
    always = words.evidence_words(item)
    if always:
        st.markdown(f"**Valid always.** {display.plain(always)}")
    if found.p is None:
        st.markdown("**If looked at once.** There is nothing to test yet: no option, or every mail, had an event.")
        return
    st.markdown(
        f"**If looked at once.** {found.test}: {display.plain(_p(found.p))}. It holds for someone who fixed the number "
        "of mails beforehand and looks this one time; looked at daily, it calls a third of equal options different."
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
