"""Ranking cadences by what their counts support, not by the luckiest raw rate (docs/statistics.md).

Cadences are not assigned to people at random, so a place says how the numbers stand and never why.
"""

from typing import Final, Literal

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from scipy.stats import beta

from dashboard.analysis.metrics import METRICS, Per, rate_per
from dashboard.analysis.performance.sentiment import Lead
from dashboard.analysis.stats.proportions import Floats
from dashboard.analysis.stats.shrinkage import Shrinkage, fit

EARNED: Final = 0.95
TIMES_AVERAGE: Final = 1.1  # a label says "at least a tenth above the average"
LABEL_WORDS: Final = {
    "above average": "surely at least a tenth above the average",
    "below average": "surely at least a tenth below the average",
}
EARNED_LABELS: Final = tuple(LABEL_WORDS)
LITTLE_SPREAD: Final = 0.18
FEWEST: Final = 5

Sort = Literal["score", "raw", "proven"]
RANKED: Final = ("score", "score_low", "score_high", "position", "standing", "ranked_by")


def rank(frame: pd.DataFrame, *, events: str, trials: str) -> pd.DataFrame:
    """Return `frame` with score, low, high, position and label added; rows and their order stay.

    `score` is the rate drawn towards the mean of all rows, `low`–`high` its 95 % interval, `position` 1 for the
    best. `label` is "above average" or "below average" only where the rate is at least a tenth above or below the
    mean with 95 % certainty, that of the mean included, and where the rows differ at all (`LITTLE_SPREAD`); else it is
    "average, or not known yet". Rows without trials ("no data") or with more events than trials ("over 100 %") have
    no score.

    Args:
        frame: one row per thing to rank.
        events: column of the numerator.
        trials: column of the denominator.
    """
    x, n = _numbers(frame[events]), _numbers(frame[trials])
    usable = (n > 0) & (x >= 0) & (x <= n)
    shrunk = fit(x[usable], n[usable])
    # The others have no score; these parameters only keep them out of the arithmetic.
    a = np.where(usable, shrunk.alpha + x, 1.0)
    b = np.where(usable, shrunk.beta + n - x, 1.0)
    above, below = _earned(shrunk, a, b)
    label = np.select(
        [(n > 0) & (x > n), ~usable, above, below],
        ["over 100 %", "no data", *EARNED_LABELS],
        default="average, or not known yet",
    )
    columns = {"score": a / (a + b), "low": beta.ppf(0.025, a, b), "high": beta.ppf(0.975, a, b)}
    ranked = frame.assign(
        **{name: pd.array(np.where(usable, values, np.nan), "Float64") for name, values in columns.items()},
        label=pd.array(label, "string"),
    )
    return ranked.assign(position=ranked["score"].rank(ascending=False, method="min").astype("Int64"))


def _earned(shrunk: Shrinkage, a: Floats, b: Floats) -> tuple["np.typing.NDArray[np.bool_]", ...]:
    """Return which Beta(a, b) rates are surely at least a tenth above the mean, and which a tenth below it.

    The mean is itself only known as well as the counts of all rows tell: its logit is taken as normal.
    """
    if shrunk.spread < LITTLE_SPREAD:
        return np.zeros(len(a), bool), np.zeros(len(a), bool)
    nodes, weights = np.polynomial.hermite_e.hermegauss(9)
    means = expit(logit(shrunk.m) + nodes * shrunk.logit_sd)[:, None]
    weights = weights / weights.sum()
    above = weights @ beta.sf(np.minimum(1, TIMES_AVERAGE * means), a, b)
    below = weights @ beta.cdf(means / TIMES_AVERAGE, a, b)
    return above >= EARNED, below >= EARNED


def interval_name(rows: int) -> str:
    """Return how sure the scores' intervals of a ranking of so many rows are: under five, less than they are drawn
    for."""
    return "95 %" if rows >= FEWEST else "about 80 %"


def notes(frame: pd.DataFrame, *, events: str, trials: str, noun: str = "cadence") -> list[str]:
    """Return what a reader of the ranking has to know: too few rows, little real difference between them, or none
    earned.

    Little is said when the true rates seem to vary by less than a fifth of their average; few counts leave that open,
    so where nobody is surely above or below it, that is said.

    Args:
        frame: what was ranked, with the columns of `rank`.
        events: column of the numerator.
        trials: column of the denominator.
        noun: what the rows are, in the plural.
    """
    x, n = _numbers(frame[events]), _numbers(frame[trials])
    usable = (n > 0) & (x >= 0) & (x <= n)
    number = int(usable.sum())
    found = []
    if number < FEWEST:
        counted = "No" if not number else f"Only {number}"
        verb = f"{noun} has" if number == 1 else f"{noun}s have"
        found.append(f"{counted} {verb} counts to rank: a ranking of so few says little.")
    if number >= 2 and fit(x[usable], n[usable]).spread < LITTLE_SPREAD:
        found.append(f"The {noun}s differ little beyond chance: treat neighbours in the ranking as equal.")
    elif number >= 2 and not rank(frame, events=events, trials=trials)["label"].isin(EARNED_LABELS).any():
        found.append(f"No {noun} is surely at least a tenth above or below the average: the whole order may be chance.")
    return found


def base_rate(per: Per, by: Lead = "replies") -> str:
    """Return the rate that is ranked: replies, or positive replies, over the chosen denominator."""
    return rate_per("positive_reply_rate" if by == "positive_replies" else "reply_rate", per)


def ranked(engagements: pd.DataFrame, per: Per, *, within: str | None = None, by: Lead = "replies") -> pd.DataFrame:
    """Return `engagements` with the columns `RANKED` for the rate of `by`, in the same order; each window for itself.

    Cadences that share a name share Klenty's answer: they count once and stand at the same place. `within` names a
    column (owner) whose groups are ranked each for itself, against their own average.

    Args:
        engagements: the tidy frame, of one window or several.
        per: the denominator that is asked for: prospects contacted or emails sent.
        within: a column whose groups are ranked each for itself.
        by: which rate.
    """
    events, trials = _parts(per, by)
    names = {"score": "score", "low": "score_low", "high": "score_high", "position": "position", "label": "standing"}
    keys = ["window_start", "window_end", *([within] if within else [])]
    parts = [
        rank(group.drop_duplicates("cadence"), events=events, trials=trials) for group in _groups(engagements, keys)
    ]
    if not parts:
        empty = rank(engagements, events=events, trials=trials).rename(columns=names)
        return _named(empty, per, by)[[*engagements.columns, *RANKED]]
    found = pd.concat(parts)[["cadence", *keys, *names]].rename(columns=names)
    return _named(engagements.merge(found, on=["cadence", *keys], how="left").set_axis(engagements.index), per, by)


def _named(table: pd.DataFrame, per: Per, by: Lead) -> pd.DataFrame:
    """Return `table` with the name of the rate that was ranked, so that a file tells it without the page."""
    return table.assign(ranked_by=pd.array([base_rate(per, by)] * len(table), "string"))


def average(table: pd.DataFrame, per: Per, by: Lead = "replies") -> float:
    """Return the mean rate that the scores of `table` are drawn towards; cadences that share a name count once.

    Args:
        table: what `ranked` returned.
        per: the denominator that is asked for: prospects contacted or emails sent.
        by: which rate.
    """
    events, trials = _parts(per, by)
    once = table.drop_duplicates("cadence") if "cadence" in table else table
    return fit(_numbers(once[events]), _numbers(once[trials])).m


def owners(engagements: pd.DataFrame, per: Per, by: Lead = "replies") -> pd.DataFrame:
    """Return one row per owner of one window: owner, cadences, the summed counts of the rate, the rate, and `RANKED`.

    Sums are over the owner's cadences that reported both counts; a person in two of them counts twice. A name that
    several owners share is left out: Klenty's answer does not tell whose it is (`shared_names`).

    Args:
        engagements: the tidy frame `engagements`, one window.
        per: the denominator that is asked for: prospects contacted or emails sent.
        by: which rate.
    """
    events, trials = _parts(per, by)
    own = engagements[~engagements["cadence"].isin(shared_names(engagements))].drop_duplicates("cadence")
    own = own.dropna(subset=[events, trials]).assign(owner=own["owner"].fillna("owner not reported"))
    sums = own.groupby("owner", sort=True).agg(
        cadences=("cadence", "size"), **{events: (events, "sum"), trials: (trials, "sum")}
    )
    table = sums.reset_index().astype({"owner": "string", "cadences": "Int64", events: "Int64", trials: "Int64"})
    rate = table[events] / table[trials].mask(table[trials] <= 0)
    table = table.assign(**{base_rate(per, by): rate.astype("Float64")})
    names = {"low": "score_low", "high": "score_high", "label": "standing"}
    return _named(rank(table, events=events, trials=trials).rename(columns=names), per, by)


def shared_names(engagements: pd.DataFrame) -> list[str]:
    """Return cadence names that belong to more than one owner."""
    owners_of = engagements.groupby("cadence", sort=False)["owner"].nunique(dropna=False)
    return [str(name) for name in owners_of[owners_of > 1].index]


def in_order(table: pd.DataFrame, sort: Sort, per: Per, by: Lead = "replies") -> pd.DataFrame:
    """Return `table` by score, by raw rate, or by what is proven so far (the lower end of the score's interval); rows
    without that number come last, in their own order.

    Args:
        table: what `ranked` returned.
        sort: score, raw rate or what is proven so far.
        per: the denominator that is asked for: prospects contacted or emails sent.
        by: which rate.
    """
    column = {"score": "score", "raw": base_rate(per, by), "proven": "score_low"}[sort]
    return table.sort_values(column, ascending=False, na_position="last", kind="stable")


def _parts(per: Per, by: Lead) -> tuple[str, str]:
    metric = METRICS[base_rate(per, by)]
    return str(metric.numerator), str(metric.denominator)


def _groups(frame: pd.DataFrame, keys: list[str]) -> list[pd.DataFrame]:
    return [group for _, group in frame.groupby(keys, sort=False, dropna=False)]


def _numbers(column: pd.Series) -> "np.typing.NDArray[np.float64]":
    return np.asarray(column.astype("Float64").to_numpy(float, na_value=np.nan), dtype=np.float64)
