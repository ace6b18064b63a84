"""Ranking cadences by what their counts support, not by the luckiest raw rate (STATISTICS.md §5)."""

import numpy as np
import pandas as pd

from dashboard.analysis.shrinkage import fit

EARNED = 0.95
LITTLE_SPREAD = 0.18
FEWEST = 5


def rank(frame: pd.DataFrame, *, events: str, trials: str) -> pd.DataFrame:
    """`frame` with score, low, high, position and label added; rows and their order stay.

    `score` is the rate drawn towards the mean of all rows, `low`–`high` its 95 % interval, `position` 1 for the
    best. `label` is “above average” or “below average” only where that is at least 95 % sure, else “average, or
    not known yet”; rows without trials, or with more events than trials, have no score and the label “no data”.
    """
    from scipy.stats import beta  # noqa: PLC0415  # slow to import

    x = frame[events].astype("Float64").to_numpy(float, na_value=np.nan)
    n = frame[trials].astype("Float64").to_numpy(float, na_value=np.nan)
    usable = (n > 0) & (x <= n)
    shrunk = fit(x[usable], n[usable])
    a, b = shrunk.alpha + x, shrunk.beta + n - x
    score = np.where(usable, a / (a + b), np.nan)
    above = np.where(usable, beta.sf(shrunk.m, a, b), np.nan)
    label = np.select(
        [~usable, above >= EARNED, above <= 1 - EARNED],
        ["no data", "above average", "below average"],
        default="average, or not known yet",
    )
    ranked = frame.assign(
        score=pd.array(score, "Float64"),
        low=pd.array(np.where(usable, beta.ppf(0.025, a, b), np.nan), "Float64"),
        high=pd.array(np.where(usable, beta.ppf(0.975, a, b), np.nan), "Float64"),
        label=pd.array(label, "string"),
    )
    return ranked.assign(position=ranked["score"].rank(ascending=False, method="min").astype("Int64"))


def notes(frame: pd.DataFrame, *, events: str, trials: str) -> list[str]:
    """What a reader of the ranking has to know: too few cadences, or little real difference between them."""
    usable = frame[(frame[trials] > 0) & (frame[events] <= frame[trials])]
    found = []
    if len(usable) < FEWEST:
        found.append(f"Only {len(usable)} cadences have data: a ranking of so few says little.")
    if len(usable) >= 2 and fit(usable[events].tolist(), usable[trials].tolist()).spread < LITTLE_SPREAD:
        found.append("The cadences differ little beyond chance; treat neighbours in the ranking as equal.")
    return found
