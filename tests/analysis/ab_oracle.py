"""The rules for A/B tests once more: slow, straightforward, from the text, sharing no code with the product."""

import math
from itertools import pairwise

import numpy as np
from scipy import integrate, optimize, special, stats

WINDOWS = [(1, 0), (3, 0), (7, 0), (14, 0), (7, 7)]
LOG20 = math.log(20)
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(81)
MIX = [(0.45 * z, w / WEIGHTS.sum()) for z, w in zip(NODES, WEIGHTS, strict=True) if z > 0]


def within(sent, t, length, back):
    return sum(sent[s] for s in range(max(0, t - back - length + 1), t - back + 1) if s >= 0)


def bounds(sent_a, sent_b, t):
    """w⁻ and w⁺ of a day, or None when it does not count."""
    if within(sent_a, t, 14, 0) == 0 or within(sent_b, t, 14, 0) == 0:
        return None
    shares = {}
    for length, back in WINDOWS:
        a, b = within(sent_a, t, length, back), within(sent_b, t, length, back)
        if a + b > 0:
            shares[length, back] = (a / (a + b), a + b)
    week = shares.get((7, 0)) or shares[14, 0]
    w = week[0]
    if all(abs(share - w) <= 3 * math.sqrt(w * (1 - w) / n) for share, n in shares.values()):
        return w, w
    return min(share for share, _ in shares.values()), max(share for share, _ in shares.values())


def terms(sent_a, x_a, sent_b, x_b, leave_out):
    """Per day that counts: (a's events, b's events, w⁻, w⁺); None for days that do not."""
    found = []
    for t in range(len(sent_a)):
        w = bounds(sent_a, sent_b, t)
        if w is None:
            found.append(None)
        else:
            counted = t >= leave_out
            found.append((x_a[t] if counted else 0, x_b[t] if counted else 0, *w))
    return found


def path(sent_a, x_a, sent_b, x_b, leave_out=0, r=1.0):
    totals, found = [math.log(weight) for _, weight in MIX], []
    for term in terms(sent_a, x_a, sent_b, x_b, leave_out):
        if term is not None:
            a, b, _, w = term
            p = w * r / (w * r + 1 - w)
            for g, (d, _) in enumerate(MIX):
                totals[g] += a * d - (a + b) * math.log1p(p * math.expm1(d))
        most = max(totals)
        found.append(most + math.log(sum(math.exp(total - most) for total in totals)))
    return found


def best_guess(sent_a, x_a, sent_b, x_b, leave_out=0):
    known = [term for term in terms(sent_a, x_a, sent_b, x_b, leave_out) if term is not None]
    a, b = sum(term[0] for term in known), sum(term[1] for term in known)
    if a + b == 0:
        return None
    if a == 0 or b == 0:
        return 0.0 if a == 0 else math.inf

    def excess(log_r):
        return a - sum((t[0] + t[1]) * special.expit(special.logit((t[2] + t[3]) / 2) + log_r) for t in known)

    return math.exp(optimize.brentq(excess, -40, 40, xtol=1e-13))


def interval(sent_a, x_a, sent_b, x_b, leave_out=0):
    def lower(*args):
        guess = best_guess(*args, leave_out)
        if guess is None or guess == 0:
            return 0.0
        middle = math.log(guess) if guess < math.inf else 10.0

        def over(log_r):
            return path(*args, leave_out, math.exp(log_r))[-1] - LOG20

        end = middle - 12 if guess < math.inf else -10
        return 0.0 if over(end) < 0 else math.exp(optimize.brentq(over, end, middle, xtol=1e-12))

    other = lower(sent_b, x_b, sent_a, x_a)
    return lower(sent_a, x_a, sent_b, x_b), 1 / other if other else math.inf


def beaten_on(sent_a, x_a, sent_b, x_b, leave_out=0):
    evidence = path(sent_a, x_a, sent_b, x_b, leave_out)
    both_ran = 0
    for t, log_e in enumerate(evidence):
        both_ran += within(sent_a, t, 7, 0) > 0 and within(sent_b, t, 7, 0) > 0
        counted = range(min(leave_out, t + 1), t + 1)
        enough = sum(sent_a[: t + 1]) >= 50 and sum(sent_b[: t + 1]) >= 50 and both_ran >= 7
        if enough and sum(x_a[s] + x_b[s] for s in counted) >= 10 and log_e >= LOG20:
            return t
    return None


def beliefs(sent, events, account_sent, account_events):
    m_account = (account_events + 2) / (account_sent + 50)
    m = min(max((sum(events) + 100 * m_account) / (sum(sent) + 100), 0.002), 0.5)
    b0 = 10 * (1 - m) / m
    return [stats.beta(10 + x, b0 + n - x) for n, x in zip(sent, events, strict=True)]


def integral(function, edges):
    return sum(integrate.fixed_quad(function, a, b, n=12)[0] for a, b in pairwise(edges))


def chance_best(laws):
    edges = sorted({float(law.ppf(q)) for law in laws for q in np.linspace(1e-12, 1 - 1e-12, 21)})

    def density(i):
        return lambda x: laws[i].pdf(x) * np.prod([law.cdf(x) for j, law in enumerate(laws) if j != i], axis=0)

    return [integral(density(i), edges) for i in range(len(laws))]


def within_quarter(other, leader):
    edges = [float(leader.ppf(q)) for q in np.linspace(1e-12, 1 - 1e-12, 41)]
    return integral(lambda y: leader.pdf(y) * (other.cdf(1.25 * y) - other.cdf(0.8 * y)), edges)


def in_parallel(sent, compared):
    """Days on which the newest of these options and another one had sent within a week."""

    def ran(i, t):
        return within(sent[:, i], t, 7, 0) > 0

    return min(
        sum(ran(i, t) and any(ran(j, t) for j in compared if j != i) for t in range(len(sent))) for i in compared
    )


def verdict(sent, events, account, leave_out=0):
    """Everything about a step from daily counts (day × option), options numbered from 1."""
    k = sent.shape[1]
    totals, happened = sent.sum(axis=0), events.sum(axis=0)
    eligible = [i for i in range(k) if totals[i] > 0 and happened[i] <= totals[i]]
    if len(eligible) < 2:
        return {"verdict": "single_option" if eligible else "no_data"}
    compared = [i for i in eligible if totals[i] >= 50]
    if len(compared) < 2 or sum(happened[i] for i in compared) < 10 or in_parallel(sent, compared) < 7:
        return {"verdict": "too_early"}

    def pair(i, j):
        return sent[:, i], events[:, i], sent[:, j], events[:, j]

    today = {(i, j): path(*pair(i, j), leave_out)[-1] for i in compared for j in compared if i != j}
    won = {}
    for i in compared:
        days = [beaten_on(*pair(i, j), leave_out) for j in compared if j != i]
        if None not in days:
            won[i] = max(days)
    winners = [i for i in won if all(today[i, j] >= 0 for j in compared if j != i)]
    laws = beliefs(totals[eligible], happened[eligible], *account)
    best = dict(zip(eligible, chance_best(laws), strict=True))
    law = dict(zip(eligible, laws, strict=True))
    leader = winners[0] if winners else max(compared, key=lambda i: (round(best[i], 9), -i))
    others = [j for j in compared if j != leader]
    found = against_others(leader, others, pair, leave_out, {j: today[leader, j] for j in others})
    if winners:
        return found | {"verdict": "winner", "won_on": won[leader]}
    if won:
        out = max(won, key=lambda i: (won[i], -i))
        found |= {"withdrawn": out + 1, "withdrawn_won_on": won[out]}
    guesses = [best_guess(*pair(leader, j), leave_out) for j in others]
    if all(within_quarter(law[j], law[leader]) >= 0.95 for j in others):
        return found | {"verdict": "no_practical_difference"}
    leads = best[leader] >= 0.8 and all(guess is not None and guess > 1 for guess in guesses)
    return found | {"verdict": "leads" if leads else "no_clear_leader"}


def against_others(leader, others, pair, leave_out, today):
    rival = min(others, key=lambda j: (today[j], j))
    lows = {j: interval(*pair(leader, j), leave_out)[0] for j in others}
    least = min(others, key=lambda j: (lows[j], j != rival, j))
    low, high = interval(*pair(leader, least), leave_out)
    return {
        "leading": leader + 1, "rival": rival + 1, "log_e": today[rival],
        "p_value": min(1, math.exp(-max(path(*pair(leader, rival), leave_out)))),
        "ratio": best_guess(*pair(leader, least), leave_out), "ratio_low": low, "ratio_high": high,
    }  # fmt: skip
