"""How sure one may be which option is best: beta posteriors, integrated exactly enough not to flicker.

Shown with a verdict, never deciding it (docs/statistics.md). Arrays may hold one step's options, or many steps'
options one row a step; an option that does not count is nan there.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaincinv, betaln, ndtr, psi, zeta

Floats = npt.NDArray[np.float64]

PRIOR_EVENTS = 10.0
# Close enough to each other that a beta density (both parameters are 10 or more) is a polynomial in between.
_HALF_QUANTILES = (1e-13, 1e-9, 1e-6, 1e-4, 3e-3, 0.03, 0.12, 0.3)
_QUANTILES = np.array([*_HALF_QUANTILES, 0.5, *(1 - q for q in reversed(_HALF_QUANTILES))])
_NODES = 12
# Where a rough estimate of the chance lies below this, the exact one lies below any limit that matters.
_WORTH_INTEGRATING = 0.8


@dataclass(frozen=True)
class Posterior:
    """Beta posteriors of the options' rates: parameter arrays in the order of the options.

    `middle` is the rate that the prior is centred on, the pooled rate of the step drawn towards the account's.
    """

    alpha: Floats
    beta: Floats
    middle: Any

    @property
    def mean(self) -> Floats:
        """The expected rates."""
        return self.alpha / (self.alpha + self.beta)


def posterior(
    sent: Any, events: Any, *, account_sent: float, account_events: float, prior_events: float = PRIOR_EVENTS
) -> Posterior:
    """Return the posteriors of a step's options (or of many steps'), by a prior from the step and the account.

    `sent` and `events` are arrays of the step's eligible options; the account's are over all its mail steps.

    Args:
        sent: mails of the eligible options.
        events: their replies.
        account_sent: mails of all its mail steps.
        account_events: their replies.
        prior_events: how many replies the prior weighs.
    """
    sent, events = np.asarray(sent, float), np.asarray(events, float)
    usual = (account_events + 2) / (account_sent + 50)
    middle = (np.nansum(events, axis=-1) + 100 * usual) / (np.nansum(sent, axis=-1) + 100)
    middle = np.clip(middle, 0.002, 0.5)
    b0 = prior_events * (1 - middle) / middle
    return Posterior(prior_events + events, b0[..., None] + sent - events, middle)


def expected_loss_and_chance(options: Posterior) -> tuple[Floats, Floats]:
    """Return for each option the rate lost on average by keeping it, and its chance to be the best.

    The chances of a step sum to 1.
    """
    alpha, beta = np.atleast_2d(options.alpha), np.atleast_2d(options.beta)
    there = ~np.isnan(alpha)
    edges = _edges(alpha, beta, there)
    x, weights = _grid(edges)
    density, below = _density_and_cdf(np.where(there, alpha, 10.0), np.where(there, beta, 10.0), x, edges)
    # An option that does not count is below every rate.
    density *= there[:, :, None, None]
    below = np.where(there[:, :, None, None], below, 1.0)
    chances = np.stack([_best(option, density, below, weights) for option in range(alpha.shape[1])], axis=1)
    chances = np.where(there, chances / np.maximum(chances.sum(axis=1, keepdims=True), 1e-300), np.nan)
    # Below the first edge every factor of the product is 0 up to 1e-13, so 1 − product is 1 there.
    highest = edges[:, 0] + ((1 - below.prod(axis=1)) * weights).sum(axis=(1, 2))
    losses = np.maximum(highest[:, None] - alpha / (alpha + beta), 0.0)
    shape = np.shape(options.alpha)
    return losses.reshape(shape), chances.reshape(shape)


def _best(option: int, density: Floats, below: Floats, weights: Floats) -> Floats:
    others = np.delete(below, option, axis=1).prod(axis=1)
    return np.asarray((density[:, option] * others * weights).sum(axis=(1, 2)), dtype=np.float64)


def chance_of_ratio_within(options: Posterior, other: int, leader: int, low: float, high: float) -> float:
    """Return the probability that rate(other) ÷ rate(leader) lies between `low` and `high`, for one step.

    Args:
        options: the posteriors of one step.
        other: place of an option.
        leader: place of the leading one.
        low: of the ratio.
        high: of the ratio.
    """
    a, b = options.alpha[other], options.beta[other]
    own = _quantiles(options.alpha[leader], options.beta[leader])
    theirs = _quantiles(a, b)
    edges = np.sort(np.concatenate([own, theirs / low, theirs / high]))
    x, weights = _grid(edges[(edges >= own[0]) & (edges <= own[-1])][None])
    density = _density(np.atleast_2d(options.alpha[leader]), np.atleast_2d(options.beta[leader]), x)[:, 0]
    within = betainc(a, b, np.minimum(high * x, 1.0)) - betainc(a, b, low * x)
    mass = weights * density
    return float((mass * within).sum() / mass.sum())


def surely_within(options: Posterior, other: int, leader: int, ratio: float, chance: float) -> bool:
    """Return whether rate(other) ÷ rate(leader) lies between 1 ÷ `ratio` and `ratio` with at least this chance.

    What is far from it is excluded by a normal approximation of the log ratio, without integrating.

    Args:
        options: the posteriors of one step.
        other: place of an option.
        leader: place of the leading one.
        ratio: above 1.
        chance: as a fraction.
    """
    pair = np.array([other, leader])
    a, both = options.alpha[pair], options.alpha[pair] + options.beta[pair]
    middle = float(np.subtract(*(psi(a) - psi(both))))
    spread = float(np.sqrt((zeta(2, a) - zeta(2, both)).sum()))  # the trigamma function
    limit = np.log(ratio)
    roughly = float(ndtr((limit - middle) / spread) - ndtr((-limit - middle) / spread))
    if roughly < min(_WORTH_INTEGRATING, chance - 0.1):
        return False
    return chance_of_ratio_within(options, other, leader, 1 / ratio, ratio) >= chance


def _quantiles(alpha: Any, beta: Any) -> Floats:
    return np.asarray(betaincinv(alpha, beta, _QUANTILES), dtype=np.float64)


def _edges(alpha: Floats, beta: Floats, there: npt.NDArray[np.bool_]) -> Floats:
    """Return quantiles of all options of each step, in order; a step's last one fills the places of what is not
    there."""
    points = _quantiles(np.where(there, alpha, 10.0)[..., None], np.where(there, beta, 10.0)[..., None])
    last = np.where(there[..., None], points, 0.0).max(axis=(1, 2))
    points = np.where(there[..., None], points, last[:, None, None])
    return np.sort(points.reshape(len(alpha), -1), axis=1)


def _grid(edges: Floats) -> tuple[Floats, Floats]:
    """Return nodes and weights (step × piece × node) of a composite Gauss–Legendre rule with these edges."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    half = np.diff(edges, axis=1)[..., None] / 2
    middle = ((edges[:, :-1] + edges[:, 1:]) / 2)[..., None]
    return middle + half * nodes, half * weights


def _density(alpha: Floats, beta: Floats, x: Floats) -> Floats:
    """Return densities, step × option × piece × node."""
    tiny = np.finfo(float).tiny
    log_x, log_rest = np.log(np.maximum(x, tiny))[:, None], np.log1p(-np.minimum(x, 1 - 1e-16))[:, None]
    shape = (..., None, None)
    log_density = (alpha - 1)[shape] * log_x + (beta - 1)[shape] * log_rest - betaln(alpha, beta)[shape]
    return np.asarray(np.exp(log_density), dtype=np.float64)


def _density_and_cdf(alpha: Floats, beta: Floats, x: Floats, edges: Floats) -> tuple[Floats, Floats]:
    """Return densities, and how much of each lies below every node.

    The latter is summed from the densities, a tenth of the cost of the incomplete beta function at every node.
    """
    density = _density(alpha, beta, x)
    half = (np.diff(edges, axis=1) / 2)[:, None, :, None]
    _, weights = np.polynomial.legendre.leggauss(_NODES)
    pieces = (density @ weights) * half[..., 0]
    before = np.cumsum(pieces, axis=2) - pieces
    total = np.maximum(before[:, :, -1:] + pieces[:, :, -1:], np.finfo(float).tiny)
    below = before[..., None] + (density @ _running_integral().T) * half
    return density, np.clip(below / total[..., None], 0.0, 1.0)


@cache
def _running_integral() -> Floats:
    """Return row i times a function's values at the nodes is its integral from −1 to node i."""
    legendre = np.polynomial.legendre
    nodes, weights = legendre.leggauss(_NODES)
    degrees = np.arange(_NODES)
    values = legendre.legvander(nodes, _NODES - 1)  # node × degree
    coefficients = (2 * degrees + 1)[:, None] / 2 * (values * weights[:, None]).T  # degree × function
    return np.asarray(legendre.legval(nodes, legendre.legint(coefficients, lbnd=-1)).T, dtype=np.float64)
