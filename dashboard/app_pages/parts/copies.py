"""Subjects and first words of a cadence's mails."""

import pandas as pd
import streamlit as st

from dashboard.app_pages.parts.show import plain


def show_copies(options: pd.DataFrame) -> None:
    """Every option of every step with its subject, template and first words, as text."""
    for step, of_step in options.groupby("step", dropna=False, sort=True):
        st.markdown(f"**Step {step}**")
        for row in of_step.astype(object).where(of_step.notna(), None).to_dict("records"):
            template = f" (template {plain(row['template'])})" if row["template"] else ""
            st.markdown(f"Option {row['option']}: {plain(row['subject'] or 'no subject reported')}{template}")
            if row["snippet"]:
                st.caption(plain(row["snippet"]))
