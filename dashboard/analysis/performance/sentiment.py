"""Sentiment of replies: positive, negative, unmarked, and what Klenty did not report."""

from typing import Final, Literal

import pandas as pd

from dashboard.analysis.metrics import as_int

Lead = Literal["replies", "positive_replies"]

ENOUGH_MARKED: Final = 0.7
CLASSES: Final = ("positive", "negative", "unmarked", "not_reported")
LABELS: Final = {
    "positive": "Positive",
    "negative": "Negative",
    "unmarked": "Unmarked",
    "not_reported": "Not reported",
}
TOTAL_NAME: Final = "All chosen cadences"

_TYPES: Final = {
    "cadence": "string",
    "sentiment": "string",
    "count": "Int64",
    "replies": "Int64",
    "share": "Float64",
    "coverage": "Float64",
}


def sentiment(engagements: pd.DataFrame) -> pd.DataFrame:
    """Return four rows per cadence, one for each of `CLASSES`.

    Columns: cadence, sentiment, count, replies, share (count ÷ replies, a fraction), coverage (replies marked ÷
    replies). *unmarked* is replies − positive − negative and needs all three; *not_reported* is the rest that no
    reported class explains, 0 when all were reported, empty when even the replies are unknown. Where more replies
    are marked than were received the unmarked are below zero, and no class has a share.
    """
    rows: list[dict[str, object]] = []
    for row in engagements[["cadence", "replies", "positive_replies", "negative_replies"]].itertuples(index=False):
        counts = [as_int(value) for value in (row.replies, row.positive_replies, row.negative_replies)]
        rows += _classes(str(row.cadence), *counts)
    return _frame(rows)


def lead_metric(counts: pd.DataFrame) -> Lead:
    """Return which replies decide: positive ones where at least 70 % of the replies are marked, else all replies.

    Args:
        counts: Rows with replies, positive_replies and negative_replies, of cadences or options; rows that do not
            report all three are left out, and cadences that share a name count once.
    """
    once = counts.drop_duplicates("cadence") if "cadence" in counts and "option" not in counts else counts
    known = once[["replies", "positive_replies", "negative_replies"]].dropna()
    replies, marked = int(known["replies"].sum()), int(known[["positive_replies", "negative_replies"]].sum().sum())
    return "positive_replies" if replies and marked >= ENOUGH_MARKED * replies else "replies"


def with_total(classes: pd.DataFrame) -> pd.DataFrame:
    """Return `classes` with four rows on top for all cadences together, when there are several.

    The sums are over the cadences that report replies, positive and negative ones, each name counted once; with
    none of that kind the frame comes back as it is.
    """
    if classes["cadence"].nunique() < 2:
        return classes
    wide = classes.drop_duplicates(["cadence", "sentiment"]).pivot_table(
        index="cadence", columns="sentiment", values="count", aggfunc="first", dropna=False, sort=False
    )
    wide = wide.reindex(columns=list(CLASSES))
    replies = classes.drop_duplicates("cadence").set_index("cadence")["replies"]
    full = wide[["positive", "negative", "unmarked"]].dropna().index
    if full.empty:
        return classes
    sums = [int(replies[full].sum()), int(wide.loc[full, "positive"].sum()), int(wide.loc[full, "negative"].sum())]
    return pd.concat([_frame(_classes(TOTAL_NAME, *sums)), classes], ignore_index=True)


def _classes(name: str, replies: int | None, positive: int | None, negative: int | None) -> list[dict[str, object]]:
    unmarked = None
    unknown = None
    coverage = None
    if replies is not None:
        known = [count for count in (positive, negative) if count is not None]
        rest = replies - sum(known)
        if len(known) == 2:
            unmarked, unknown = rest, 0
            coverage = sum(known) / replies if replies > 0 else None
        else:
            unknown = max(rest, 0)
    counts = dict(zip(CLASSES, (positive, negative, unmarked, unknown), strict=True))
    fits = replies is not None and replies > 0 and sum(count or 0 for count in counts.values()) == replies
    proper = fits and all(count is None or count >= 0 for count in counts.values())
    return [
        {
            "cadence": name,
            "sentiment": kind,
            "count": count,
            "replies": replies,
            "share": count / replies if proper and replies and count is not None else None,
            "coverage": coverage,
        }
        for kind, count in counts.items()
    ]


def _frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(_TYPES)).astype(_TYPES)
