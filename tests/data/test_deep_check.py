"""The deep check over real HTTP: the sandbox answers every open question one way and the other."""

import random
import threading
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.data.account_check import questions
from dashboard.data.account_check.check import DeepCheck, deep_check
from dashboard.data.account_check.facts import NOTHING_SETTLED, AccountFacts
from dashboard.data.account_check.probe import MOST_CALLS
from dashboard.data.account_check.questions import Picked
from dashboard.data.windows import Window
from klenty_api import AuthenticationError, Cadence, KlentyClient
from klenty_api.sandbox import Behaviour, Sandbox

TODAY = date(2026, 11, 24)
BUSY = date(2026, 11, 18)
READS = {"list_cadences", "email_engagements", "stepwise_engagements"}


def check(**settings):
    with (
        Sandbox(today=TODAY, **({"cadences": 7} | settings)) as sandbox,
        KlentyClient(sandbox.user, sandbox.api_key, base_url=sandbox.base_url) as client,
    ):
        found = deep_check(client, timezone="Europe/Berlin", today=TODAY)
        assert found.calls == len(sandbox.requests) <= MOST_CALLS
        assert {request.operation for request in sandbox.requests} <= READS
        assert not found.stopped
        assert DeepCheck.from_json(found.as_json()) == found
        return found


@pytest.fixture(scope="module")
def ordinary():
    return check()


@pytest.fixture(scope="module")
def opposite():
    """Every point that can be answered otherwise is."""
    return check(
        extras=False,
        end_day_included=False,
        unknown_cadence="zeros",
        behaviour=Behaviour(
            dated_by="send", people=frozenset({"open", "reply"}), windowless=frozenset(), sees="own", day_zone="UTC"
        ),
    )


def answer(found, key):
    return next(one for one in found.answers if one.key == key)


def test_an_ordinary_account_is_settled_with_evidence(ordinary):
    statuses = {one.key: one.status for one in ordinary.answers}
    assert statuses == dict.fromkeys(statuses, "settled") | {"users": "not seen"}
    assert len(statuses) == 10
    assert all(one.evidence for one in ordinary.answers)
    assert (
        ordinary.calls == 1 + sum(one.calls for one in ordinary.answers) + 6
    )  # the list, and six cadences to pick from
    facts = ordinary.facts
    assert {"mailSentCount", "contactedCount"} <= set(facts.undocumented)
    assert (facts.in_cadence_is_now, facts.current_state) == (True, ("inCadenceCount",))
    assert (facts.times_honoured, facts.end_day_included, facts.day_zone) == (True, True, "UTC")
    assert (facts.dated_by, facts.opens_exceed) == ("event", True)
    assert (facts.unknown_name, facts.users_differ) == ("nothing", None)
    assert set(facts.additive.values()) == {False}  # equal sums are no proof
    assert "contacted" in facts.additive
    assert not {"opens", "replies", "emails_sent", "in_cadence_now"} & set(facts.additive)


def test_the_opposite_account(opposite):
    facts = opposite.facts
    assert facts.undocumented == ()
    assert (facts.in_cadence_is_now, facts.current_state) == (False, ())
    assert (facts.times_honoured, facts.end_day_included) == (True, False)
    assert (facts.dated_by, facts.opens_exceed) == (None, None)  # too few events to tell, and never more seen
    assert answer(opposite, "dated").status == "unclear"
    assert (facts.unknown_name, facts.users_differ) == ("zeros", True)
    assert facts.additive["opens"] is False
    assert "prospects_added" not in facts.additive


def test_events_on_the_dates_of_their_emails_take_many_events_to_be_told():
    found = check(cadences=4, behaviour=Behaviour(dated_by="send"))
    assert (found.facts.dated_by, answer(found, "dated").status) == ("send", "settled")


def test_evidence_holds_the_numbers_that_klenty_answered(ordinary, read_only_sandbox):
    evidence = " ".join(answer(ordinary, "additive").evidence)
    assert "contactedCount" in evidence
    whole, parts = evidence.split("contactedCount ")[1].split(" = ")[0].split(" against ")
    weeks = [int(part.replace(",", "")) for part in parts.split(" + ")]
    assert len(weeks) == 4
    assert sum(weeks) > int(whole.replace(",", "")) > max(weeks)
    silent = answer(ordinary, "dated").evidence[0]
    assert "no email sent, yet" in silent


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/Los_Angeles"])
def test_the_zone_in_which_dates_are_cut(zone):
    found = check(cadences=2, behaviour=Behaviour(day_zone=zone))
    assert found.facts.day_zone == zone
    assert found.facts.times_honoured is True


@pytest.mark.parametrize("included", [True, False])
def test_times_that_are_ignored(included):
    found = check(
        cadences=2,
        end_day_included=included,
        unknown_cadence="refused",
        behaviour=Behaviour(
            times_honoured=False, day_zone="Asia/Kolkata", windowless=frozenset({"inCadenceCount", "bounceCount"})
        ),
    )
    facts = found.facts
    assert (facts.times_honoured, facts.end_day_included) == (False, included)
    assert facts.day_zone == "Asia/Kolkata"
    assert facts.current_state == ("bounceCount", "inCadenceCount")
    assert "emails_sent" not in facts.additive  # asked as dates, so that no day is in two windows
    assert facts.unknown_name == "refused"
    assert any("whatever the range: bounceCount." in note for note in facts.notes)
    assert any("Klenty counts whole days" in note for note in facts.range_notes)
    assert any("last day of a range is left out" in note for note in facts.notes) is not included


def test_where_no_report_comes_all_is_unclear_and_nothing_is_learned():
    with Sandbox(today=TODAY, cadences=3) as sandbox:
        sandbox.faults.add("refused_json", "email_engagements")
        with KlentyClient(sandbox.user, sandbox.api_key, base_url=sandbox.base_url) as client:
            found = deep_check(client, timezone="UTC", today=TODAY)
    unclear = [one for one in found.answers if one.key not in {"unknown", "opens"}]
    assert not any(one.settled for one in unclear)
    assert found.facts.additive == {}
    assert (found.facts.dated_by, found.facts.day_zone, found.facts.users_differ) == (None, None, None)


def test_a_refused_key_ends_it_and_a_failing_report_only_its_question():
    with Sandbox(today=TODAY, cadences=3) as sandbox:
        with (
            KlentyClient(sandbox.user, "wrong", base_url=sandbox.base_url) as client,
            pytest.raises(AuthenticationError),
        ):
            deep_check(client, timezone="UTC", today=TODAY)
        sandbox.faults.add("refused_json", "stepwise_engagements")
        with KlentyClient(sandbox.user, sandbox.api_key, base_url=sandbox.base_url) as client:
            found = deep_check(client, timezone="UTC", today=TODAY)
    opens = answer(found, "opens")
    assert (opens.settled, found.facts.opens_exceed) == (False, None)
    assert "K5000" in opens.evidence[0]
    assert answer(found, "additive").settled


def test_it_can_be_stopped_and_says_so():
    stop, asked = threading.Event(), []

    def tell(done, most, question):
        asked.append((done, most, question))
        if done == 20:
            stop.set()

    with Sandbox(today=TODAY, cadences=3) as sandbox:
        with KlentyClient(sandbox.user, sandbox.api_key, base_url=sandbox.base_url) as client:
            found = deep_check(client, timezone="UTC", today=TODAY, tell=tell, cancel=stop)
        assert len(sandbox.requests) == found.calls == 20
    assert found.stopped
    assert [done for done, _, _ in asked] == list(range(1, 21))
    assert asked[0][2] == "Choosing cadences to ask about"
    assert answer(found, "fields").settled
    assert answer(found, "opens").answer == "Not asked to the end"


class OneBusyDay:
    """Answers for a cadence whose only events were on one day, and whose minutes hold nothing."""

    def counts(self, name, start, end, user=None):
        return {"openCount": 50} if start == BUSY and not isinstance(start, datetime) else {"openCount": 0}


def test_empty_minutes_beside_empty_days_do_not_look_like_whole_days():
    cadence = Cadence("1", "A", None, is_active=True, created=None)
    picked = Picked(
        (cadence,), (cadence,), (cadence,), Window(TODAY - timedelta(days=28), BUSY + timedelta(days=3), "UTC")
    )
    found, learned = questions._times(OneBusyDay(), picked, AccountFacts(end_day_included=True))
    assert learned == {"times_honoured": True}, found


def offset_of(zone):
    """The clock of a zone on the day of the checks; also of a name such as "UTC+05:30"."""
    if zone.startswith("UTC") and zone != "UTC":
        hours, minutes = zone[4:].split(":")
        return timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if zone[3] == "-" else 1)
    return datetime(2026, 11, 18, tzinfo=ZoneInfo(zone)).utcoffset()


ZONES = (
    "UTC", "Europe/Berlin", "Etc/GMT+3", "America/St_Johns", "Asia/Kolkata", "America/Los_Angeles", "Etc/GMT+11",
    "Asia/Tokyo", "Australia/Adelaide", "Asia/Tehran", "America/New_York", "Pacific/Auckland", "Etc/GMT-6",
)  # fmt: skip
ADDITIVE = {"replies": "reply", "opens": "open", "clicks": "click"}


# Of the first 60, those that together hold every pair of settings: kinds of people, dating, times, end day, cadences.
SEEDS = (0, 1, 5, 7, 10, 15, 16, 30, 34, 41, 48, 55)


@pytest.mark.parametrize("seed", SEEDS)
def test_accounts_drawn_at_random_are_never_settled_wrongly(seed):
    rng = random.Random(seed)
    people = frozenset(kind for kind in ADDITIVE.values() if rng.random() < 0.5)
    zone, dated_by, times = rng.choice(ZONES), rng.choice(("event", "send")), rng.random() < 0.7
    behaviour = Behaviour(dated_by=dated_by, people=people, day_zone=zone, times_honoured=times)
    found = check(cadences=rng.randint(1, 4), seed=seed + 100, end_day_included=rng.random() < 0.6, behaviour=behaviour)
    facts = found.facts
    assert facts.dated_by in {None, dated_by}
    assert facts.times_honoured in {None, times}
    assert facts.day_zone is None or offset_of(facts.day_zone) == offset_of(zone)
    assert not any(facts.additive.values())
    assert not {name for name, kind in ADDITIVE.items() if kind not in people} & set(facts.additive)
    assert facts.users_differ is None
    assert facts.in_cadence_is_now in {None, True}


def test_no_evidence_names_a_person(ordinary, opposite):
    for found in (ordinary, opposite):
        assert "@" not in " ".join(line for one in found.answers for line in one.evidence)


def test_facts_survive_keeping_and_nonsense_is_nothing():
    facts = AccountFacts(
        checked_at=datetime(2026, 11, 25, tzinfo=UTC), undocumented=("a",), additive={"opens": False}, day_zone="UTC",
        current_state=("x",), users_differ=True, unknown_name="zeros", dated_by="send",
    )  # fmt: skip
    assert AccountFacts.from_json(facts.as_json()) == facts
    for broken in (None, 3, [], {"checked_at": "x"}, {"additive": 3}):
        assert AccountFacts.from_json(broken) == NOTHING_SETTLED
    assert AccountFacts.from_json({"of a later version": 1}) == NOTHING_SETTLED
    for broken in (None, 3, {}, {"answers": [{"key": 1}]}):
        assert DeepCheck.from_json(broken) is None
