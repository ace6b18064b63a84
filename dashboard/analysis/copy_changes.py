"""Changes of an option's copy, as the daily counts of a history show them."""

from typing import Final

import pandas as pd

from dashboard.analysis.ab_tests.experiments import COPY

_OPTION: Final = ["cadence", "step", "option"]
COLUMNS: Final = (*_OPTION, "day", "field", "before", "after")


def copy_changes(days: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each text of an option that is another one than on the last day with emails.

    Args:
        days: cadence, step, option, day, template, subject, snippet, emails_sent (`History.option_days`).

    Returns:
        Columns cadence, step, option, day (the first with the new text), field (template, subject, snippet), before,
        after; by day. A text that is not reported on a day changes nothing.
    """
    sent = days[(days["emails_sent"] > 0).fillna(value=False).astype(bool)].dropna(subset=["step", "option"])
    sent = sent.sort_values([*_OPTION, "day"], kind="stable")
    parts = []
    for field in COPY:
        known = sent.dropna(subset=[field])
        before = known.groupby(_OPTION, sort=False)[field].shift()
        changed = (before.notna() & (before != known[field])).fillna(value=False).astype(bool)
        part = known[changed].assign(field=field, before=before[changed], after=known[field][changed])
        parts.append(part[list(COLUMNS)])
    found = pd.concat(parts, ignore_index=True).astype(dict.fromkeys(("field", "before", "after"), "string"))
    return found.sort_values(["day", *_OPTION, "field"], kind="stable", ignore_index=True)
