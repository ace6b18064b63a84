"""The classical tests of a step's options, valid only for someone who looks once (docs/statistics.md)."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency, fisher_exact
from statsmodels.stats.multitest import multipletests

from dashboard.analysis.ab_tests.verdicts import StepCounts

_TOO_MANY_FOR_FISHER = 1_000_000


@dataclass(frozen=True, eq=False)
class FixedHorizonTest:
    """`test` names the test of all options together and `p` its p-value; `pairs` holds every two of them: option,
    against, p, p_adjusted (Holm). None and an empty frame where there is nothing to test."""

    test: str
    p: float | None
    pairs: pd.DataFrame


def fixed_horizon_test(counts: StepCounts) -> FixedHorizonTest:
    """Test whether the options that sent mails differ, as if nobody had looked before."""
    places = np.flatnonzero(counts.eligible)
    table = np.stack([counts.events[places], (counts.sent - counts.events)[places]], axis=1)
    test = "Fisher's exact test" if len(places) == 2 else "chi-square test"
    p = _p(table)
    found = [
        (counts.options[places[a]], counts.options[places[b]], _p(table[[a, b]]))
        for a, b in combinations(range(len(places)), 2)
    ]
    pairs = pd.DataFrame(found, columns=["option", "against", "p"]).dropna()
    return FixedHorizonTest(test, p, pairs.assign(p_adjusted=_holm(pairs["p"].tolist())))


def _p(table: "np.typing.NDArray[np.float64]") -> float | None:
    """Return the p-value of a table options × (events, rest); None when there was no event, or nothing else."""
    if len(table) < 2 or (table.sum(axis=0) == 0).any():
        return None
    if len(table) == 2 and table.sum() <= _TOO_MANY_FOR_FISHER:
        return float(fisher_exact(table.astype(int)).pvalue)
    return float(chi2_contingency(table).pvalue)


def _holm(p: list[float]) -> list[float]:
    return [float(value) for value in multipletests(p, method="holm")[1]] if p else []
