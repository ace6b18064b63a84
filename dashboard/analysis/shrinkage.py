"""Rates of several groups drawn towards what they have in common: a beta-binomial fit (STATISTICS.md §5)."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

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
    from scipy.optimize import minimize  # noqa: PLC0415  # slow to import
    from scipy.stats import betabinom  # noqa: PLC0415

    x, n = np.asarray(events, float), np.asarray(trials, float)
    usable = (n > 0) & (x <= n) & (x >= 0)
    x, n = x[usable], n[usable]
    if not len(n):
        return Shrinkage(m=0.04, k=10.0)

    def loss(parameters: "np.typing.NDArray[np.float64]") -> float:
        logit_m, log_k = parameters
        m, k = 1 / (1 + math.exp(-logit_m)), math.exp(log_k)
        prior = (log_k - _USUAL_LOG_K) ** 2 / 2 + ((logit_m - _USUAL_LOGIT_M) / 1.5) ** 2 / 2
        return float(prior - betabinom.logpmf(x, n, k, k * (1 - m) / m).sum())

    found = minimize(
        loss,
        x0=np.array([_USUAL_LOGIT_M, _USUAL_LOG_K]),
        method="L-BFGS-B",
        bounds=[(-12, 12), (math.log(_SMALLEST_K), math.log(_LARGEST_K))],
    )
    logit_m, log_k = found.x
    return Shrinkage(m=1 / (1 + math.exp(-logit_m)), k=math.exp(log_k))
