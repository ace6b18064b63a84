"""One cadence: its figures, its steps as a ladder, and below them funnel, sentiment and who left."""

from dataclasses import replace

import streamlit as st

from dashboard.app_pages.action_forms.cadence_buttons import cadence_buttons
from dashboard.app_pages.components import (
    ab_test_list,
    cadence_head,
    cadence_tests,
    display,
    figure_line,
    header,
    messages,
    restated,
    step_ladder,
    weekly_replies,
)
from dashboard.app_pages.components.step_copy import steps_of_one
from dashboard.app_pages.session import calculations, filters, loaders
from dashboard.app_pages.session.step_cost import step_cost

STEP_COLUMNS = [
    "step", "step_type", "subject", "emails_sent", "opens", "opens_per_email", "clicks", "replies", "reply_rate",
    "positive_replies", "positive_reply_rate", "negative_replies", "emails_per_positive_reply", "completed", "tasks",
    "calls", "completed_calls",
]  # fmt: skip

view = filters.current()
if not view.cadences:
    st.title("Cadence")
    messages.no_cadences()
    st.stop()

chosen = cadence_head.pick(view)
reports, earlier = loaders.load(chosen, view.window, view.earlier)
now, before = loaders.tables(reports), loaders.tables(earlier)
fresh = header.freshness(reports)
cadence_head.about(reports, calculations.data_warnings(now.engagements, now.steps, now.options, view.facts))
messages.failures(reports, earlier)
name = str(chosen[0].name)
figures, actions = st.columns([2, 1], vertical_alignment="center")
with actions:
    cadence_buttons(name)
revised = restated.of_earlier_period(view, [name])
if not now.engagements.empty:
    with figures:
        figure_line.show(replace(view, cadences=chosen), now, before, fresh)

if now.steps.empty:
    messages.no_steps(reports[0])
    st.stop()
steps = steps_of_one(now.steps, now.options)
shown = st.session_state.get("steps_as", "Ladder")
if shown == "Table":
    st.header("Steps", anchor=False)
    display.table(steps, key="cadence_every_step", name="steps", columns=STEP_COLUMNS, fresh=fresh)
else:
    costly = calculations.costly_steps(now.steps, step_cost())
    places = step_ladder.show(calculations.step_ladder(steps), now.options, costly, step_cost(), fresh)

st.segmented_control(
    "Steps as", ["Ladder", "Table"], default="Ladder", required=True, key="steps_as", label_visibility="collapsed"
)
if not now.engagements.empty:
    # Cadences that share the name share the answer, so it is drawn once.
    answer = calculations.one_row_per_name(now.engagements)
    reach, feeling, weeks = st.tabs(
        ["Funnel and who left", "Sentiment", "Replies per week"], key="cadence_tabs", on_change="rerun"
    )
    stages = calculations.funnel(answer, view.per, view.facts)
    if reach.open:
        with reach:
            display.chart(calculations.funnel_chart(stages, view.facts), "cadence_funnel", border=False, fresh=fresh)
    if feeling.open:
        with feeling:
            drawn = calculations.sentiment_chart(calculations.sentiment(answer))
            display.chart(drawn, "cadence_sentiment", border=False, fresh=fresh)
    if weeks.open:
        with weeks:
            weekly_replies.show(replace(view, cadences=chosen), "cadence_weeks", fresh)

restated.tell(revised)

# The verdicts may still have to be asked for; the page above is complete without them.
if shown == "Ladder":
    lives = loaders.load_all_lifetimes(view)
    tests = loaders.evaluated_for_page(lives)[ab_test_list.events(lives.options)]
    cadence_tests.fill(places, [item for item in tests if item.cadence == name])
