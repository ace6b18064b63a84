"""The ranking of the overview: one table of cadences or of their owners, its order, and what to know about it."""

from typing import Final

import pandas as pd
import streamlit as st

from dashboard.analysis.metrics import METRICS, Per
from dashboard.analysis.performance import ranking, ranking_table, sentiment
from dashboard.analysis.performance.ranking import Sort
from dashboard.analysis.performance.sentiment import Lead
from dashboard.app_pages.components import display, header
from dashboard.app_pages.session import loaders, trend_windows
from dashboard.app_pages.session.filters import View
from dashboard.app_pages.session.memo import made
from dashboard.charts import ranking_chart

_SORTS: Final[dict[str, Sort]] = {"Score": "score", "Raw rate": "raw", "Proven so far": "proven"}
_CADENCES, _WITHIN, _OWNERS = "All cadences", "Within each owner", "Owners"


def render(now: pd.DataFrame, earlier: pd.DataFrame, view: View, fresh: str) -> str | None:
    """Draw the ranking of the `engagements` of the shown window, with the change from the earlier one.

    Returns the name of the cadence whose row was picked, if any.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        group = _choice("Rank", [_CADENCES, _WITHIN, _OWNERS], "rank")
        sort = _SORTS[_choice("Order by", list(_SORTS), "sort")]
    by = made(sentiment.lead_metric, now)
    rate = ranking.base_rate(view.per, by)
    if group == _OWNERS:
        _owners(now, view.per, by, sort, fresh)
        return None
    within = "owner" if group == _WITHIN else None
    table = made(
        ranking_table.standings,
        now,
        earlier,
        view.per,
        by=by,
        sort=sort,
        within=within,
        weeks=loaders.weeks(view),
        maturing=header.maturing(view),
    )
    picked = display.pick_row(
        table,
        columns=_columns(view.per, by, within),
        key="overview_table",
        name="ranking",
        fresh=fresh,
        beside=trend_windows.sparks(view),
    )
    _say(made(ranking_table.notes, now, view.per, within=within, by=by))
    mean = None if within else made(ranking.average, now, view.per, by)
    drawn = made(ranking_chart, table, rate, within=within, average=mean)
    display.chart(drawn, "overview_ranking", numbers=False, fresh=fresh)
    return picked


def _choice(label: str, options: list[str], key: str) -> str:
    picked = st.segmented_control(
        label, options, default=options[0], required=True, key=key, bind="query-params", help=_HELP[key]
    )
    return picked or options[0]


_HELP: Final = {
    "rank": "Cadences of one owner reach similar people more often than those of all owners do, so comparing within "
    "each owner compares like with like.",
    "sort": "Score: what the counts support. Raw rate: as it is, however few the counts. Proven so far: the lower end "
    "of the score's interval.",
}


def _columns(per: Per, by: Lead, within: str | None) -> list[str]:
    columns = ranking_table.columns(per, by=by)
    columns.insert(columns.index("change") + 1, trend_windows.SPARKS)
    if within is not None:
        columns.remove("owner")
        columns.insert(1, "owner")
    return [*columns, "fetched_at"]


def _owners(now: pd.DataFrame, per: Per, by: Lead, sort: Sort, fresh: str) -> None:
    table, rate = made(_ranked_owners, now, per, by, sort), ranking.base_rate(per, by)
    base = METRICS[rate].denominator or ""
    columns = ["position", "owner", "standing", "score", "interval", rate, by, base, "cadences"]
    display.table(table, key="overview_owners", name="owners", columns=columns, fresh=fresh)
    _say(made(_about_owners, now, table, per, by))
    drawn = made(ranking_chart, table, rate, by="owner", average=made(ranking.average, table, per, by))
    display.chart(drawn, "overview_ranking", numbers=False, fresh=fresh)


def _ranked_owners(now: pd.DataFrame, per: Per, by: Lead, sort: Sort) -> pd.DataFrame:
    return ranking_table.with_interval(ranking.in_order(ranking.owners(now, per, by), sort, per, by))


def _about_owners(now: pd.DataFrame, table: pd.DataFrame, per: Per, by: Lead) -> list[str]:
    base = METRICS[ranking.base_rate(per, by)].denominator or ""
    notes = [
        *ranking.notes(table, events=by, trials=base, noun="owner"),
        *ranking_table.substituted_bases(now, per),
    ]
    shared = ranking.shared_names(now)
    if shared:
        notes.append(f"Left out, because several owners share the name: {', '.join(shared)}.")
    return ["Sums over an owner's cadences: a person in two of them counts twice.", *notes]


def _say(notes: list[str]) -> None:
    st.caption(display.plain(" ".join(notes)))
