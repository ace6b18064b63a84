"""Rates of several groups drawn towards what they have in common: a beta-binomial fit (STATISTICS.md §5)."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from dashboard.analysis.stats.proportions import Floats

_SMALLEST_K, _LARGEST_K = 0.5, 500.0
_USUAL_LOG_K = math.log(10)  # K counts the mean's worth of events, as PRIOR_EVENTS does for options
_USUAL_LOGIT_M = math.log(0.04 / 0.96)


@dataclass(frozen=True)
class Shrinkage:
    """The fit: mean rate `m`, and `k`, how many events' worth of weight that mean carries in every group."""

    m: float
    k: float

    @property
    def alpha(self) -> float:
        """First parameter of the prior."""
        return self.k

    @property
    def beta(self) -> float:
        """Second parameter of the prior."""
        return self.k * (1 - self.m) / self.m

    @property
    def spread(self) -> float:
        """Relative spread of the true rates, about 1/√K."""
        return 1 / math.sqrt(self.k)


def fit(events: Any, trials: Any) -> Shrinkage:
    """Mean and weight that explain the groups' counts best; groups with no trials or more events than trials
    are left out, and with none left the usual values come back."""
    x, n = np.asarray(events, float), np.asarray(trials, float)
    usable = (n > 0) & (x <= n) & (x >= 0)
    return _fit(tuple(x[usable].tolist()), tuple(n[usable].tolist()))


@lru_cache(maxsize=512)  # a page asks for the same fit several times, and again on every rerun
def _fit(events: tuple[float, ...], trials: tuple[float, ...]) -> Shrinkage:
    from scipy.optimize import minimize  # noqa: PLC0415  # slow to import
    from scipy.special import psi  # noqa: PLC0415
    from scipy.stats import betabinom  # noqa: PLC0415

    if not trials:
        return Shrinkage(m=0.04, k=10.0)
    x, n = np.asarray(events), np.asarray(trials)

    def loss(parameters: Floats) -> tuple[float, Floats]:
        logit_m, log_k = parameters
        a, b = math.exp(log_k), math.exp(log_k - logit_m)
        from_usual = np.array([(logit_m - _USUAL_LOGIT_M) / 1.5, log_k - _USUAL_LOG_K])
        # Its slope in closed form: differences of a sum as large as that over a million mails are mostly rounding.
        by_a = a * (psi(x + a) - psi(n + a + b) + psi(a + b) - psi(a)).sum()
        by_b = b * (psi(n - x + b) - psi(n + a + b) + psi(a + b) - psi(b)).sum()
        slope = from_usual / (1.5, 1) - (-by_b, by_a + by_b)
        return float(from_usual @ from_usual / 2 - betabinom.logpmf(x, n, a, b).sum()), slope

    found = minimize(
        loss,
        x0=np.array([_USUAL_LOGIT_M, _USUAL_LOG_K]),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-12, 12), (math.log(_SMALLEST_K), math.log(_LARGEST_K))],
    )
    logit_m, log_k = found.x
    return Shrinkage(m=1 / (1 + math.exp(-logit_m)), k=math.exp(log_k))
