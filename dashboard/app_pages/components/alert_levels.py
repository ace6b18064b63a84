"""The levels of alerts, and from where on a further step costs too much: forms of those who may change settings."""

import streamlit as st

from dashboard.analysis.metrics import METRICS
from dashboard.analysis.watch_list import watch_list
from dashboard.app_pages.session import sign_in, step_cost
from dashboard.app_pages.session.watch_list import watcher
from dashboard.data.roles import Role


def levels_form() -> None:
    """Draw the levels, which hold for everyone who sees this account; a sentence for those who may not change them."""
    levels = watcher().levels()
    if not sign_in.current().may(Role.ADMIN):
        st.markdown(levels.in_words)
        return
    with st.form("watch_levels_form", border=False, enter_to_submit=False):
        picked: dict[str, float] = {}
        for events, place in zip(watch_list.WATCHED, st.columns(2), strict=True):
            place.markdown(f"**{METRICS[events].label}**")
            for name, value in zip(("watch", "act"), levels.of(events), strict=True):
                picked[f"{events}_{name}"] = place.number_input(
                    f"{name.capitalize()} from, %",
                    min_value=0.01,
                    max_value=99.0,
                    value=100 * value,
                    step=0.1,
                    format="%.2f",
                    key=f"watch_level_{events}_{name}",
                )
        st.caption("The defaults are the field's convention, not a rule of the mailbox providers.")
        saved = st.form_submit_button("Save for everyone", type="primary")
    if saved:
        _save(watch_list.Levels(**{name: round(value / 100, 6) for name, value in picked.items()}))


def step_cost_form() -> None:
    """Draw how many emails a positive reply may take before the ladder of a cadence says so."""
    limit = step_cost.step_cost()
    if not sign_in.current().may(Role.ADMIN):
        st.markdown(f"A step is marked from {limit:,} emails for a positive reply on.")
        return
    with st.form("step_cost_form", border=False, enter_to_submit=False):
        picked = st.number_input(
            "Emails for a positive reply, at most",
            min_value=step_cost.LOWEST,
            max_value=step_cost.HIGHEST,
            value=limit,
            step=10,
            key=f"step_cost_{limit}",
            help="On a cadence's page, steps from which on a positive reply takes more emails are marked.",
        )
        saved = st.form_submit_button("Save for everyone", type="primary")
    if saved and sign_in.may_now(Role.ADMIN):
        step_cost.set_step_cost(int(picked))
        st.rerun()


def _save(levels: watch_list.Levels) -> None:
    if levels.problem:
        st.error(levels.problem, icon=":material/tune:")
    elif sign_in.may_now(Role.ADMIN):
        watcher().set_levels(levels)
        st.rerun()
