"""How the page of data health shows a kind of finding, and the sums side by side."""

import pandas as pd
import streamlit as st

from dashboard.analysis.data_quality import findings as health
from dashboard.analysis.data_quality import reconcile
from dashboard.analysis.data_quality.checks import DataWarning
from dashboard.analysis.data_quality.findings import Group, findings_frame
from dashboard.app_pages.components import display
from dashboard.app_pages.session.loaders import Answers, tables
from dashboard.app_pages.session.memo import cached
from dashboard.data import answer_checks
from dashboard.data.account_check.facts import AccountFacts

_ICONS = {"warning": ":material/warning:", "info": ":material/info:"}


@cached
def found_in(answers: Answers, facts: AccountFacts) -> tuple[DataWarning, ...]:
    """Return everything odd in these answers, as `health.findings` names it."""
    now, reports = tables(answers.reports), answers.reports
    percents, reading = answer_checks.percents_frame(reports), answer_checks.reading_frame(reports)
    return tuple(health.findings(now.engagements, now.steps, now.options, percents, reading, facts))


@cached
def whereabouts_of(answers: Answers) -> pd.DataFrame:
    """Return where the prospects added are, a cadence a row (`reconcile.prospects`)."""
    created = {report.cadence.id or "": report.cadence.created for report in answers.reports}
    return reconcile.prospects(tables(answers.reports).engagements, created)


def concern(group: Group) -> None:
    """Draw one kind of finding: how many cadences, what to do, and each finding in its fold."""
    many = "1 cadence" if group.cadences == 1 else f"{group.cadences} cadences"
    code = group.findings[0].code
    fold = st.expander(
        f"{group.concern.title}: {many}", icon=_ICONS[group.severity], key=f"health_{code}", on_change="rerun"
    )
    if not fold.open:
        return
    with fold:
        st.markdown(group.concern.what_to_do)
        findings = findings_frame(group.findings)
        st.dataframe(
            findings,
            key=f"health_{code}_table",
            hide_index=True,
            column_order=["cadence", "step", "option", "finding"],
            column_config=display.column_config(findings.columns) | _FINDING,
            placeholder="",
            alt=f"{group.concern.title}: {len(group.findings)} findings",
        )


_FINDING = {"finding": st.column_config.TextColumn("Finding", width="large")}


def agreement(sums: pd.DataFrame) -> None:
    """Draw each count as the cadence, its steps and its options tell it; those that differ unless all are wanted."""
    counted = sums["agreement"].value_counts()
    differ = int(counted.get("differ", 0))
    st.markdown(
        f"{int(counted.get('agree', 0))} counts agree, {differ} differ, {int(counted.get('not comparable', 0))} came "
        "only once."
    )
    everything = st.toggle("Show those that agree too", key="health_all")
    shown = sums if everything else sums[sums["agreement"] == "differ"]
    if len(shown):
        st.dataframe(
            shown,
            key="health_sums",
            hide_index=True,
            column_order=["cadence", "label", "cadence_answer", "sum_of_steps", "sum_of_options", "agreement"],
            column_config=display.column_config(shown.columns) | _SUM_COLUMNS,
            placeholder="–",
            alt=f"{len(shown)} counts as the cadence, its steps and its options tell them",
        )
    display.download(sums, key="health_sums_csv", name="reconciliation")


_SUM_COLUMNS = {
    "label": st.column_config.TextColumn("Count"),
    "cadence_answer": st.column_config.NumberColumn("Cadence", format="localized"),
    "sum_of_steps": st.column_config.NumberColumn("Sum of steps", format="localized"),
    "sum_of_options": st.column_config.NumberColumn("Sum of options", format="localized"),
    "agreement": st.column_config.TextColumn("Agreement"),
}


def whereabouts(prospects: pd.DataFrame) -> None:
    """Say where the prospects added are, a cadence a row, with what Klenty's answer leaves open."""
    st.dataframe(
        prospects,
        key="health_prospects",
        hide_index=True,
        column_order=[
            "cadence", "prospects_added", "in_cadence_now", "completed", "replies", "bounces", "unsubscribes",
            "unexplained", "whole_life",
        ],
        column_config=display.column_config(prospects.columns) | _PROSPECT_COLUMNS,
        placeholder="–",
        alt=f"Where the prospects added to {len(prospects)} cadences are",
    )  # fmt: skip
    display.download(prospects, key="health_prospects_csv", name="prospects")


_PROSPECT_COLUMNS = {
    "unexplained": st.column_config.NumberColumn(
        "Not explained",
        format="localized",
        help="Added − in cadence now − completed − replies − bounced − unsubscribed.",
    ),
    "whole_life": st.column_config.TextColumn(
        "Whole life",
        help="Whether the range covers the cadence's whole life. Only then the rest is a number of people.",
    ),
}
