"""What is learned of limits, on a clock of its own: decisions one by one, and whole runs against simulated servers."""

import json
import math
import random
import statistics

import pytest
import simulated
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated import in_flight, simulate, sliding_window, token_bucket, unlimited

from klenty_api.throttle_model import FIRST_FLIGHT, RateModel

IDEAL = 280 / 20


def burst(model, size, now=0.0, every=0.0):
    return [model.start(now + every * number) for number in range(size)]


def refuse(model, starts, now, retry_after=1.0):
    for start in starts:
        model.record(start, now, "refused", retry_after)


def accept(model, starts, now):
    for start in starts:
        model.record(start, now, "accepted")


def knowing(note, *, workers, wall=0.0, **options):
    model = RateModel(workers, **options)
    model.remember(note, wall)
    return model


# Figures


@pytest.mark.parametrize("limit", [token_bucket, sliding_window])
@pytest.mark.parametrize("workers", [8, 32, 64])
@pytest.mark.parametrize("late", [True, False])
@pytest.mark.parametrize(("jitter", "oversleep"), [(0, 0), (0.02, 0), (0.02, 0.015), (0.02, 0.03)])
def test_an_unknown_limit_per_second_costs_few_refusals_and_little_time(limit, workers, late, jitter, oversleep):
    uneven = {"jitter": jitter, "oversleep": oversleep}
    for seed in range(5):
        run = simulate(limit(20), calls=300, workers=workers, late_refusals=late, seed=seed, **uneven)
        assert run.done == 300
        assert run.seconds <= 1.3 * IDEAL
        assert run.refusals < 10


@pytest.mark.parametrize("workers", [16, 32, 64])
@pytest.mark.parametrize("retry_after", [-1, 1])
@pytest.mark.parametrize("late", [True, False])
def test_an_unknown_cap_in_flight_is_met_by_fewer_workers_not_by_slower_ones(workers, retry_after, late):
    run = simulate(in_flight(10, retry_after), calls=300, workers=workers, late_refusals=late)
    assert run.done == 300
    assert run.seconds <= 1.5 * 300 * 0.1 / 10
    assert run.model.learned(0)["in_flight"] == 10
    assert run.model.pace() is None


@pytest.mark.parametrize("workers", [16, 32, 64])
@pytest.mark.parametrize("retry_after", [-1, 1])
@pytest.mark.parametrize("late", [True, False])
def test_a_cap_in_flight_is_found_when_calls_overtake_each_other(workers, retry_after, late):
    for seed in range(5):
        uneven = {"jitter": 0.02, "oversleep": 0.01, "seed": seed}
        run = simulate(in_flight(10, retry_after), calls=300, workers=workers, late_refusals=late, **uneven)
        assert run.model.learned(0)["in_flight"] in {9, 10}
        assert run.seconds <= 1.7 * 300 * 0.1 / 10


def test_calls_that_overtake_each_other_hide_no_cap():
    model = RateModel(32)
    starts = burst(model, 24, every=0.001)
    first, overtook = starts[4:9] + starts[15:20], starts[:4] + starts[9:15] + starts[20:]  # by their arrival
    refuse(model, overtook, 0.1, retry_after=None)
    accept(model, first, 0.12)
    model.ready_at(1.2)
    assert model.pace() is None
    assert model._trial[1] == 10


@pytest.mark.parametrize("workers", [16, 32, 64])
def test_without_a_limit_only_the_first_flight_is_waited_for_and_later_runs_not_even_for_that(workers):
    calls, latency = 1400, 0.1
    ideal = calls * latency / workers
    first = simulate(unlimited, calls=calls, workers=workers, cpu=0.0001)
    assert first.most_inside == workers
    assert first.seconds <= ideal + 0.5 * latency + 0.5 * latency * FIRST_FLIGHT / workers + 0.1
    known = knowing(first.model.learned(0), workers=workers, wall=60)
    assert simulate(unlimited, calls=calls, workers=workers, cpu=0.0001, model=known).seconds <= 1.02 * ideal + latency


@pytest.mark.parametrize(
    ("limit", "calls", "ideal"),
    [
        (lambda: token_bucket(5, burst=20), 200, 180 / 5),
        (lambda: token_bucket(12, burst=20), 300, 280 / 12),
        (lambda: token_bucket(2, burst=2), 60, 58 / 2),
        (lambda: token_bucket(40, burst=10), 2000, 1990 / 40),
        (lambda: sliding_window(100, seconds=60), 350, 180),
        (lambda: sliding_window(5), 100, 19),
    ],
)
@pytest.mark.parametrize("workers", [8, 64])
def test_limits_of_other_shapes_are_learned_too(limit, calls, ideal, workers):
    run = simulate(limit(), calls=calls, workers=workers)
    assert run.done == calls
    assert run.seconds <= 1.8 * ideal
    assert run.refusals <= 2 * workers + 12  # what was under way at the first refusals, and a few


@given(
    rate=st.integers(1, 60),
    size=st.integers(1, 60),
    workers=st.integers(1, 64),
    latency=st.floats(0.001, 2.0),
    late=st.booleans(),
    kind=st.sampled_from(["token", "window", "cap", "cap that says 1"]),
    seed=st.integers(0, 9),
)
@settings(max_examples=60, deadline=None)
def test_every_call_ends_with_its_answer_whatever_the_limit(rate, size, workers, latency, late, kind, seed):
    limit = {
        "token": lambda: token_bucket(rate, size),
        "window": lambda: sliding_window(rate),
        "cap": lambda: in_flight(size),
        "cap that says 1": lambda: in_flight(size, 1),
    }[kind]()
    run = simulate(limit, calls=80, workers=workers, latency=latency, late_refusals=late, jitter=0.01, seed=seed)
    assert run.done == 80
    assert run.model.in_flight == 0
    assert run.most_inside <= workers


# Refusals that no rate explains


def strays(share, seed):
    """Refuse any call with this probability, whatever the rate, and ask for a second."""
    chance = random.Random(seed)
    return lambda _now, _inside: 1 if chance.random() < share else None


@pytest.mark.parametrize(("share", "allowed"), [(0.01, 50 / 0.8), (0.05, 170 / 0.8)])
@pytest.mark.parametrize("late", [True, False])
def test_refusals_that_no_rate_explains_cost_their_pauses_and_little_more(share, allowed, late):
    runs = [
        simulate(strays(share, seed), calls=3000, workers=16, late_refusals=late, jitter=0.01, seed=seed)
        for seed in range(6)
    ]
    assert all(run.done == 3000 for run in runs)
    assert statistics.mean(run.seconds for run in runs) <= allowed


def test_a_limit_that_comes_after_strays_is_met():
    chance, strict = strays(0.02, 1), token_bucket(20)
    run = simulate(
        lambda now, inside: chance(now, inside) if now < 130 else strict(now, inside),
        calls=3000,
        workers=16,
        jitter=0.01,
    )
    afterwards = [at for at in run.accepted if at > 140]
    assert run.done == 3000
    assert len(afterwards) / (afterwards[-1] - 140) > 14
    assert run.refusals < 0.1 * 3000


# Decisions


def test_free_until_the_first_refusal_then_everyone_pauses_as_long_as_asked():
    model = RateModel(8)
    starts = burst(model, 8)
    assert model.ready_at(0.1) == math.inf  # eight are under way
    accept(model, starts[:4], 0.1)
    assert model.ready_at(0.1) <= 0.1
    refuse(model, starts[4:5], 0.2, retry_after=3)
    assert model.ready_at(0.3) == 3.2
    assert model.ready_at(3.19) == 3.2


def test_refusals_of_calls_sent_before_a_pause_are_not_counted_twice():
    model = knowing({"pace": 20.0, "at": 0}, workers=64)
    starts = burst(model, 10, every=0.05)
    refuse(model, starts[-1:], 0.5)
    assert model.ready_at(1.5) == 1.5  # the pause is over
    after = model.pace()
    refuse(model, starts[-3:-1], 1.6)  # they were sent before, and answered late
    assert model.ready_at(1.6) < 1.7
    assert model.pace() == after


def test_as_many_accepted_at_once_before_means_that_it_was_not_their_number():
    model = RateModel(8)
    for wave in range(3):
        accept(model, burst(model, 8, now=0.1 * wave), 0.1 * wave + 0.09)
    refuse(model, burst(model, 8, now=0.3), 0.39)
    model.ready_at(1.4)
    assert 18 < model.pace() < 24  # 24 were accepted within a second


def test_the_pace_is_back_after_a_while_and_then_grows_but_only_while_it_is_used():
    model = knowing({"pace": 20.0, "at": 0}, workers=64)
    seen, now = [], 0.0
    while now < 60:
        now = max(now, model.ready_at(now))
        model.record(model.start(now), now, "accepted")
        seen.append((now, model.pace()))
    at = {second: next(rate for when, rate in seen if when >= second) for second in (1, 8, 15, 30, 45)}
    assert 16.5 < at[1] < 18
    assert 19 < at[8] < 20
    assert at[15] == pytest.approx(20, rel=0.01)
    assert 25 < at[30] < 28
    assert at[45] > 40
    used = model.pace()
    model.record(model.start(now + 3600), now + 3600, "accepted")
    assert model.pace() <= used * 1.1


def test_a_limit_that_is_lifted_is_noticed():
    strict, free_from = token_bucket(20), 130.0
    run = simulate(
        lambda now, inside: strict(now, inside) if now < free_from else None, calls=4000, workers=16, jitter=0.01
    )
    late = [at for at in run.accepted if at > free_from + 90]
    assert run.done == 4000
    assert len(late) / (run.accepted[-1] - free_from - 90) > 60 or run.accepted[-1] < free_from + 90


def test_a_call_that_never_reached_klenty_is_no_accepted_start():
    model = RateModel(8)
    for number in range(10):
        model.record(model.start(0.01 * number), 0.01 * number, "not_sent")
    accept(model, [model.start(0.1)], 0.11)
    refuse(model, [model.start(0.2)], 0.21)
    model.ready_at(1.3)
    assert model.pace() is None  # one accepted start says nothing yet
    assert model.in_flight == 0


def test_a_refusal_without_evidence_lets_fewer_try_and_then_all_again():
    model = RateModel(8)
    refuse(model, burst(model, 1), 0.1)
    now = model.ready_at(1.1)
    tried = model.start(now)
    assert model.ready_at(now) == math.inf
    accept(model, [tried], now + 0.1)
    run = simulate(unlimited, calls=60, workers=8, model=model, begin=now + 0.2)
    assert run.most_inside == 8
    assert model.pace() is None


# Caps, closing, memory


@pytest.mark.parametrize("per_second", [0.5, 7, 50])
def test_calls_per_second_is_a_hard_cap(per_second):
    run = simulate(unlimited, calls=60, workers=32, model=RateModel(32, calls_per_second=per_second))
    assert run.done == 60
    for index, began in enumerate(run.started):
        assert sum(began <= other < began + 4 for other in run.started[index:]) <= 4 * per_second + 1


def test_a_pace_that_is_learned_does_not_lift_the_cap():
    assert knowing({"pace": 300.0, "at": 0}, workers=8, calls_per_second=5).pace() == 5


def test_a_pause_longer_than_anyone_should_wait_closes():
    model = RateModel(8, longest_pause=60)
    refuse(model, burst(model, 1), 0.0, retry_after=3600)
    assert model.closed(0.0) == 300  # and then it is tried once more
    assert model.closed(250.0) is None
    assert model.ready_at(250.0) == 300


def test_nothing_but_refusals_closes_and_one_answer_opens():
    model, now = RateModel(8), 0.0
    for number in range(6):
        assert model.closed(now) is None
        assert model.ready_at(now) <= now
        refuse(model, [model.start(now)], now, retry_after=None)
        now = model.ready_at(now) if number < 5 else now
    assert model.closed(now) == 16
    assert model.closed(now + 16) is None
    now += 16
    assert model.ready_at(now) <= now
    accept(model, [model.start(now)], now)
    assert model.closed(now) is None


def test_what_was_learned_makes_the_next_run_better():
    first = simulate(token_bucket(20), calls=300, workers=64)
    note = json.loads(json.dumps(first.model.learned(1_000_000)))
    second = simulate(token_bucket(20), calls=300, workers=64, model=knowing(note, workers=64, wall=1_003_600))
    assert second.refusals <= 1
    assert second.seconds <= 1.25 * IDEAL
    assert knowing(note, workers=64, wall=1_000_000 + 8 * 24 * 3600).pace() is None
    cap = simulate(in_flight(10), calls=300, workers=64)
    again = knowing(cap.model.learned(0), workers=64, wall=60)
    assert simulate(in_flight(10), calls=300, workers=64, model=again).refusals == 0


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda some: st.lists(some) | st.dictionaries(st.sampled_from(["pace", "in_flight", "proven", "at", "x"]), some),
    max_leaves=8,
)


@pytest.mark.parametrize("pace", [True, False, None, "20", 0, -1.0, 1e12, math.inf, math.nan])
def test_only_a_positive_number_is_a_pace(pace):
    assert knowing({"at": 90.0, "pace": pace}, workers=4, wall=100.0).pace() is None


@given(_JSON)
def test_a_note_of_any_shape_is_taken_or_passed_over(note):
    model = knowing(note, workers=4, wall=100.0)
    assert model.pace() is None or 0 < model.pace() < math.inf
    assert model.ready_at(100.0) == 0.0


def test_the_simulated_servers_limit_as_they_say():
    bucket, window = token_bucket(20), simulated.sliding_window(20)
    for limit in (bucket, window):
        assert [limit(0.0, 0) for _ in range(21)] == [None] * 20 + [1]
    assert bucket(0.05, 0) is None
    assert window(0.05, 0) == 1
    assert window(1.0, 0) is None
