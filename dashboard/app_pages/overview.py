"""The account at a glance: what to think and do, five rates, replies per week, the ranking.

Where its numbers come from, and why one may be empty, is in docs/architecture.md ("Two walks").
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard.analysis import what_changed
from dashboard.analysis.ab_tests.experiments import Experiment
from dashboard.analysis.goals import sentence as sentence_of_goals
from dashboard.analysis.metrics import format_count, rate_per
from dashboard.analysis.performance import headline, rate_cards, sentiment, totals
from dashboard.app_pages.components import all_accounts, display, header, messages, ranking, restated, weekly_replies
from dashboard.app_pages.components.goals import draw_goals
from dashboard.app_pages.components.headline import draw_headline
from dashboard.app_pages.components.metric_cards import metric_cards
from dashboard.app_pages.components.page_header import first_screen_skeleton, page_header, periods
from dashboard.app_pages.session import calculations, changes, filters, goals, loaders, sign_in
from dashboard.app_pages.session.filters import View
from dashboard.app_pages.session.loaders import Tables
from dashboard.app_pages.session.watch_list import everything, watched_window, watcher

SETTINGS = "app_pages/settings_page.py"
_CHART_WIDTH = 340  # what a chart of rows with names and numbers needs
DATA_QUALITY = {"settings": "Data quality"}
HOW_TO_READ = (
    "Changes compare the range with the period before it, over the cadences that both hold.",
    "Green and red are for changes beyond what weeks differ by anyway; everything else is grey.",
    "The line in a card is the same rate in each of the last 12 weeks.",
    "The ranking is by what the counts support, so a high rate of few emails can be below a lower one of many.",
    totals.NOTE,
    "Hover over a figure for its counts, its interval and its definition.",
)
MATURING = "Maturing: replies to the newest emails are still arriving, so a fall may be theirs."


@dataclass(frozen=True)
class Shown:
    """What the page is drawn from: the view, the tables of its two periods, which reply rates rank, and freshness."""

    view: View
    now: Tables
    before: Tables
    rates: Mapping[str, str]
    lead: sentiment.Lead
    fresh: str

    @property
    def lead_rate(self) -> str:
        """The rate that leads: of positive replies where enough are marked."""
        return self.rates["Replies" if self.lead == "replies" else "Positive replies"]


def cards_of(shown: Shown) -> list[rate_cards.RateCard]:
    """Return the cards of the range."""
    levels = watcher().levels()
    return calculations.rate_cards(
        shown.now.engagements,
        shown.before.engagements,
        per=shown.view.per,
        maturing=header.maturing(shown.view),
        levels=(("bounce_rate", levels.bounces_watch), ("unsubscribe_rate", levels.unsubscribes_watch)),
        facts=shown.view.facts,
        weeks=loaders.weeks(shown.view),
    )


def draw_first_screen(shown: Shown, tests: list[Experiment]) -> None:
    """Draw the cards, the weekly chart and the ranking; again every few seconds while weeks are being fetched."""
    view = shown.view
    weeks = weekly_replies.last_weeks(view)
    fill = weeks.fill()
    was_filling = fill.job.progress.running

    def draw() -> None:
        sign_in.recheck_role()
        if ranking.is_clicked() or (was_filling and not fill.job.progress.running):
            st.rerun()
        known = weeks.known()
        cards = cards_of(shown)
        lines = {
            card.rate: calculations.weekly_rates(known.engagements, weeks.spans, key, view.per)
            for key, card in zip(rate_cards.RATES, cards, strict=True)
        }
        marked = what_changed.in_words(changes.marks(view, weeks.weeks[0].start, weeks.weeks[-1].end, wait=False))
        metric_cards(cards, fresh=shown.fresh, weekly=lines, changes=marked)
        draw_goals(goals.of_scope(goals.paces(), "account"))
        left, right = st.columns([2, 3])
        with left:
            weekly_replies.draw(weeks, "overview_weeks", is_coming=was_filling, fresh=shown.fresh, opens_changes=False)
        with right, st.container(border=True, height="stretch"):
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                rows = ranking.pick_rows()
                rate = ranking.pick_rate(shown.rates, shown.lead_rate)
            if rows == "Owners":
                ranking.owners(shown.now.engagements, rate, goals.of_scope(goals.paces(), "owner"))
            else:
                replies = calculations.weeks_of_each(known.engagements, weeks.spans, "replies")
                ranking.cadences(shown.now.engagements, rate, weeks=replies, badges=badges_of(tests))

    st.fragment(draw, run_every="3s" if was_filling else None)()


def badges_of(tests: list[Experiment]) -> dict[str, list[str]]:
    """Return what else there is to know of each cadence, by name."""
    found: dict[str, list[str]] = {finding.cadence: ["alert"] for finding in watcher().known_findings() if finding.sure}
    for test in tests:
        if test.comparison.proven and not test.finished:
            found.setdefault(test.cadence, []).append("A/B decided")
    return {name: list(dict.fromkeys(badges)) for name, badges in found.items()}


def headline_of(shown: Shown, tests: list[Experiment]) -> headline.Headline:
    """Return the sentence and the chips that the verdicts carry."""
    view, now = shown.view, shown.now.engagements
    maturing = header.maturing(view)
    figures = calculations.figures(
        now, shown.before.engagements, per=view.per, facts=view.facts, weeks=loaders.weeks(view), maturing=maturing
    )
    names = set(view.names)
    found = headline.headline(
        figures,
        calculations.ranked(now, view.per, by=shown.lead),
        [finding for finding in watcher().known_findings() if finding.cadence in names],
        [test for test in tests if test.cadence in names],
        lead=shown.lead,
        maturing=maturing,
    )
    paces = goals.of_scope(goals.paces(), "account")
    return found if paces is None else headline.with_goals(found, sentence_of_goals(paces))


def account_line(engagements: pd.DataFrame) -> str:
    """Return the counts at the foot of the first screen."""
    once = totals.one_row_per_name(engagements)
    counts = {
        "emails": once["emails_sent"].sum(min_count=1),
        "added": once["prospects_added"].sum(min_count=1),
        "in cadence now": once["in_cadence_now"].sum(min_count=1),
    }
    return " · ".join(f"{format_count(count)} {label}" for label, count in counts.items())


def draw_foot(shown: Shown) -> None:
    """Draw the counts of the range, and the way to what is noted on its data."""
    now = shown.now
    notes = calculations.data_warnings(now.engagements, now.steps, now.options, shown.view.facts)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(display.plain(account_line(now.engagements)), width="content")
        if notes:
            many = "1 note" if len(notes) == 1 else f"{len(notes)} notes"
            st.page_link(SETTINGS, label=f"{many} on the data", icon=":material/info:", query_params=DATA_QUALITY)
    restated.tell(restated.of_earlier_period(shown.view, shown.view.names))


def draw_below(shown: Shown) -> None:
    """Draw what is below the fold: funnel and sentiment of the choice."""
    engagements = shown.now.engagements
    grid = st.grid("auto", min_column_width=_CHART_WIDTH)
    with grid.cell():
        stages = calculations.funnel_total(engagements, shown.view.per, shown.view.facts)
        display.chart(calculations.funnel_chart(stages, shown.view.facts), "overview_funnel", fresh=shown.fresh)
    with grid.cell():
        classes = calculations.sentiment(engagements)
        display.chart(calculations.sentiment_chart(classes, most=4), "overview_sentiment", fresh=shown.fresh)


ranking.follow_click()
chosen = filters.current()
if all_accounts.is_chosen():
    page_header("Overview", about=(periods(chosen),))
    all_accounts.draw(chosen)
    st.stop()
head, progress, waiting = st.empty(), st.container(), st.empty()
if not chosen.cadences:
    with head.container():
        page_header("Overview")
    messages.no_cadences()
    st.stop()

if not loaders.are_here(chosen.cadences, chosen.window, chosen.earlier):
    with head.container():
        page_header("Overview", about=(periods(chosen), chosen.number_text))
    with waiting.container():
        first_screen_skeleton()
with progress:
    reports, earlier = loaders.load(chosen.cadences, chosen.window, chosen.earlier)
waiting.empty()
came = header.freshness(reports)
with head.container():
    how_to_read = (*HOW_TO_READ, MATURING) if header.maturing(chosen) else HOW_TO_READ
    page_header("Overview", about=(periods(chosen), chosen.number_text, came), how_to_read=how_to_read)
messages.failures(reports, earlier)
now = loaders.tables(reports)
if now.engagements.empty:
    messages.nothing_loaded()
    st.stop()

reply_rates = {
    "Positive replies": rate_per("positive_reply_rate", chosen.per),
    "Replies": rate_per("reply_rate", chosen.per),
}
page = Shown(chosen, now, loaders.tables(earlier), reply_rates, sentiment.lead_metric(now.engagements), came)
sentence = st.empty()
known_tests = loaders.known_tests(chosen, page.lead)
is_complete = known_tests is not None and watcher().knows(everything()[0])
if is_complete:
    with sentence.container():
        draw_headline(headline_of(page, known_tests or []))
else:
    sentence.skeleton(height=60)
draw_first_screen(page, known_tests or [])
draw_foot(page)
draw_below(page)
if not is_complete:  # verdicts and alerts take calls of their own: the page is there before them
    loaders.load(everything()[0], watched_window())
    tests = loaders.tests(chosen, page.lead)
    with sentence.container():
        draw_headline(headline_of(page, tests))
