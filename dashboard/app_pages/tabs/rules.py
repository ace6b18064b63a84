"""The rules of A/B verdicts, the levels of alerts and the cost of a step, for those who may change them."""

import streamlit as st

from dashboard.app_pages.components import alert_levels
from dashboard.app_pages.session import verdict_rules
from dashboard.app_pages.session.filters import View


def draw(_view: View) -> None:
    """Draw what is in force and the forms that change it."""
    st.header("A/B verdicts", anchor=False)
    verdict_rules.changed()
    verdict_rules.settings()
    st.header("Levels of alerts", anchor=False)
    alert_levels.levels_form()
    st.header("Cost of a further step", anchor=False)
    alert_levels.step_cost_form()
