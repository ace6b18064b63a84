"""The same copy in several cadences against the other copies of its steps: a good list does not flatter a bad mail.

Mails of a step go to people of one cadence, so only options of the same step of the same cadence are compared
directly; what they show is pooled over cadences (Mantel–Haenszel). This is an interval for looking at once. It is
no verdict: those stay valid however often one looks (`analysis.verdicts`).
"""

from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.meta_analysis import combine_effects, effectsize_2proportions

from dashboard.analysis.ab_tests.options import used_options
from dashboard.analysis.stats.proportions import Floats

By = Literal["template", "subject"]
Events = Literal["replies", "positive_replies"]

FEWEST_CADENCES: Final = 2
FEWEST_EVENTS: Final = 10  # below, the interval is not what it says
DIFFERS: Final = 0.01  # p of the test of equal odds ratios below which cadences are said to disagree
_PLACE: Final = ["cadence", "step"]
_TYPES: Final = {
    "copy": "string",
    "cadences": "Int64",
    "emails_sent": "Int64",
    "events": "Int64",
    "strata": "Int64",
    "compared_emails": "Int64",
    "compared_events": "Int64",
    "other_emails": "Int64",
    "other_events": "Int64",
    "odds_ratio": "Float64",
    "odds_ratio_low": "Float64",
    "odds_ratio_high": "Float64",
    "risk_ratio": "Float64",
    "note": "string",
}
ALONE: Final = "cannot be compared: no other copy was sent in the same step of any of its cadences"
TOO_LITTLE: Final = "too little data: fewer than 10 events in what is compared"
ONE_SIDED: Final = "cannot be compared yet: no events on one side, or nothing but events"
DISAGREE: Final = "cadences disagree: look at each"


def copies(options: pd.DataFrame, *, by: By, events: Events = "replies") -> pd.DataFrame:
    """Return one row per copy that at least two cadences sent, most sent first, from the `options` frame of one window.

    Columns: copy, cadences, emails_sent and events (all of it); strata (steps of cadences in which another copy was
    sent beside it), compared_emails, compared_events, other_emails, other_events (what is compared); odds_ratio with
    its 95 % interval and risk_ratio, pooled over the strata; note. The ratios are empty where nothing can be
    compared; the note says why. Options without the text, without mails, or with more events than mails are left
    out; cadences that share a name count once.

    Args:
        options: the tidy frame of one window.
        by: what makes two copies the same.
        events: which replies count.
    """
    used = _usable(options, by, events)
    spread = used.groupby("copy")["cadence"].nunique()
    rows = [_row(str(copy), used) for copy in spread[spread >= FEWEST_CADENCES].index]
    table = pd.DataFrame(rows, columns=list(_TYPES)).astype(_TYPES)
    return table.sort_values(["emails_sent", "copy"], ascending=[False, True], ignore_index=True)


def has_comparison(options: pd.DataFrame, *, by: By) -> bool:
    """Return whether a copy that several cadences use was sent next to another copy in any of their steps."""
    return bool((copies(options, by=by)["strata"] > 0).any())


def places(options: pd.DataFrame, copy: str, *, by: By, events: Events = "replies") -> pd.DataFrame:
    """Return where a copy was sent: cadence, step, its emails_sent and events, and other_emails, other_events of the
    step's other copies (0 where there are none).

    Args:
        options: the tidy frame of one window.
        copy: as `copies` names it.
        by: what makes two copies the same.
        events: which replies count.
    """
    return _strata(copy, _usable(options, by, events))


def _usable(options: pd.DataFrame, by: By, events: Events) -> pd.DataFrame:
    used = used_options(options).drop_duplicates([*_PLACE, "option"])
    used = used.assign(copy=used[by].str.split().str.join(" "), events=used[events])
    proper = used["copy"].notna() & (used["copy"] != "") & (used["events"] <= used["emails_sent"])
    kept = used[proper.fillna(value=False).astype(bool)]
    return kept.groupby([*_PLACE, "copy"], sort=False)[["emails_sent", "events"]].sum().reset_index()


def _strata(copy: str, used: pd.DataFrame) -> pd.DataFrame:
    own = used[used["copy"] == copy].drop(columns="copy")
    others = used[used["copy"] != copy].groupby(_PLACE)[["emails_sent", "events"]].sum().reset_index()
    others = others.rename(columns={"emails_sent": "other_emails", "events": "other_events"})
    both = own.merge(others, on=_PLACE, how="left")
    return both.fillna({"other_emails": 0, "other_events": 0})


def _row(copy: str, used: pd.DataFrame) -> dict[str, Any]:
    own = _strata(copy, used)
    strata = own[own["other_emails"] > 0]
    return {
        "copy": copy,
        "cadences": own["cadence"].nunique(),
        "emails_sent": own["emails_sent"].sum(),
        "events": own["events"].sum(),
        "strata": len(strata),
        "compared_emails": strata["emails_sent"].sum(),
        "compared_events": strata["events"].sum(),
        "other_emails": strata["other_emails"].sum(),
        "other_events": strata["other_events"].sum(),
        **_pooled(strata),
    }


def _pooled(strata: pd.DataFrame) -> dict[str, Any]:
    if strata.empty:
        return {"note": ALONE}
    x, n, x_other, n_other = (
        strata[name].to_numpy(float) for name in ("events", "emails_sent", "other_events", "other_emails")
    )
    if x.sum() + x_other.sum() < FEWEST_EVENTS:
        return {"note": TOO_LITTLE}
    # Without a pair of an event here and none there, in both directions, the pooled odds are 0 or infinite.
    if not (x * (n_other - x_other)).any() or not (x_other * (n - x)).any():
        return {"note": ONE_SIDED}
    # Axis 0 is this copy and the others, axis 1 with an event and without, axis 2 the strata.
    tables = np.array([[x, n - x], [x_other, n_other - x_other]])
    pooled = StratifiedTable(tables)
    low, high = pooled.oddsratio_pooled_confint()
    return {
        "odds_ratio": float(pooled.oddsratio_pooled),
        "odds_ratio_low": float(low),
        "odds_ratio_high": float(high),
        "risk_ratio": float(pooled.riskratio_pooled),
        "note": DISAGREE if _disagree(x, n, x_other, n_other) else "",
    }


def _disagree(x: Floats, n: Floats, x_other: Floats, n_other: Floats) -> bool:
    """Return whether the strata's odds ratios differ by more than chance: Cochran's Q over their logarithms.

    Not Breslow and Day's test: it is undefined where the pooled ratio is just 1, which opposite cadences can make.
    """
    if len(x) < 2:
        return False
    with np.errstate(all="ignore"):  # its random-effects part, unused here, divides by a variance of 0
        sizes = effectsize_2proportions(x, n, x_other, n_other, statistic="odds-ratio", zero_correction=0.5)
        return bool(combine_effects(*sizes, method_re="dl").test_homogeneity().pvalue < DIFFERS)
