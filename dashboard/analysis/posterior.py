"""How sure one may be which option is best: beta posteriors, integrated exactly enough not to flicker.

Shown beside a verdict, never deciding it (STATISTICS.md §3).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

PRIOR_EVENTS = 10.0
_QUANTILES = (1e-12, 1e-9, 1e-6, 1e-4, 1e-3, 0.01, 0.05, 0.15, 0.3, 0.5, 0.7, 0.85, 0.95, 0.99, 0.999)
_NODES = 12


@dataclass(frozen=True)
class Posterior:
    """Beta posteriors of the options' rates: parameter arrays in the order of the options."""

    alpha: Any
    beta: Any


def posterior(sent: Any, events: Any, *, account_sent: float, account_events: float) -> Posterior:
    """Posteriors of the options of one step, under a prior that leans on the step and the account.

    `sent` and `events` are arrays of the step's eligible options; the account's are over all its mail steps.
    """
    sent, events = np.asarray(sent, float), np.asarray(events, float)
    usual = (account_events + 2) / (account_sent + 50)
    middle = float(np.clip((events.sum() + 100 * usual) / (sent.sum() + 100), 0.002, 0.5))
    a0 = PRIOR_EVENTS
    b0 = PRIOR_EVENTS * (1 - middle) / middle
    return Posterior(a0 + events, b0 + sent - events)


def chance_to_be_best(options: Posterior) -> Any:
    """For each option the probability that its rate is the highest; they sum to 1."""
    x, weights = _grid(options)
    density, below = _density_and_cdf(options, x)
    chances = [
        float(weights @ (density[i] * np.prod(np.delete(below, i, axis=0), axis=0))) for i in range(len(density))
    ]
    return np.asarray(chances) / sum(chances)


def expected_loss(options: Posterior) -> Any:
    """For each option the expected rate lost by keeping it instead of the (unknown) best one."""
    x, weights = _grid(options)
    _, below = _density_and_cdf(options, x)
    # Below the first edge every factor of the product is 0 up to 1e-12, so 1 − product is 1 there.
    best = float(_edges(options)[0]) + float(weights @ (1 - np.prod(below, axis=0)))
    return np.maximum(best - options.alpha / (options.alpha + options.beta), 0.0)


def chance_of_ratio_within(options: Posterior, other: int, leader: int, low: float, high: float) -> float:
    """Probability that rate(other) ÷ rate(leader) lies between `low` and `high`."""
    from scipy.stats import beta  # noqa: PLC0415  # slow to import

    x, weights = _grid(options)
    density = beta.pdf(x, options.alpha[leader], options.beta[leader])
    within = beta.cdf(np.minimum(high * x, 1.0), options.alpha[other], options.beta[other]) - beta.cdf(
        low * x, options.alpha[other], options.beta[other]
    )
    return float(weights @ (density * within))


def _edges(options: Posterior) -> Any:
    from scipy.stats import beta  # noqa: PLC0415  # slow to import

    quantiles = np.asarray([*_QUANTILES, *(1 - q for q in _QUANTILES if q < 0.001)])
    points = beta.ppf(quantiles[:, None], options.alpha, options.beta).ravel()
    return np.unique(points[(points > 0) & (points < 1)])


def _grid(options: Posterior) -> tuple[Any, Any]:
    """Nodes and weights of a composite Gauss–Legendre rule whose pieces follow every option's quantiles."""
    edges = _edges(options)
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    half = np.diff(edges)[:, None] / 2
    middle = (edges[:-1] + edges[1:])[:, None] / 2
    return (middle + half * nodes).ravel(), (half * weights).ravel()


def _density_and_cdf(options: Posterior, x: Any) -> tuple[Any, Any]:
    from scipy.stats import beta  # noqa: PLC0415  # slow to import

    a, b = options.alpha[:, None], options.beta[:, None]
    return beta.pdf(x, a, b), beta.cdf(x, a, b)
