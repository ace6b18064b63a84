"""Rates of several groups drawn towards what they have in common: a beta-binomial fit (docs/statistics.md)."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, polygamma, psi

from dashboard.analysis.stats.proportions import Floats

_SMALLEST_K, _LARGEST_K = 0.5, 500.0
_USUAL_LOG_K = math.log(10)  # K counts the mean's worth of events, as PRIOR_EVENTS does for options
_USUAL_LOGIT_M = math.log(0.04 / 0.96)


@dataclass(frozen=True)
class Shrinkage:
    """The fit: mean rate `m`, and `k`, how many events' worth of weight that mean carries in every group.

    `logit_sd` is how uncertain the mean is: the standard deviation of its logit.
    """

    m: float
    k: float
    logit_sd: float = 1.5

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
    """Return mean and weight that explain the groups' counts best; groups with no trials or more events than trials
    are left out, and with none left the usual values come back."""
    x, n = np.asarray(events, float), np.asarray(trials, float)
    usable = (n > 0) & (x <= n) & (x >= 0)
    return _fit(tuple(x[usable].tolist()), tuple(n[usable].tolist()))


@lru_cache(maxsize=512)  # a page asks for the same fit several times, and again on every rerun
def _fit(events: tuple[float, ...], trials: tuple[float, ...]) -> Shrinkage:
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
        # Without the binomial coefficients, which do not depend on the parameters.
        likelihood = betaln(x + a, n - x + b).sum() - len(x) * betaln(a, b)
        return float(from_usual @ from_usual / 2 - likelihood), slope

    found = minimize(
        loss,
        x0=np.array([_USUAL_LOGIT_M, _USUAL_LOG_K]),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-12, 12), (math.log(_SMALLEST_K), math.log(_LARGEST_K))],
    )
    logit_m, log_k = (float(value) for value in found.x)
    return Shrinkage(1 / (1 + math.exp(-logit_m)), math.exp(log_k), _logit_sd(x, n, logit_m, log_k))


def _logit_sd(x: Floats, n: Floats, logit_m: float, log_k: float) -> float:
    """Return standard deviation of logit m from the curvature of the penalised likelihood over (logit m, log K)."""
    a, b = math.exp(log_k), math.exp(log_k - logit_m)
    by_a = (psi(x + a) - psi(a) - psi(n + a + b) + psi(a + b)).sum()
    by_b = (psi(n - x + b) - psi(b) - psi(n + a + b) + psi(a + b)).sum()
    by_ab = (polygamma(1, a + b) - polygamma(1, n + a + b)).sum()
    by_aa = (polygamma(1, x + a) - polygamma(1, a)).sum() + by_ab
    by_bb = (polygamma(1, n - x + b) - polygamma(1, b)).sum() + by_ab
    curvature = -np.array(
        [
            [b * by_b + b * b * by_bb, -b * by_b - b * (a * by_ab + b * by_bb)],
            [
                -b * by_b - b * (a * by_ab + b * by_bb),
                a * by_a + b * by_b + a * a * by_aa + 2 * a * b * by_ab + b * b * by_bb,
            ],
        ]
    ) + np.diag([1 / 1.5**2, 1.0])
    at_a_limit = not math.log(_SMALLEST_K) + 1e-9 < log_k < math.log(_LARGEST_K) - 1e-9
    if at_a_limit or np.linalg.eigvalsh(curvature)[0] <= 0:
        return 1 / math.sqrt(curvature[0, 0])
    return math.sqrt(np.linalg.inv(curvature)[0, 0])
