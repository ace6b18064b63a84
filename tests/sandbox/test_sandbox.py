"""The sandbox against itself: windows recounted from its events, writes read back, strictness, faults."""

import http.client
import json
import socket
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

import pytest

from klenty_api.sandbox import FAULT_KINDS, Behaviour, Limit, Sandbox

TODAY = date(2026, 11, 24)
DOCUMENTED = {
    "prospectsAdded", "inCadenceCount", "prospectsCompleted", "openCount", "linkCount", "replyCount",
    "unsubscribeCount", "bounceCount", "positiveCount", "negativeCount",
}  # fmt: skip
STEP_KEYS = {
    "stepNumber", "stepType", "openCount", "replyCount", "positiveReply", "negetiveReply", "positiveReplyPercent",
    "negetiveReplyPercent", "linkCount", "mailCount", "openPercent", "replyPercent", "linkPercent", "completed",
    "taskCount", "callCount", "completedCalls", "options",
}  # fmt: skip


def ask(sandbox, method, path, body=None, *, user=None, key="sandbox-key", headers=None, raw=None):
    """One request with nothing of the client: (status, JSON or None, text)."""
    host = sandbox.base_url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=5)
    sent = {"x-API-key": key, "Content-Type": "application/json"} if headers is None else headers
    payload = raw if raw is not None else None if body is None else json.dumps(body)
    with closing(connection):
        connection.request(method, f"/apis/v1/user/{quote(user or sandbox.user)}/{path}", payload, sent)
        with connection.getresponse() as answer:
            text = answer.read().decode()
    try:
        return answer.status, json.loads(text), text
    except ValueError:
        return answer.status, None, text


def window(name, start, end):
    return {"cadenceName": name, "startDate": start, "endDate": end}


def report(sandbox, name, start="2026-10-01", end="2026-11-20"):
    return ask(sandbox, "POST", "emailEngagements", window(name, start, end))[1]


def steps(sandbox, name, start="2026-10-01", end="2026-11-20"):
    return ask(sandbox, "POST", "stepWiseEngagements", window(name, start, end))[1]


def test_a_window_counts_the_events_that_lie_in_it(read_only_sandbox):
    first = datetime(2026, 10, 1, tzinfo=UTC)
    last = datetime(2026, 11, 20, 23, 59, 59, 999999, tzinfo=UTC)
    for name in ("Inbound demo requests", "Outbound – VP Sales, North America", "Bought list – Manufacturing"):
        inside = [event for event in read_only_sandbox.events(name) if first <= event.at <= last]
        kinds = Counter(event.kind for event in inside)
        got = report(read_only_sandbox, name)
        expected = {
            "prospectsAdded": "added", "prospectsCompleted": "completed", "openCount": "open", "linkCount": "click",
            "replyCount": "reply", "unsubscribeCount": "unsubscribe", "bounceCount": "bounce",
            "positiveCount": "positive", "negativeCount": "negative", "mailSentCount": "sent",
        }  # fmt: skip
        assert {key: got[key] for key in expected} == {key: kinds[kind] for key, kind in expected.items()}
        assert got["contactedCount"] == len({event.prospect for event in inside if event.kind == "sent"})
        for step in steps(read_only_sandbox, name):
            own = [event for event in inside if event.step == step["stepNumber"]]
            assert step["mailCount"] == sum(event.kind == "sent" for event in own)
            assert step["replyCount"] == sum(event.kind == "reply" for event in own)
            for option in step["options"]:
                of_option = [event for event in own if event.option == option["option"]]
                assert option["mailCount"] == sum(event.kind == "sent" for event in of_option)
                assert option["openCount"] == sum(event.kind == "open" for event in of_option)


def test_windows_of_events_add_up_and_people_do_not_leave_what_they_never_entered(read_only_sandbox):
    name = "Outbound – VP Sales, North America"
    whole = report(read_only_sandbox, name, "2026-10-01", "2026-10-31")
    parts = [
        report(read_only_sandbox, name, "2026-10-01", "2026-10-15"),
        report(read_only_sandbox, name, "2026-10-16", "2026-10-31"),
    ]
    for key in ("mailSentCount", "replyCount", "openCount", "prospectsAdded"):
        assert whole[key] == sum(part[key] for part in parts)
    assert whole["contactedCount"] < sum(part["contactedCount"] for part in parts)  # people do not add up
    assert whole["inCadenceCount"] == parts[0]["inCadenceCount"] >= 0  # now, whatever the window


def test_the_shapes_are_the_documented_ones_misspellings_included(read_only_sandbox):
    got = report(read_only_sandbox, "Inbound demo requests")
    assert got.keys() >= DOCUMENTED
    assert got.keys() >= {"mailSentCount", "contactedCount", "openUiCount", "linkedInTasksReport"}
    first = steps(read_only_sandbox, "Inbound demo requests")[0]
    assert first.keys() == STEP_KEYS
    assert first["stepType"] == "mail"
    assert first["options"][0].keys() >= {"option", "negetiveReply", "templateName", "subject", "snippet"}
    mails, replies = first["mailCount"], first["replyCount"]
    assert first["replyPercent"] == int(100 * replies / mails + 0.5)


def test_some_cadences_deviate_as_live_answers_do(read_only_sandbox):
    assert "positiveCount" not in report(read_only_sandbox, "Partner referrals")
    assert "mailSentCount" not in report(read_only_sandbox, "Privacy-first prospects")
    assert isinstance(report(read_only_sandbox, "Outbound – Heads of RevOps, DACH")["replyCount"], str)
    (odd,) = [name for name in read_only_sandbox.cadence_names if name.startswith("=")]
    assert isinstance(steps(read_only_sandbox, odd)["data"], list)
    tracked_off = report(read_only_sandbox, "Privacy-first prospects", "2026-06-01")
    assert tracked_off["openCount"] == 0 < tracked_off["replyCount"]
    inflated = steps(read_only_sandbox, "Free-trial nudges")[0]
    assert inflated["openCount"] > inflated["mailCount"]
    gap = steps(read_only_sandbox, "Agencies / UK & Ireland, “mid-market” (50–200)")[0]
    assert sum(option["mailCount"] for option in gap["options"]) < gap["mailCount"]
    late = {
        o["option"]: o["mailCount"]
        for o in steps(read_only_sandbox, "Free-trial nudges", "2026-06-01", "2026-09-01")[1]["options"]
    }
    assert late[1] > 0 == late[2]


def test_the_company_is_varied(read_only_sandbox):
    listed = ask(read_only_sandbox, "GET", "cadences")[1]
    names = [cadence["name"] for cadence in listed]
    assert len(names) >= 12
    assert len(names) - len(set(names)) == 1  # two owners share one name
    assert len({cadence["owner"] for cadence in listed}) >= 4
    assert {cadence["isActive"] for cadence in listed} == {True, False}
    assert any(name.startswith("=") for name in names)
    assert any("🚀" in name for name in names)
    assert any('"' in name for name in names)
    assert any("/" in name for name in names)
    assert any(len(name) > 120 for name in names)
    sizes = {len(steps(read_only_sandbox, name) if not name.startswith("=") else [1, 2]) for name in set(names)}
    assert max(sizes) == 8
    only_weekdays = [event for event in read_only_sandbox.events("Inbound demo requests") if event.kind == "sent"]
    assert {event.at.weekday() for event in only_weekdays} == {0, 1, 2, 3, 4}
    assert report(read_only_sandbox, "Inbound demo requests", "2026-11-16", "2026-11-23")["mailSentCount"] > 0


def test_the_same_seed_gives_the_same_world_and_another_another():
    same = [Sandbox(seed=3, today=TODAY, cadences=2).events("Inbound demo requests") for _ in range(2)]
    other = Sandbox(seed=4, today=TODAY, cadences=2).events("Inbound demo requests")
    assert same[0] == same[1] != other


def test_more_cadences_on_request():
    assert len(set(Sandbox(today=TODAY, cadences=50).cadence_names)) == 49


def test_replies_follow_the_true_rates(read_only_sandbox):
    """Of the first step's mails about as many are answered as the truth says (within four deviations)."""
    name = "Outbound – VP Sales, North America"
    for option in (1, 2):
        rate = read_only_sandbox.truth[name, 1, option]
        own = [event for event in read_only_sandbox.events(name) if (event.step, event.option) == (1, option)]
        sent = sum(event.kind == "sent" for event in own)
        replied = len({event.prospect for event in own if event.kind == "reply"})
        assert abs(replied - sent * rate) < 4 * (sent * rate) ** 0.5 + 0.03 * sent * rate


def test_people_go_through_a_cadence_as_people_do(read_only_sandbox):
    """Bounces, unsubscribes and replies at the planned rates; who has left gets no more mails; every end occurs."""
    plan = next(c.plan for c in read_only_sandbox.account.cadences if c.plan.name == "Bought list – Manufacturing")
    events = read_only_sandbox.events(plan.name)
    kinds = Counter(event.kind for event in events)
    first_mails = sum(event.kind == "sent" and event.step == 1 for event in events)
    assert kinds["bounce"] / first_mails == pytest.approx(plan.bounce, abs=0.04)
    assert kinds["unsubscribe"] / kinds["sent"] == pytest.approx(plan.unsubscribe, abs=0.008)
    left = {event.prospect: event.at for event in events if event.kind == "left"}
    assert not [event for event in events if event.kind == "sent" and event.at > left.get(event.prospect, event.at)]
    for name in ("Inbound demo requests", "Outbound – VP Sales, North America"):
        kinds = Counter(event.kind for event in read_only_sandbox.events(name))
        assert 0.5 < (kinds["positive"] + kinds["negative"]) / kinds["reply"] < 1  # most are marked, not all
    ends = {state for person in read_only_sandbox.account.prospects.values() for state in person.cadences.values()}
    assert ends == {
        "In Cadence", "Completed without reply", "Bounced", "Replied", "Replied stopped", "Manually stopped",
        "Auto-reply stopped", "Unsubscribed",
    }  # fmt: skip


NEW = "new.person@example.com"


def write(sandbox, path, body):
    status, answer, _ = ask(sandbox, "POST", path, body)
    return status, answer


def prospect(sandbox, email=NEW):
    return ask(sandbox, "GET", f"prospects?Email={quote(email)}&CustomFields=true")[1][0]


def standing(sandbox, email=NEW):
    answer = ask(sandbox, "GET", f"prospects/{quote(email)}/status")[1]
    return answer["cadenceStatus"], answer["prospectStatus"]


def test_what_is_written_can_be_read_back(small_sandbox):
    body = {
        "Email": NEW,
        "FirstName": "New",
        "List": "Brand new list",
        "Tags": "a|b",
        "CustomFields": [{"key": "k", "value": "v"}],
    }
    status, answer = write(small_sandbox, "prospects", body)
    assert (status, answer["status"], answer["details"]["email"]) == (200, True, NEW)
    got = prospect(small_sandbox)
    assert (got["FirstName"], got["List"], got["Tags"]) == ("New", "Brand new list", "a,b")
    assert got["CustomFields"] == [{"key": "k", "value": "v"}]
    assert "Brand new list" in [known["name"] for known in ask(small_sandbox, "GET", "lists")[1]]
    again = write(small_sandbox, "prospects", {"Email": NEW, "FirstName": "Newer", "List": "Other", "Tags": "c"})[1]
    assert again["status"] is True
    got = prospect(small_sandbox)
    assert (got["FirstName"], got["List"], got["Tags"]) == ("Newer", "Brand new list", "a,b")  # as documented
    write(small_sandbox, f"prospects/{NEW}", {"Title": "CEO", "Outcome": "Interested", "Tags": "d"})
    assert (prospect(small_sandbox)["Title"], prospect(small_sandbox)["Tags"]) == ("CEO", "a,b,d")
    write(small_sandbox, f"prospects/{NEW}/removeTags", {"tag": ["a", "d"]})
    assert prospect(small_sandbox)["Tags"] == "b"


def test_a_cadence_is_started_stopped_resumed_and_counted(small_sandbox):
    name = "Inbound demo requests"
    write(small_sandbox, "prospects", {"Email": NEW, "FirstName": "New"})
    before = report(small_sandbox, name, "2026-11-24", "2026-11-25")
    assert write(small_sandbox, "startcadence", {"Email": NEW, "cadenceName": name})[1] == {"status": True}
    after = report(small_sandbox, name, "2026-11-24", "2026-11-25")
    for key in ("prospectsAdded", "inCadenceCount", "mailSentCount"):
        assert after[key] == before[key] + 1
    assert standing(small_sandbox) == ("In Cadence", "Contacted")
    assert write(small_sandbox, "startcadence", {"Email": NEW, "cadenceName": name})[1]["status"] is False
    assert write(small_sandbox, "stopcadence", {"Email": NEW, "cadenceName": name})[1] == {"status": True}
    assert standing(small_sandbox)[0] == "Manually stopped"
    assert report(small_sandbox, name, "2026-11-24", "2026-11-25")["inCadenceCount"] == before["inCadenceCount"]
    assert write(small_sandbox, "cadences/resume", {"Email": NEW})[1] == {"status": True}
    assert report(small_sandbox, name, "2026-11-24", "2026-11-25")["inCadenceCount"] == after["inCadenceCount"]
    write(small_sandbox, "startcadence", {"Email": NEW, "cadenceName": small_sandbox.cadence_names[1]})
    write(small_sandbox, "stopcadence", {"Email": NEW})  # no name: all of them
    assert standing(small_sandbox)[0] == "Manually stopped"
    assert report(small_sandbox, name, "2026-11-24", "2026-11-25")["inCadenceCount"] == before["inCadenceCount"]


def test_unsubscribe_and_do_not_contact(small_sandbox):
    name = "Inbound demo requests"
    write(small_sandbox, "prospects", {"Email": NEW})
    assert write(small_sandbox, f"prospects/{NEW}/changeStatusToDoNotContact", {"Email": NEW})[1]["status"]
    assert standing(small_sandbox)[1] == "DoNotContact"
    assert write(small_sandbox, f"prospects/{NEW}/revertStatusToDoNotContact", {"Email": NEW})[1]["status"]
    assert standing(small_sandbox)[1] == "Not Contacted"
    write(small_sandbox, "startcadence", {"Email": NEW, "cadenceName": name})
    write(small_sandbox, f"prospects/{NEW}/changeStatusToDoNotContact", {"Email": NEW})
    write(small_sandbox, f"prospects/{NEW}/revertStatusToDoNotContact", {"Email": NEW})
    assert standing(small_sandbox)[1] == "Manually Stopped"  # they had been contacted
    write(small_sandbox, "startcadence", {"Email": NEW, "cadenceName": name})
    before = report(small_sandbox, name, "2026-11-24", "2026-11-25")
    write(small_sandbox, f"prospects/{NEW}/unsubscribe", {"Email": NEW})
    assert report(small_sandbox, name, "2026-11-24", "2026-11-25")["unsubscribeCount"] == before["unsubscribeCount"] + 1
    assert standing(small_sandbox)[1] == "Unsubscribed"
    assert write(small_sandbox, "startcadence", {"Email": NEW, "cadenceName": name})[1]["status"] is False


def test_bulk_and_webhooks(small_sandbox):
    rows = [{"Email": NEW}, {"Email": small_sandbox.account.cadences[0].events[0].prospect, "CompanyURL": "x.io"}]
    answer = write(small_sandbox, "prospects", rows)[1]
    assert [row["status"] for row in answer["details"]] == [
        "prospect added successfully",
        "prospect already exists in Klenty",
    ]
    hook = write(small_sandbox, "zapier/hooks", {"subscription_url": "https://x.io/a", "event": "completeCadence"})[1]
    assert hook["event"] == "completecadence"
    assert write(
        small_sandbox, "webhook/update", {"_id": hook["_id"], "subscription_url": "https://x.io/b", "event": "prospect"}
    )[1]["status"]
    assert ask(small_sandbox, "GET", "webhook/getall")[1][0]["url"] == "https://x.io/b"
    assert write(small_sandbox, "webhook/delete", {"webhookId": hook["_id"]})[1] == {"status": True}
    assert ask(small_sandbox, "GET", "webhook/getall")[1] == []


def test_reading_lists_and_calls(small_sandbox):
    by_list = ask(small_sandbox, "GET", "prospects?listName=Default&limit=20&start=1")[1]
    assert len(by_list) == 20
    next_page = ask(small_sandbox, "GET", "prospects?listName=Default&limit=20&start=21")[1]
    assert not {p["Id"] for p in by_list} & {p["Id"] for p in next_page}
    created = ask(small_sandbox, "GET", "prospects?startDate=2026/11/02&endDate=2026/11/03")[1]
    assert {p["createdDate"][:10] for p in created} == {"2026-11-02", "2026-11-03"}
    calls = ask(small_sandbox, "GET", "calls?startDate=2026-10-26&endDate=2026-11-20&page=1")[1]
    assert calls["data"]["hasMore"] is True
    assert calls["data"]["callData"][0].keys() >= {"callSid", "username", "disposition", "startTime", "endTime"}
    everybody = ask(small_sandbox, "GET", "prospects?limit=1000")[1]
    assert len(everybody) == min(1000, len(small_sandbox.account.prospects))
    since = ask(small_sandbox, "GET", "prospects?startDate=2026/11/02&limit=1000")[1]
    assert min(p["createdDate"][:10] for p in since) == "2026-11-02"


@pytest.mark.parametrize(
    ("days", "code"),
    [
        ("startDate=2026-10-25&endDate=2026-11-20", "K2002"),  # 30 days before today
        ("startDate=2026-11-19&endDate=2026-11-24", "K2002"),  # five days before
        ("startDate=2026-11-10&endDate=2026-11-09", "K2002"),
        ("startDate=2026-11-09&endDate=2026-11-09", "K2003"),  # the end is excluded
    ],
)
def test_calls_are_listed_as_live_answers_were(small_sandbox, days, code):
    answer = ask(small_sandbox, "GET", f"calls?{days}&page=1")[1]
    assert (answer["status"], answer["errors"][0]["code"]) == (False, code)


def test_updated_prospects_are_found(small_sandbox):
    write(small_sandbox, "prospects", {"Email": NEW, "CustomFields": [{"key": "k", "value": "v"}]})
    write(small_sandbox, f"prospects/{NEW}", {"CustomFields": [{"key": "k", "value": ""}]})
    found = ask(
        small_sandbox, "GET", "prospects?lastUpdatedDateStart=2026/11/24&lastUpdatedDateEnd=2026/11/24&limit=1000"
    )[1]
    assert found[-1]["Email"] == NEW
    assert {p["createdDate"][:10] for p in found} == {"2026-11-24"}  # the others are of today
    assert "CustomFields" not in found[-1]
    assert prospect(small_sandbox)["CustomFields"] == [{"key": "k", "value": ""}]


def test_pages_can_be_counted_instead_of_records():
    with Sandbox(today=TODAY, cadences=1, behaviour=Behaviour(start_counts="pages")) as sandbox:
        first, second = (ask(sandbox, "GET", f"prospects?limit=20&start={n}")[1] for n in (1, 2))
        assert len({p["Id"] for p in first + second}) == 40


@pytest.mark.parametrize("status", ["Bounced", "Replied stopped", "Completed without reply", "Unsubscribed"])
def test_only_some_statuses_can_be_resumed(small_sandbox, status):
    write(small_sandbox, "prospects", {"Email": NEW})
    account = small_sandbox.account
    account.find_prospect(NEW).cadences["Inbound demo requests"] = status
    assert write(small_sandbox, "cadences/resume", {"Email": NEW})[1]["errors"][0]["errorCode"] == "K1014"
    account.find_prospect(NEW).cadences["Inbound demo requests"] = "Replied"
    assert write(small_sandbox, "cadences/resume", {"Email": NEW})[1] == {"status": True}
    assert standing(small_sandbox)[0] == "In Cadence"


def test_what_is_missing_can_be_a_404_with_a_reason():
    behaviour = Behaviour(unknown_item="missing", unknown_cadence="missing")
    with Sandbox(today=TODAY, cadences=1, behaviour=behaviour) as sandbox:
        for method, path, body in (
            ("GET", "prospects?Email=nobody@x.io", None),
            ("POST", "startcadence", {"Email": "nobody@x.io", "cadenceName": "Inbound demo requests"}),
            ("POST", "webhook/delete", {"webhookId": "x"}),
            ("POST", "emailEngagements", window("Nope", "2026-11-01", "2026-11-02")),
        ):
            status, answer, _ = ask(sandbox, method, path, body)
            assert status == 404
            assert "K4004" in json.dumps(answer)


def test_guesses_can_be_switched_off():
    with Sandbox(today=TODAY, cadences=1, behaviour=Behaviour(refuses=frozenset())) as sandbox:
        write(sandbox, "prospects", {"Email": NEW, "Shoe size": "44"})
        for path, body in (
            (f"prospects/{NEW}/unsubscribe", {"Email": "other@x.io"}),
            ("startcadence", {"Email": NEW, "cadenceName": "Inbound demo requests"}),
            ("startcadence", {"Email": NEW, "cadenceName": "Inbound demo requests"}),
            ("stopcadence", {"Email": NEW, "cadenceName": "Inbound demo requests"}),
            ("stopcadence", {"Email": NEW, "cadenceName": "Inbound demo requests"}),
            (f"prospects/{NEW}/revertStatusToDoNotContact", {"Email": NEW}),
        ):
            assert write(sandbox, path, body)[1] == {"status": True}
        assert "Shoe size" not in prospect(sandbox)


def test_sandboxes_of_one_world_do_not_see_each_others_changes():
    with Sandbox(today=TODAY, cadences=1) as one, Sandbox(today=TODAY, cadences=1) as other:
        name, person = "Inbound demo requests", other.account.cadences[0].events[0].prospect
        before = report(other, name, "2026-11-24", "2026-11-25"), prospect(other, person), len(other.events(name))
        write(one, "prospects", {"Email": NEW, "List": "Mine"})
        write(one, "startcadence", {"Email": NEW, "cadenceName": name})
        write(one, f"prospects/{person}", {"Title": "Changed", "Tags": "mine"})
        write(one, f"prospects/{person}/unsubscribe", {"Email": person})
        assert prospect(one, person)["Title"] == "Changed"
        after = report(other, name, "2026-11-24", "2026-11-25"), prospect(other, person), len(other.events(name))
        assert before == after
        assert ask(other, "GET", f"prospects?Email={NEW}")[1]["status"] is False
        assert "Mine" not in [known["name"] for known in ask(other, "GET", "lists")[1]]
    with Sandbox(today=TODAY, cadences=1) as third:
        assert prospect(third, person) == before[1]


STRICT = {
    "wrong date order": ("emailEngagements", window("Inbound demo requests", "2026-11-02", "2026-11-01"), "K2002"),
    "no date": ("emailEngagements", window("Inbound demo requests", "soon", "2026-11-01"), "K2002"),
    "no zone": ("emailEngagements", window("Inbound demo requests", "2026-11-01T00:00:00", "2026-11-02"), "K2002"),
    "unknown cadence": ("stepWiseEngagements", window("Nope", "2026-11-01", "2026-11-02"), "K2003"),
    "missing field": ("emailEngagements", {"cadenceName": "Inbound demo requests"}, "K1002"),
    "misspelt field": ("emailEngagements", window("x", "2026-11-01", "2026-11-02") | {"cadencename": "x"}, "K1003"),
    "outcome on create": ("prospects", {"Email": NEW, "Outcome": "Lost"}, "K1003"),
    "tags as a list": ("prospects", {"Email": NEW, "Tags": ["a"]}, "K1004"),
    "custom fields as an object": ("prospects", {"Email": NEW, "CustomFields": {"k": "v"}}, "K1004"),
    "no email": ("prospects", {"FirstName": "x"}, "K1002"),
    "bad email": ("prospects", {"Email": "x"}, "K1005"),
    "101 at once": ("prospects", [{"Email": f"p{n}@x.io"} for n in range(101)], "K1007"),
    "outcome in another case": ("prospects/sam%40x.io", {"Outcome": "lost"}, "K1008"),
    "another address": (f"prospects/{NEW}/unsubscribe", {"Email": "other@x.io"}, "K1009"),
    "unknown event": ("zapier/hooks", {"subscription_url": "x.io", "event": "replied"}, "K1006"),
    "prospect only on update": ("zapier/hooks", {"subscription_url": "x.io", "event": "prospect"}, "K1006"),
    "tag as a text": (f"prospects/{NEW}/removeTags", {"tag": "a"}, "K1002"),
    "unknown prospect": ("startcadence", {"Email": "nobody@x.io", "cadenceName": "Inbound demo requests"}, "K2003"),
}


@pytest.mark.parametrize("case", STRICT)
def test_strict(read_only_sandbox, case):
    path, body, code = STRICT[case]
    status, answer, _ = ask(read_only_sandbox, "POST", path, body)
    assert status == 200
    assert answer["status"] is False
    assert answer["errors"][0]["code"] == code


def test_a_name_that_is_empty_is_not_taken_for_all(small_sandbox):
    write(small_sandbox, "prospects", {"Email": NEW})
    write(small_sandbox, "startcadence", {"Email": NEW, "cadenceName": "Inbound demo requests"})
    for name in (None, "", 7):
        answer = write(small_sandbox, "stopcadence", {"Email": NEW, "cadenceName": name})[1]
        assert answer["errors"][0]["errorCode"] == "K1004"
    assert standing(small_sandbox)[0] == "In Cadence"


def test_an_address_that_is_taken_is_not_given_twice(small_sandbox):
    write(small_sandbox, "prospects", {"Email": NEW})
    write(small_sandbox, "prospects", {"Email": "second@x.io", "FirstName": "Second"})
    assert write(small_sandbox, f"prospects/{NEW}", {"Email": "Second@x.io"})[1]["errors"][0]["code"] == "K1015"
    assert prospect(small_sandbox)["Email"] == NEW
    assert write(small_sandbox, f"prospects/{NEW}", {"Email": NEW.upper()})[1]["status"] is True


@pytest.mark.parametrize("query", ["prospects?listName=Default&start=x", "prospects?listName=Default&limit=0"])
def test_paging_is_checked(read_only_sandbox, query):
    assert ask(read_only_sandbox, "GET", query)[1]["errors"][0]["code"] == "K1004"


@pytest.mark.parametrize("path", ["stopcadence", "cadences/resume"])
def test_the_second_shape_of_errors(read_only_sandbox, path):
    answer = ask(read_only_sandbox, "POST", path, {"Email": "nobody@x.io"})[1]
    assert answer["status"] == 400
    assert answer["errors"][0].keys() == {"errorCode", "errorMessage", "type"}


def test_the_gate(read_only_sandbox):
    status, answer, _ = ask(read_only_sandbox, "GET", "cadences", key="nope")
    assert (status, answer["reason"]) == (401, "invalidAPIKey")
    assert ask(read_only_sandbox, "GET", "cadences", headers={})[0] == 401
    status, answer, _ = ask(read_only_sandbox, "GET", "cadences", user="who@x.io")
    assert status == 403
    assert answer["message"].startswith("Invalid user")
    assert ask(read_only_sandbox, "GET", "nothing")[0] == 404
    assert ask(read_only_sandbox, "POST", "startcadence", raw="{not json")[0] == 400
    assert ask(read_only_sandbox, "POST", "startcadence", raw="{}", headers={"x-API-key": "sandbox-key"})[0] == 400


def test_requests_are_recorded_without_the_key(small_sandbox):
    ask(small_sandbox, "POST", "stopcadence", {"Email": NEW})
    ask(small_sandbox, "GET", "cadences", key="guess")
    first, second = small_sandbox.requests
    assert (first.operation, first.method, first.body) == ("stop_all_cadences", "POST", {"Email": NEW})
    assert (first.headers["x-API-key"], second.headers["x-API-key"]) == ("right", "wrong")
    assert "sandbox-key" not in repr(small_sandbox.requests)
    assert "guess" not in repr(small_sandbox.requests)


def test_every_fault_is_real(small_sandbox):
    add, clear = small_sandbox.faults.add, small_sandbox.faults.clear

    def cadences():
        return ask(small_sandbox, "GET", "cadences")

    add("latency", seconds=0.3)
    began = time.monotonic()
    assert cadences()[0] == 200
    assert time.monotonic() - began >= 0.3
    clear()
    add("server_error", status=503, times=1)
    assert [cadences()[0], cadences()[0]] == [503, 200]
    add("rate_limited", retry_after=7, times=1)
    assert cadences()[0] == 429
    add("html", times=1)
    assert cadences()[2].startswith("<!DOCTYPE")
    add("wrong_key", times=1)
    assert cadences()[0] == 401
    add("refused_json", times=1)
    assert cadences()[1]["status"] is False
    add("missing", times=1)
    assert (cadences()[0], cadences()[0]) == (404, 200)
    add("redirect", times=1)
    assert cadences()[0] == 302
    add("reset", times=1)
    with pytest.raises(ConnectionResetError):
        cadences()
    add("cut_json", times=1)
    with pytest.raises(http.client.IncompleteRead):
        cadences()
    add("slow_body", seconds=0.3, times=1)
    began = time.monotonic()
    assert cadences()[0] == 200
    assert time.monotonic() - began >= 0.3
    assert cadences()[0] == 200
    assert set(FAULT_KINDS) == {
        "latency", "rate_limited", "server_error", "reset", "cut_json", "html", "slow_body", "wrong_key",
        "refused_json", "redirect", "missing",
    }  # fmt: skip


def test_a_reset_after_processing_has_done_what_was_asked(small_sandbox):
    small_sandbox.faults.add("reset", operation="create_prospect", times=1, after_processing=True)
    with pytest.raises(ConnectionResetError):
        ask(small_sandbox, "POST", "prospects", {"Email": NEW})
    assert prospect(small_sandbox)["Email"] == NEW
    small_sandbox.faults.add("reset", operation="create_prospect", times=1)
    with pytest.raises(ConnectionResetError):
        ask(small_sandbox, "POST", "prospects", {"Email": "second@x.io"})
    assert ask(small_sandbox, "GET", "prospects?Email=second@x.io")[1]["status"] is False


def test_faults_can_be_limited_to_an_operation_and_a_cadence(small_sandbox):
    one, two, _ = small_sandbox.cadence_names
    small_sandbox.faults.add("server_error", operation="email_engagements", cadence=one)
    body = [window(name, "2026-11-01", "2026-11-02") for name in (one, two)]
    assert ask(small_sandbox, "POST", "emailEngagements", body[0])[0] == 500
    assert ask(small_sandbox, "POST", "emailEngagements", body[1])[0] == 200
    assert ask(small_sandbox, "POST", "stepWiseEngagements", body[0])[0] == 200
    with pytest.raises(ValueError, match="unknown fault"):
        small_sandbox.faults.add("tired")


def test_faults_and_help_over_http(small_sandbox):
    host = small_sandbox.base_url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=5)

    def call(method, path, body=None):
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    assert call("POST", "/sandbox/faults", '{"kind": "server_error", "times": 1}')[0] == 200
    assert ask(small_sandbox, "GET", "cadences")[0] == 500
    assert call("POST", "/sandbox/faults", '{"kind": "tired"}')[0] == 400
    assert json.loads(call("DELETE", "/sandbox/faults")[1]) == []
    status, text = call("GET", "/sandbox")
    assert status == 200
    assert small_sandbox.user in text
    assert len(json.loads(call("GET", "/sandbox/requests")[1])) == 1
    connection.close()


@pytest.mark.parametrize("kind", ["token", "window"])
def test_a_limit_per_second_refuses_the_rest_and_says_how_long(small_sandbox, kind):
    small_sandbox.limit = Limit(kind, 3)
    answers = [ask(small_sandbox, "GET", "lists")[0] for _ in range(5)]
    assert answers == [200, 200, 200, 429, 429]
    assert small_sandbox.limit.as_json() == {
        "kind": kind, "number": 3, "retry_after": True, "late": False, "accepted": 3, "refused": 2, "most_in_flight": 1
    }  # fmt: skip


def test_a_limit_in_flight_counts_calls_until_they_are_answered(small_sandbox):
    limit = Limit("in_flight", 2)
    assert limit.enter() is None
    assert limit.enter() is None
    assert limit.enter() == {"Retry-After": "1"}
    limit.leave()
    assert limit.enter() is None
    quiet = Limit.from_text("in_flight:1:quiet")
    assert (quiet.enter(), quiet.enter()) == (None, {})
    small_sandbox.limit = Limit("in_flight", 1)
    assert [ask(small_sandbox, "GET", "lists")[0] for _ in range(4)] == [200] * 4  # one after the other


def test_a_limit_is_set_and_lifted_over_http_and_wrong_ones_are_refused(small_sandbox):
    host = small_sandbox.base_url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=5)

    def call(method, body=None):
        connection.request(method, "/sandbox/limit", body)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    assert call("GET") == (200, None)
    assert call("POST", '{"kind": "token", "number": 1, "retry_after": false}')[1]["number"] == 1
    assert [ask(small_sandbox, "GET", "lists")[0] for _ in range(2)] == [200, 429]
    assert call("GET")[1]["refused"] == 1
    for wrong in ('{"kind": "tired", "number": 1}', '{"kind": "token", "number": 0}', '{"kind": "token"}', "[1]", "x"):
        assert call("POST", wrong)[0] == 400
    assert call("DELETE") == (200, None)
    assert ask(small_sandbox, "GET", "lists")[0] == 200
    connection.close()
    for wrong in ("token", "token:x", "token:0", "token:5:loud", "tired:5"):
        with pytest.raises(ValueError, match="limit"):
            Limit.from_text(wrong)


def test_an_unknown_name_can_answer_zeros_and_extras_can_be_left_out():
    with Sandbox(today=TODAY, cadences=1, unknown_cadence="zeros", extras=False) as sandbox:
        assert set(report(sandbox, "Nope").values()) == {0}
        assert report(sandbox, "Inbound demo requests").keys() == DOCUMENTED


def test_an_end_day_can_be_read_both_ways():
    answers = []
    for included in (True, False):
        with Sandbox(today=TODAY, cadences=1, end_day_included=included) as sandbox:
            answers.append(report(sandbox, "Inbound demo requests", "2026-11-16", "2026-11-20")["mailSentCount"])
    assert answers[0] > answers[1]


def recounted(sandbox, name, kinds, first, last, at):
    """Events of these kinds between two moments, each dated by `at(event)`."""
    return [event for event in sandbox.events(name) if event.kind in kinds and first <= at(event) <= last]


def test_every_undocumented_point_can_be_answered_the_other_way():
    name = "Inbound demo requests"
    other = Behaviour(
        dated_by="send", day_zone="Asia/Kolkata", people=frozenset({"open"}), windowless=frozenset({"bounceCount"})
    )
    with Sandbox(today=TODAY, cadences=1, behaviour=other) as sandbox:
        got = report(sandbox, name, "2026-11-16", "2026-11-20")
        events = sandbox.events(name)
        sent = {(e.prospect, e.step): e.at for e in events if e.kind == "sent"}
        first = datetime(2026, 11, 15, 18, 30, tzinfo=UTC)
        last = first + timedelta(days=5, microseconds=-1)
        opens = recounted(sandbox, name, {"open"}, first, last, lambda e: sent[e.prospect, e.step])
        replies = recounted(sandbox, name, {"reply"}, first, last, lambda e: sent[e.prospect, e.step])
        assert got["openCount"] == len({event.prospect for event in opens}) < len(opens)
        assert got["replyCount"] == len(replies)
        assert got["bounceCount"] == sum(event.kind == "bounce" for event in events)
        before = sum(e.kind == "added" for e in events if e.at <= last) - sum(
            e.kind == "left" for e in events if e.at <= last
        )
        assert got["inCadenceCount"] == before
        for step in steps(sandbox, name, "2026-11-16", "2026-11-20"):
            own = {event.prospect for event in opens if event.step == step["stepNumber"]}
            assert step["openCount"] == len(own)


def test_times_can_be_ignored_and_a_user_can_be_kept_to_their_own():
    name = "Inbound demo requests"
    with Sandbox(today=TODAY, cadences=2, behaviour=Behaviour(times_honoured=False, sees="own")) as sandbox:
        minute = report(sandbox, name, "2026-11-18T03:00:00Z", "2026-11-18T03:01:00Z")
        assert minute == report(sandbox, name, "2026-11-18", "2026-11-18")
        assert minute["mailSentCount"] > 0
        foreign = "Outbound – VP Sales, North America"
        assert report(sandbox, foreign)["errors"][0]["code"] == "K2003"
        body = window(foreign, "2026-10-01", "2026-11-20")
        owner = ask(sandbox, "POST", "emailEngagements", body, user="lena.brandt@sandbox.example")[1]
        assert owner["mailSentCount"] > 0


def test_an_unknown_name_can_be_refused():
    with Sandbox(today=TODAY, cadences=1, unknown_cadence="refused") as sandbox:
        assert report(sandbox, "Nope")["errors"][0]["code"] == "K4004"


def test_it_listens_on_loopback_only(small_sandbox):
    port = int(small_sandbox.base_url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        pass
    assert small_sandbox.base_url.startswith("http://127.0.0.1:")


def test_today_moves_with_the_simulation(small_sandbox):
    latest = max(event.at for event in small_sandbox.events("Inbound demo requests"))
    assert latest.date() <= TODAY
    assert small_sandbox.account.now().date() == TODAY
    future = report(small_sandbox, "Inbound demo requests", "2026-11-25", (TODAY + timedelta(days=9)).isoformat())
    assert future["mailSentCount"] == 0
