"""The ranking as a table: places and scores with what they rest on, the change of the rate, and what to know of it."""

from typing import Final

import pandas as pd

from dashboard.analysis import metrics
from dashboard.analysis.metrics import FIRST_STEP, METRICS, Per, format_percent
from dashboard.analysis.performance import ranking, totals
from dashboard.analysis.performance.ranking import Sort
from dashboard.analysis.performance.sentiment import Lead

_MORE: Final = ("emails_sent", "positive_replies", "prospects_added", "bounces", "unsubscribes", "in_cadence_now")


def standings(
    now: pd.DataFrame,
    earlier: pd.DataFrame,
    per: Per,
    *,
    by: Lead = "replies",
    sort: Sort = "score",
    within: str | None = None,
    weeks: pd.DataFrame | None = None,
    maturing: bool = False,
) -> pd.DataFrame:
    """Return the `engagements` of one window in their order, with the change of the ranked rate from an earlier one.

    `by` is what is ranked, `weeks` and `maturing` are those of `totals.changes`.

    Added columns: the registry's rates, those of `ranking.ranked`, interval (of the score, in words), and those of
    `totals.changes`. With `within`, each group (owner) for itself.

    Args:
        now: `engagements` of the range shown.
        earlier: those of the period it is compared with.
        per: the denominator that is asked for: prospects contacted or emails sent.
        by: what is ranked.
        sort: as in `ranking.in_order`.
        within: a column whose groups are ranked each for itself.
        weeks: as in `totals.changes`.
        maturing: as in `totals.changes`.
    """
    table = ranking.ranked(metrics.with_rates(now, "engagements"), per, within=within, by=by)
    table = ranking.in_order(table, sort, per, by)
    if within:
        table = table.sort_values(within, kind="stable", na_position="last")
    changes = totals.changes(now, earlier, ranking.base_rate(per, by), weeks=weeks, maturing=maturing)
    return with_interval(table).merge(changes, on="cadence", how="left")


def columns(per: Per, *, short: bool = False, by: Lead = "replies") -> list[str]:
    """Return the columns that people read, in their order; the cadence first. `short` leaves out what is not ranked
    by.

    Args:
        per: the denominator that is asked for: prospects contacted or emails sent.
        short: leave out what is not ranked by.
        by: which rate.
    """
    rate = ranking.base_rate(per, by)
    base = METRICS[rate].denominator or ""
    others = [metrics.rate_per(key, per) for key in ("positive_reply_rate", "bounce_rate", "unsubscribe_rate")]
    first = ["cadence", "position", "standing", "score", "interval", rate, by, base, "change"]
    more = [column for column in (*_MORE, *others) if column not in first]
    return first if short else [*first, *more, "owner"]


def with_interval(table: pd.DataFrame) -> pd.DataFrame:
    """Return `table` with the score's 95 % interval in words."""
    bounds = zip(table["score_low"], table["score_high"], strict=True)
    texts = [None if pd.isna(low) else f"{format_percent(low)} to {format_percent(high)}" for low, high in bounds]
    return table.assign(interval=pd.array(texts, "string"))


def notes(now: pd.DataFrame, per: Per, *, within: str | None = None, by: Lead = "replies") -> list[str]:
    """Return what a reader of the ranking of these `engagements` has to know, a sentence each.

    Args:
        now: `engagements` of the range shown.
        per: the denominator that is asked for: prospects contacted or emails sent.
        within: a column whose groups are ranked each for itself.
        by: which rate.
    """
    once = totals.one_row_per_name(now)
    metric = METRICS[ranking.base_rate(per, by)]
    counts = {"events": str(metric.numerator), "trials": str(metric.denominator)}
    told = ["The order says how the numbers stand, not why: cadences differ in whom they write to."]
    told += ranking.notes(once, **counts) if within is None else _of_groups(now, within, counts)
    return [*told, *substituted_bases(now, per)]


def substituted_bases(now: pd.DataFrame, per: Per) -> list[str]:
    """Return for which cadences first-step emails replace the prospects contacted, where rates are of these."""
    stand_in = (now["contacted_source"] == "first_email_step").fillna(value=False)
    names = now[stand_in]["cadence"].drop_duplicates().astype(str)
    if per != "contacted" or names.empty:
        return []
    return [f"Prospects contacted are not reported for {', '.join(names)}: {FIRST_STEP} stand in."]


def _of_groups(now: pd.DataFrame, within: str, counts: dict[str, str]) -> list[str]:
    named = now.assign(**{within: now[within].fillna(f"{within} not reported")})
    groups = named.drop_duplicates(["cadence", within]).groupby(within)
    few = [str(name) for name, group in groups if len(group.dropna(subset=list(counts.values()))) < ranking.FEWEST]
    told = [f"So few cadences that a ranking says little: {', '.join(few)}."] if few else []
    return [f"Places and averages are each {within}'s own.", *told]
