"""Subjects and first words of a cadence's mails."""

import pandas as pd
import streamlit as st

from dashboard.analysis import metrics
from dashboard.analysis.performance import step_value, subjects
from dashboard.app_pages.components.display import plain


def steps_of_one(steps: pd.DataFrame, options: pd.DataFrame) -> pd.DataFrame:
    """The steps of one cadence with their rates, what each further one brought, and their subjects."""
    rated = metrics.with_rates(steps.drop_duplicates("step"), "steps")
    return subjects.with_subjects(step_value.with_step_value(rated), options)


def show_copies(options: pd.DataFrame) -> None:
    """Every option of every step with its subject, template and first words, as text, one click away."""
    fold = st.expander(
        "Subject and first words of every step", icon=":material/subject:", key="copies", on_change="rerun"
    )
    if not fold.open:
        return
    with fold:
        _copies(options.drop_duplicates(["step", "option"]))


def _copies(options: pd.DataFrame) -> None:
    for step, of_step in options.groupby("step", dropna=False, sort=True):
        st.markdown(f"**Step {step}**")
        for row in of_step.astype(object).where(of_step.notna(), None).to_dict("records"):
            template = f" (template {plain(row['template'])})" if row["template"] else ""
            st.markdown(f"Option {row['option']}: {plain(row['subject'] or 'no subject reported')}{template}")
            if row["snippet"]:
                st.caption(plain(row["snippet"]))
