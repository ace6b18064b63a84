"""What is learned of limits, on a clock of its own: decisions one by one, and whole runs against simulated servers."""

import json
import math

import pytest
import simulated
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated import in_flight, simulate, sliding_window, token_bucket, unlimited

from klenty_api.throttle_model import FIRST_FLIGHT, Pace

IDEAL = 280 / 20


def burst(pace, size, now=0.0, every=0.0):
    return [pace.start(now + every * number, "report") for number in range(size)]


def refuse(pace, starts, now, retry_after=1.0):
    for start in starts:
        pace.record_result(start, now, "refused", retry_after)


def accept(pace, starts, now):
    for start in starts:
        pace.record_result(start, now, "accepted")


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
        assert run.seconds <= 1.2 * IDEAL
        assert run.refusals < 10


@pytest.mark.parametrize("workers", [16, 32, 64])
@pytest.mark.parametrize("retry_after", [-1, 1])
@pytest.mark.parametrize("late", [True, False])
def test_an_unknown_cap_in_flight_is_met_by_fewer_workers_not_by_slower_ones(workers, retry_after, late):
    run = simulate(in_flight(10, retry_after), calls=300, workers=workers, late_refusals=late)
    assert run.done == 300
    assert run.seconds <= 1.5 * 300 * 0.1 / 10
    assert run.pace.learned(0)["in_flight"] == 10
    assert run.pace.pace() is None


@pytest.mark.parametrize("workers", [16, 32, 64])
@pytest.mark.parametrize("retry_after", [-1, 1])
@pytest.mark.parametrize("late", [True, False])
def test_a_cap_in_flight_is_told_exactly_when_calls_overtake_each_other(workers, retry_after, late):
    for seed in range(5):
        uneven = {"jitter": 0.02, "oversleep": 0.01, "seed": seed}
        run = simulate(in_flight(10, retry_after), calls=300, workers=workers, late_refusals=late, **uneven)
        assert run.pace.learned(0)["in_flight"] == 10
        assert run.seconds <= 1.7 * 300 * 0.1 / 10


@pytest.mark.parametrize("workers", [16, 32, 64])
def test_without_a_limit_only_the_first_flight_is_waited_for_and_later_runs_not_even_for_that(workers):
    calls, latency = 1400, 0.1
    ideal = calls * latency / workers
    first = simulate(unlimited, calls=calls, workers=workers, cpu=0.0001)
    assert first.most_inside == workers
    assert first.seconds <= ideal + 0.5 * latency + 0.5 * latency * FIRST_FLIGHT / workers + 0.1
    known = Pace(workers=workers, learned=first.pace.learned(0), wall=60)
    assert simulate(unlimited, calls=calls, workers=workers, cpu=0.0001, pace=known).seconds <= 1.02 * ideal + latency


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
    assert run.seconds <= 1.6 * ideal
    assert run.refusals <= workers + 12  # what was under way at the first cut, and a few


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
    assert run.pace.in_flight == 0
    assert run.most_inside <= workers


# Decisions


def test_free_until_the_first_refusal_then_everyone_pauses_as_long_as_asked():
    pace = Pace(workers=8)
    starts = burst(pace, 8)
    assert pace.ready_at(0.1) == math.inf  # eight are under way
    accept(pace, starts[:4], 0.1)
    assert pace.ready_at(0.1) <= 0.1
    refuse(pace, starts[4:5], 0.2, retry_after=3)
    assert pace.ready_at(0.3) == 3.2
    assert pace.ready_at(3.19) == 3.2


def test_refusals_of_calls_sent_before_the_cut_are_not_counted_twice():
    pace = Pace(workers=64, learned={"pace": 20.0, "at": 0})
    starts = burst(pace, 10, every=0.05)
    refuse(pace, starts[-1:], 0.5)
    assert pace.ready_at(1.5) == 1.5  # the pause is over
    after = pace.pace()
    refuse(pace, starts[-3:-1], 1.6)  # they were sent before the cut, and answered late
    assert pace.ready_at(1.6) < 1.7
    assert pace.pace() == after


def test_the_pace_comes_from_accepted_starts_not_from_completions():
    pace = Pace(workers=64)
    starts = burst(pace, 30, every=0.001)
    accept(pace, starts[:2], 0.03)  # two of twenty accepted ones have answered when the cut comes
    refuse(pace, starts[20:], 0.04)
    accept(pace, starts[2:20], 1.0)
    assert pace.ready_at(1.04) == 1.04
    trial = pace.start(1.04, "report")  # which limit it was is open: it is refused again
    more = [pace.start(1.05, "report") for _ in range(19)]
    accept(pace, [trial, *more], 1.1)
    refuse(pace, [pace.start(1.1, "report")], 1.1)
    pace.ready_at(2.1)
    assert pace.pace() == pytest.approx(20, rel=0.06)


def test_as_many_accepted_at_once_before_means_that_it_was_not_their_number():
    pace = Pace(workers=8)
    for wave in range(3):
        accept(pace, burst(pace, 8, now=0.1 * wave), 0.1 * wave + 0.09)
    refuse(pace, burst(pace, 8, now=0.3), 0.39)
    pace.ready_at(1.4)
    assert pace.pace() == pytest.approx(24, rel=0.06)
    assert pace.width() == 8


def test_the_pace_grows_slowly_then_faster_and_only_while_it_is_used():
    pace = Pace(workers=64, learned={"pace": 20.0, "at": 0})
    seen = []
    now = 0.0
    while now < 100:
        now = max(now, pace.ready_at(now))
        pace.record_result(pace.start(now, "report"), now, "accepted")
        seen.append((now, pace.pace()))
    at = {second: next(rate for when, rate in seen if when >= second) for second in (15, 20, 30, 60)}
    assert at[15] < 20  # as long as it takes to know that the pace is kept
    assert 19 < at[20] < 20
    assert 23 < at[30] < 27
    assert at[60] > 100
    used = pace.pace()
    pace.record_result(pace.start(now + 3600, "report"), now + 3600, "accepted")
    assert pace.pace() <= used * 1.1


def test_one_uneven_arrival_costs_little_and_cuts_in_quick_succession_tell_the_truth():
    pace = Pace(workers=64, learned={"pace": 20.0, "at": 0})
    for number in range(29):
        accept(pace, burst(pace, 1, now=0.05 * number), 0.01 + 0.05 * number)
    refuse(pace, burst(pace, 1, now=1.45), 1.46)
    pace.ready_at(2.46)
    assert 17 < pace.pace() < 19
    for number in range(7):
        accept(pace, burst(pace, 1, now=2.5 + 0.05 * number), 2.51 + 0.05 * number)
    refuse(pace, burst(pace, 1, now=2.85), 2.86)
    pace.ready_at(3.86)
    assert 8.5 < pace.pace() < 9.5  # 36 calls in 3.8 s


def test_a_limit_that_is_lifted_is_noticed():
    strict, free_from = token_bucket(20), 130.0
    run = simulate(
        lambda now, inside: strict(now, inside) if now < free_from else None, calls=4000, workers=16, jitter=0.01
    )
    late = [at for at in run.accepted if at > free_from + 90]
    assert run.done == 4000
    assert len(late) / (run.accepted[-1] - free_from - 90) > 60 or run.accepted[-1] < free_from + 90


def test_a_call_that_never_reached_klenty_is_no_accepted_start():
    pace = Pace(workers=8)
    for number in range(10):
        pace.record_result(pace.start(0.01 * number, "report"), 0.01 * number, "not_sent")
    accept(pace, [pace.start(0.1, "report")], 0.11)
    refuse(pace, [pace.start(0.2, "report")], 0.21)
    pace.ready_at(1.3)
    assert pace.pace() is None  # one accepted start says nothing yet
    assert pace.in_flight == 0


def test_a_call_that_never_reached_klenty_says_nothing_of_how_many_were_accepted_at_once():
    """Else one that ends as soon as it begins would make the first answer seem to come at once."""
    pace = Pace(workers=16)
    lost, *kept = burst(pace, 9)
    turned_away = burst(pace, 4)
    pace.record_result(lost, 0.01, "not_sent")
    refuse(pace, turned_away, 0.05)
    accept(pace, kept, 0.2)
    crowding = turned_away[0].cycle.crowding()
    assert (crowding.together, crowding.turned_away, crowding.at_once) == (8, 4, 8)
    assert crowding.explains
    assert turned_away[0].cycle.fastest() > 0.1


def test_a_refusal_without_evidence_lets_fewer_try_and_then_all_again():
    pace = Pace(workers=8)
    refuse(pace, burst(pace, 1), 0.1)
    now = pace.ready_at(1.1)
    tried = pace.start(now, "report")
    assert pace.ready_at(now) == math.inf
    accept(pace, [tried], now + 0.1)
    run = simulate(unlimited, calls=60, workers=8, pace=pace, begin=now + 0.2)
    assert run.most_inside == 8
    assert (pace.pace(), pace.width()) == (None, 8)


# Caps, closing, memory, latency


@pytest.mark.parametrize("per_second", [0.5, 7, 50])
def test_calls_per_second_is_a_hard_cap(per_second):
    run = simulate(unlimited, calls=60, workers=32, pace=Pace(workers=32, calls_per_second=per_second))
    assert run.done == 60
    for index, began in enumerate(run.started):
        assert sum(began <= other < began + 4 for other in run.started[index:]) <= 4 * per_second + 1


def test_a_pace_that_is_learned_does_not_lift_the_cap():
    pace = Pace(workers=8, calls_per_second=5, learned={"pace": 300.0, "at": 0})
    assert pace.pace() == 5


def test_a_pause_longer_than_anyone_stands_in_line_closes():
    pace = Pace(workers=8, longest_pause=60)
    refuse(pace, burst(pace, 1), 0.0, retry_after=3600)
    assert pace.closed(0.0) == 300  # and then it is tried once more
    assert pace.closed(250.0) is None
    assert pace.ready_at(250.0) == 300


def test_nothing_but_refusals_closes_and_one_answer_opens():
    pace, now = Pace(workers=8), 0.0
    for number in range(6):
        assert pace.closed(now) is None
        assert pace.ready_at(now) <= now
        refuse(pace, [pace.start(now, "report")], now, retry_after=None)
        now = pace.ready_at(now) if number < 5 else now
    assert pace.closed(now) == 16
    assert pace.closed(now + 16) is None
    now += 16
    assert pace.ready_at(now) <= now
    accept(pace, [pace.start(now, "report")], now)
    assert pace.closed(now) is None


def test_what_was_learned_makes_the_next_run_better():
    first = simulate(token_bucket(20), calls=300, workers=64)
    note = json.loads(json.dumps(first.pace.learned(1_000_000)))
    second = simulate(token_bucket(20), calls=300, workers=64, pace=Pace(workers=64, learned=note, wall=1_003_600))
    assert second.refusals <= 1
    assert second.seconds <= 1.2 * IDEAL
    forgotten = Pace(workers=64, learned=note, wall=1_000_000 + 8 * 24 * 3600)
    assert forgotten.pace() is None
    cap = simulate(in_flight(10), calls=300, workers=64)
    again = Pace(workers=64, learned=cap.pace.learned(0), wall=60)
    assert simulate(in_flight(10), calls=300, workers=64, pace=again).refusals == 0


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda some: st.lists(some) | st.dictionaries(
        st.sampled_from(["pace", "in_flight", "proven", "at", "x"]), some), max_leaves=8,
)  # fmt: skip


@given(_JSON)
def test_a_note_of_any_shape_is_taken_or_passed_over(note):
    pace = Pace(workers=4, learned=note, wall=100.0)
    assert 1 <= pace.width() <= 4
    assert pace.pace() is None or 0 < pace.pace() < math.inf


def test_growing_latency_is_answered_by_fewer_in_flight():
    def crowded(_now, inside):
        return 0.1 * max(1.0, inside / 8)

    run = simulate(unlimited, calls=4000, workers=64, latency=crowded, cpu=0.0001)
    assert run.pace.width() < 40
    assert run.seconds <= 1.1 * 4000 * 0.1 / 8  # eight are served at once: fewer in line lose nothing


def test_latency_that_does_not_come_from_us_is_lived_with():
    run = simulate(unlimited, calls=3000, workers=16, latency=lambda now, _: 0.1 if now < 105 else 0.8, cpu=0.0001)
    assert run.pace.width() == 16
    assert run.seconds <= 5 + 1.1 * (3000 - 800) * 0.8 / 16


def test_the_simulated_servers_limit_as_they_say():
    bucket, window = token_bucket(20), simulated.sliding_window(20)
    for limit in (bucket, window):
        assert [limit(0.0, 0) for _ in range(21)] == [None] * 20 + [1]
    assert bucket(0.05, 0) is None
    assert window(0.05, 0) == 1
    assert window(1.0, 0) is None
