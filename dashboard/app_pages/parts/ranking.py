"""The ranking of the overview: one table of cadences or of their owners, its order, and what to know about it."""

from typing import Final

import pandas as pd
import streamlit as st

from dashboard.analysis import metrics, ranking, totals
from dashboard.analysis.metrics import METRICS, Per, format_percent
from dashboard.analysis.ranking import Sort
from dashboard.app_pages.parts import show, trending
from dashboard.app_pages.parts.filters import View
from dashboard.charts import ranking_chart

_SORTS: Final[dict[str, Sort]] = {"Score": "score", "Raw rate": "raw", "Proven so far": "proven"}
_CADENCES, _WITHIN, _OWNERS = "All cadences", "Within each owner", "Owners"
_MORE: Final = ["emails_sent", "positive_replies", "prospects_added", "bounces", "unsubscribes", "in_cadence_now"]


def render(now: pd.DataFrame, later: pd.DataFrame, earlier: pd.DataFrame, view: View, fresh: str) -> str | None:
    """Draw the ranking of the `engagements` of the shown window, with the change between the two compared ones.

    Returns the name of the cadence whose row was picked, if any.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        group = _choice("Rank", [_CADENCES, _WITHIN, _OWNERS], "rank")
        sort = _SORTS[_choice("Order by", list(_SORTS), "sort")]
    rate = ranking.base_rate(view.per)
    if group == _OWNERS:
        _owners(now, view.per, sort, rate, fresh)
        return None
    within = "owner" if group == _WITHIN else None
    table = ranking.ranked(metrics.with_rates(now, "engagements"), view.per, within=within)
    table = ranking.in_order(table, sort, view.per)
    if within:
        table = table.sort_values("owner", kind="stable", na_position="last")
    changes = totals.changes(later, earlier, rate)
    table = _with_interval(table).merge(changes, on="cadence", how="left")
    picked = show.pick_row(
        table,
        columns=_columns(rate, view.per, within),
        key="overview_table",
        name="ranking",
        fresh=fresh,
        beside=trending.sparks(view),
    )
    _about(now, view.per, within)
    mean = None if within else ranking.average(now, view.per)
    show.chart(ranking_chart(table, rate, within=within, average=mean), "overview_ranking", numbers=False, fresh=fresh)
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


def _columns(rate: str, per: Per, within: str | None) -> list[str]:
    others = [metrics.rate_per(key, per) for key in ("positive_reply_rate", "bounce_rate", "unsubscribe_rate")]
    base = METRICS[rate].denominator or ""
    more = [column for column in (*_MORE, *others) if column != base]
    columns = ["position", "standing", "score", "interval", rate, "replies", base, "change", trending.SPARKS, *more]
    owner_first = within is not None
    return ["cadence", *(["owner"] if owner_first else []), *columns, *([] if owner_first else ["owner"]), "fetched_at"]


def _with_interval(table: pd.DataFrame) -> pd.DataFrame:
    bounds = zip(table["score_low"], table["score_high"], strict=True)
    texts = [None if pd.isna(low) else f"{format_percent(low)} to {format_percent(high)}" for low, high in bounds]
    return table.assign(interval=pd.array(texts, "string"))


def _owners(now: pd.DataFrame, per: Per, sort: Sort, rate: str, fresh: str) -> None:
    table = _with_interval(ranking.in_order(ranking.owners(now, per), sort, per))
    base = METRICS[rate].denominator or ""
    columns = ["position", "owner", "standing", "score", "interval", rate, "replies", base, "cadences"]
    show.table(table, key="overview_owners", name="owners", columns=columns, fresh=fresh)
    notes = ranking.notes(table, events="replies", trials=base, noun="owner")
    shared = ranking.shared_names(now)
    if shared:
        notes.append(f"Left out, because several owners share the name: {', '.join(shared)}.")
    _say(["Sums over an owner's cadences: a person in two of them counts twice.", *notes])
    mean = ranking.average(table, per)
    show.chart(ranking_chart(table, rate, by="owner", average=mean), "overview_ranking", numbers=False, fresh=fresh)


def _about(now: pd.DataFrame, per: Per, within: str | None) -> None:
    once = totals.one_row_per_name(now)
    metric = METRICS[ranking.base_rate(per)]
    counts = {"events": str(metric.numerator), "trials": str(metric.denominator)}
    notes = ranking.notes(once, **counts) if within is None else _of_groups(now, within, counts)
    stand_in = once[(once["contacted_source"] == "first_email_step").fillna(value=False)]["cadence"].astype(str)
    if per == "contacted" and len(stand_in):
        names = ", ".join(stand_in)
        notes.append(f"Prospects contacted are not reported for {names}: the emails of the first step stand in.")
    _say(["The order says how the numbers stand, not why: cadences differ in whom they write to.", *notes])


def _of_groups(now: pd.DataFrame, within: str, counts: dict[str, str]) -> list[str]:
    named = now.assign(**{within: now[within].fillna(f"{within} not reported")})
    groups = named.drop_duplicates(["cadence", within]).groupby(within)
    few = [str(name) for name, group in groups if len(group.dropna(subset=list(counts.values()))) < ranking.FEWEST]
    told = [f"So few cadences that a ranking says little: {', '.join(few)}."] if few else []
    return [f"Places and averages are each {within}'s own.", *told]


def _say(notes: list[str]) -> None:
    st.caption(show.plain(" ".join(notes)))
