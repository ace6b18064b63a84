"""How long is waited before a call is sent again: full jitter, capped, and what Klenty asks for on top."""

from statistics import mean

import pytest

from klenty_api import Policy, RateLimitedError, ServiceError
from klenty_api.retries import backoff

POLICY = Policy(first_wait=0.5, longest_wait=4.0, longest_retry_after=10.0)


def waits(attempt, error, number=2000):
    return [backoff(attempt, error, POLICY) for _ in range(number)]


@pytest.mark.parametrize(("attempt", "ceiling"), [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (5, 4.0), (60, 4.0)])
def test_full_jitter_up_to_a_ceiling_that_doubles_and_is_capped(attempt, ceiling):
    found = waits(attempt, ServiceError("no"))
    assert 0 <= min(found) < 0.05 * ceiling
    assert 0.95 * ceiling < max(found) <= ceiling
    assert mean(found) == pytest.approx(ceiling / 2, rel=0.1)


@pytest.mark.parametrize("kind", [RateLimitedError, ServiceError])
def test_what_klenty_asks_for_is_waited_and_a_little_more_so_that_threads_do_not_wake_together(kind):
    found = waits(1, kind("slower", retry_after=5.0))
    assert min(found) >= 5.0
    assert 0.3 < max(found) - min(found) <= 0.6


def test_a_longer_wait_than_the_policy_allows_is_none():
    assert backoff(1, RateLimitedError("slower", retry_after=10.0), POLICY) is not None
    assert backoff(1, RateLimitedError("slower", retry_after=10.5), POLICY) is None
