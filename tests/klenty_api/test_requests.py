"""Every operation sends exactly the request that the vendor documents: method, address, body."""

import inspect
import json
from datetime import UTC, date, datetime, timedelta

import pytest
import responses

import klenty_api
from klenty_api import OPERATIONS, WEBHOOK_EVENTS, KlentyClient, Prospect, Repeat, ValidationError

BASE = "https://api.klenty.com/apis/v1/user/hello%40klenty.com"
STEVE = "steve@klenty.com"
RECENTLY = datetime.now(UTC).date() - timedelta(days=20)

REX = Prospect(
    full_name="Rex A Jose", first_name="Rex", last_name="Jose", middle_name="A", account="Payments",
    department="Testing", company="klenty", company_domain="klenty.com", title="SE", location="California",
    phone="+13485948395", email="rex@klenty.com", twitter_id="Twitter", company_email="klenty@cc.co",
    company_phone="5656", city="Italy", country="Italy", linkedin_url="Linkedin@io.co", list="leads",
    tags=("Tag1", "Tag2"), custom_fields={"gender": "male"}, owner="av@klenty.com",
)  # fmt: skip
REX_BODY = {
    "FullName": "Rex A Jose", "FirstName": "Rex", "LastName": "Jose", "MiddleName": "A", "Account": "Payments",
    "Department": "Testing", "Company": "klenty", "CompanyDomain": "klenty.com", "Title": "SE",
    "Location": "California", "Phone": "+13485948395", "Email": "rex@klenty.com", "TwitterId": "Twitter",
    "CompanyEmail": "klenty@cc.co", "CompanyPhone": "5656", "City": "Italy", "Country": "Italy",
    "LinkedinURL": "Linkedin@io.co", "List": "leads", "Tags": "Tag1|Tag2",
    "CustomFields": [{"key": "gender", "value": "male"}], "Owner": "av@klenty.com",
}  # fmt: skip
RAJ = Prospect(email="raj@klenty.com", first_name="Raj", company_url="www.klenty1.com", owner="av@klenty.com")
START, END = datetime(2020, 4, 1, 6, 30, 51, tzinfo=UTC), datetime(2020, 4, 20, 6, 30, 51, 999000, tzinfo=UTC)
WINDOW = {"startDate": "2020-04-01T06:30:51Z", "endDate": "2020-04-20T06:30:51.999Z", "cadenceName": "Website visitors"}
OK = {"status": True}
HOOK = {"_id": "5e9d", "url": "www.klenty.com/analytics", "event": "completecadence"}

# operation: (call, address behind the user, body, answer)
DOCUMENTED = {
    "create_prospect": (lambda k: k.prospects.create(REX), "prospects", REX_BODY, OK),
    "update_prospect": (
        lambda k: k.prospects.update("victor@klenty.com", Prospect(title="SE", tags=["paid"], outcome="Lost")),
        "prospects/victor%40klenty.com",
        {"Title": "SE", "Tags": "paid", "Outcome": "Lost"},
        OK,
    ),
    "add_to_list": (
        lambda k: k.prospects.add_to_list("tony@klenty.com", "Tony", "Nurture Leads"),
        "prospects",
        {"Email": "tony@klenty.com", "FirstName": "Tony", "List": "Nurture Leads"},
        OK,
    ),
    "add_tags": (
        lambda k: k.prospects.add_tags("tom@klenty.com", "Tom", ["Tag1", "Tag2"]),
        "prospects",
        {"Email": "tom@klenty.com", "FirstName": "Tom", "Tags": "Tag1|Tag2"},
        OK,
    ),
    "add_custom_fields": (
        lambda k: k.prospects.add_custom_fields("sheindrick9@klenty.com", "sheindrick", {"key1": "value1"}),
        "prospects",
        {
            "Email": "sheindrick9@klenty.com",
            "FirstName": "sheindrick",
            "CustomFields": [{"key": "key1", "value": "value1"}],
        },
        OK,
    ),
    "bulk_create": (
        lambda k: k.prospects.bulk_create([RAJ, Prospect(email="ram@klenty.com", first_name="Ram")]),
        "prospects",
        [
            {"Email": "raj@klenty.com", "FirstName": "Raj", "CompanyURL": "www.klenty1.com", "Owner": "av@klenty.com"},
            {"Email": "ram@klenty.com", "FirstName": "Ram"},
        ],
        {
            "status": True,
            "details": [
                {"prospect": "raj@klenty.com", "status": "prospect added successfully"},
                {"prospect": "ram@klenty.com", "status": "prospect already exists in Klenty"},
            ],
        },
    ),
    "remove_tags": (
        lambda k: k.prospects.remove_tags("tom@klenty.com", ["tag1", "tag2"]),
        "prospects/tom%40klenty.com/removeTags",
        {"tag": ["tag1", "tag2"]},
        OK,
    ),
    "unsubscribe": (
        lambda k: k.prospects.unsubscribe(STEVE), "prospects/steve%40klenty.com/unsubscribe", {"Email": STEVE}, OK
    ),
    "do_not_contact": (
        lambda k: k.prospects.do_not_contact(STEVE),
        "prospects/steve%40klenty.com/changeStatusToDoNotContact",
        {"Email": STEVE},
        OK,
    ),
    "revert_do_not_contact": (
        lambda k: k.prospects.revert_do_not_contact(STEVE),
        "prospects/steve%40klenty.com/revertStatusToDoNotContact",
        {"Email": STEVE},
        OK,
    ),
    "start_cadence": (
        lambda k: k.cadences.start(STEVE, "Holiday campaign"),
        "startcadence",
        {"Email": STEVE, "cadenceName": "Holiday campaign"},
        OK,
    ),
    "stop_cadence": (
        lambda k: k.cadences.stop(STEVE, "SampleCadence"),
        "stopcadence",
        {"Email": STEVE, "cadenceName": "SampleCadence"},
        OK,
    ),
    "stop_all_cadences": (lambda k: k.cadences.stop_all(STEVE), "stopcadence", {"Email": STEVE}, OK),
    "resume_cadence": (lambda k: k.cadences.resume(STEVE), "cadences/resume", {"Email": STEVE}, OK),
    "stop_mails": (lambda k: k.prospects.stop_mails(STEVE), "prospects/steve%40klenty.com/stop", {"Email": STEVE}, OK),
    "email_engagements": (
        lambda k: k.engagements.email("Website visitors", START, END), "emailEngagements", WINDOW, {"replyCount": 2}
    ),
    "stepwise_engagements": (
        lambda k: k.engagements.stepwise("Website visitors", START, END), "stepWiseEngagements", WINDOW, []
    ),
    "add_webhook": (
        lambda k: k.webhooks.create("completeCadence", "www.klenty.com/analytics"),
        "zapier/hooks",
        {"subscription_url": "www.klenty.com/analytics", "event": "completeCadence"},
        HOOK,
    ),
    "update_webhook": (
        lambda k: k.webhooks.update("5e9f", "unsubscribe", "www.klenty.com/analytics"),
        "webhook/update",
        {"_id": "5e9f", "subscription_url": "www.klenty.com/analytics", "event": "unsubscribe"},
        OK,
    ),
    "delete_webhook": (lambda k: k.webhooks.delete("5e9e"), "webhook/delete", {"webhookId": "5e9e"}, OK),
}  # fmt: skip

READ = {
    "list_cadences": (lambda k: k.cadences.list(), "cadences", {}, []),
    "list_lists": (lambda k: k.lists.list(), "lists", {}, []),
    "get_prospect": (
        lambda k: k.prospects.get("a+b@c.io"),
        "prospects",
        {"Email": "a+b@c.io", "CustomFields": "true"},
        [],
    ),
    "search_prospects": (
        lambda k: list(k.prospects.search(created=(date(2026, 1, 2), date(2026, 1, 3)))),
        "prospects",
        {"startDate": "2026/01/02", "endDate": "2026/01/03", "start": "1", "limit": "1000"},
        [],
    ),
    "prospect_status": (lambda k: k.prospects.status("abc123"), "prospects/abc123/status", {}, {}),
    "list_webhooks": (lambda k: k.webhooks.list(), "webhook/getall", {}, []),
    "list_calls": (
        lambda k: list(k.calls.list(RECENTLY, RECENTLY + timedelta(days=7))),
        "calls",
        {"startDate": f"{RECENTLY}", "endDate": f"{RECENTLY + timedelta(days=7)}", "page": "1"},
        {"data": {"callData": []}, "hasMore": False},
    ),
}


@pytest.fixture
def klenty():
    with KlentyClient("hello@klenty.com", "key-1") as client:
        yield client


@pytest.mark.parametrize("name", DOCUMENTED)
@responses.activate
def test_documented_request(klenty, name):
    call, path, body, answer = DOCUMENTED[name]
    responses.post(f"{BASE}/{path}", json=answer)
    call(klenty)
    (sent,) = responses.calls
    assert sent.request.method == "POST"
    assert sent.request.url == f"{BASE}/{path}"
    assert json.loads(sent.request.body) == body
    assert sent.request.headers["x-API-key"] == "key-1"
    assert sent.request.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("name", DOCUMENTED)
@responses.activate
def test_what_is_previewed_is_what_is_sent(klenty, name):
    call, path, body, answer = DOCUMENTED[name]
    prepared = klenty.prepare(call)
    assert prepared.operation.name == name
    assert (prepared.operation.method, prepared.path) == ("POST", f"/apis/v1/user/hello%40klenty.com/{path}")
    assert prepared.body == body
    assert len(responses.calls) == 0
    responses.post(f"{BASE}/{path}", json=answer)
    assert klenty.send(prepared) == call(klenty)
    assert responses.calls[0].request.body == responses.calls[1].request.body


@pytest.mark.parametrize("name", READ)
@responses.activate
def test_read_request(klenty, name):
    call, path, query, answer = READ[name]
    matcher = responses.matchers.query_param_matcher(query)
    responses.get(f"{BASE}/{path}", json=answer, match=[matcher])
    call(klenty)
    assert responses.calls[0].request.body is None


def test_every_operation_is_tested_and_has_a_method():
    assert {**DOCUMENTED, **READ}.keys() == OPERATIONS.keys()
    assert {name for name, operation in OPERATIONS.items() if operation.documented} == DOCUMENTED.keys()
    assert len(DOCUMENTED) == 20  # the 19 of the document; "stop cadence" is two, named and all


def test_repeat_classes_are_those_of_the_facts():
    by_class = {repeat: {name for name, op in OPERATIONS.items() if op.repeat is repeat} for repeat in Repeat}
    assert by_class[Repeat.NEVER] == {"start_cadence", "resume_cadence", "revert_do_not_contact", "add_webhook"}
    assert by_class[Repeat.CHECK_FIRST] == {
        "create_prospect", "add_to_list", "add_tags", "add_custom_fields", "bulk_create", "stop_cadence",
        "stop_all_cadences",
    }  # fmt: skip
    assert by_class[Repeat.SAFE_WRITE] == {
        "unsubscribe", "do_not_contact", "stop_mails", "remove_tags", "update_prospect", "update_webhook",
        "delete_webhook",
    }  # fmt: skip


@pytest.mark.parametrize("fields", [Prospect(email="new@klenty.com"), Prospect(outcome="Won")])
def test_an_update_of_address_or_outcome_is_not_repeated(klenty, fields):
    assert klenty.prepare(lambda k: k.prospects.update(STEVE, fields)).operation.repeat is Repeat.CHECK_FIRST
    plain = klenty.prepare(lambda k: k.prospects.update(STEVE, Prospect(title="x")))
    assert plain.operation.repeat is Repeat.SAFE_WRITE


MISTAKES = {
    "101 prospects": lambda k: k.prospects.bulk_create([Prospect(email=f"p{n}@k.co") for n in range(101)]),
    "no prospects": lambda k: k.prospects.bulk_create([]),
    "bulk without email": lambda k: k.prospects.bulk_create([Prospect(first_name="x")]),
    "end before start": lambda k: k.engagements.email("C", END, START),
    "naive time": lambda k: k.engagements.email("C", datetime(2020, 1, 1), datetime(2020, 1, 2)),  # noqa: DTZ001
    "date and time mixed": lambda k: k.engagements.stepwise("C", date(2020, 1, 1), END),
    "empty cadence": lambda k: k.engagements.email("  ", START, END),
    "stop without a cadence": lambda k: k.cadences.stop(STEVE, ""),
    "start without a cadence": lambda k: k.cadences.start(STEVE, ""),
    "not an email": lambda k: k.prospects.unsubscribe("steve(at)klenty"),
    "two emails": lambda k: k.prospects.unsubscribe("a@b.co,c@d.co"),
    "unknown event": lambda k: k.webhooks.create("replied", "https://x.io/y"),
    "event in the wrong case": lambda k: k.webhooks.create("Reply", "https://x.io/y"),
    "event only for updates": lambda k: k.webhooks.create("prospect", "https://x.io/y"),
    "not a url": lambda k: k.webhooks.create("reply", "nowhere"),
    "half a url": lambda k: k.webhooks.create("reply", "http://[::1"),
    "pages of nothing": lambda k: k.prospects.search(list_name="leads", limit=0),
    "outcome on create": lambda k: k.prospects.create(Prospect(email=STEVE, outcome="Won")),
    "owner on update": lambda k: k.prospects.update(STEVE, Prospect(owner=STEVE)),
    "nothing to update": lambda k: k.prospects.update(STEVE, Prospect()),
    "no tags": lambda k: k.prospects.remove_tags(STEVE, []),
    "a tag that is two": lambda k: k.prospects.add_tags(STEVE, "Steve", ["a|b"]),
    "no custom field": lambda k: k.prospects.add_custom_fields(STEVE, "Steve", {}),
    "calls of two months ago": lambda k: k.calls.list(RECENTLY - timedelta(days=40), RECENTLY),
    "search by half a range": lambda k: k.prospects.search(created="2026-01-01"),
    "no date": lambda k: k.engagements.email("C", "last week", "today"),
    "a time without a zone as text": lambda k: k.engagements.email("C", "2026-01-01T00:00:00", "2026-01-02T00:00:00"),
    "half a character": lambda k: k.cadences.start(STEVE, "Holiday \ud83d"),
    "search by two": lambda k: list(k.prospects.search(list_name="a", created=(date(2026, 1, 1), date(2026, 1, 2)))),
}


@pytest.mark.parametrize("mistake", MISTAKES)
@responses.activate
def test_mistakes_are_found_before_anything_is_sent(klenty, mistake):
    with pytest.raises(ValidationError) as caught:
        MISTAKES[mistake](klenty)
    assert len(responses.calls) == 0
    assert caught.value.outcome == "not_sent"
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("user", "key", "url"),
    [
        ("not an email", "k", "https://api.klenty.com"),
        ("a@b.co", " ", "https://api.klenty.com"),
        ("a@b.co", "k", "http://api.klenty.com"),
        ("a@b.co", "k", "ftp://api.klenty.com"),
        ("a@b.co", "k", "api.klenty.com"),
        ("a@b.co", "k", "https://["),
        ("a@b.co", "k\nX-Other: 1", "https://api.klenty.com"),
        ("a@b.co", "k", "https://user:pw@api.klenty.com"),
    ],
)
def test_a_client_cannot_be_made_of_nonsense(user, key, url):
    with pytest.raises(ValidationError):
        KlentyClient(user, key, base_url=url)


@responses.activate
def test_paging_survives_both_readings_of_start(klenty):
    """Whether `start` counts records or pages, every prospect comes once and the paging ends."""
    people = [{"Email": f"p{n}@k.co", "id": str(n)} for n in range(25)]

    def by_record(request):
        start = int(request.params["start"]) - 1
        return 200, {}, json.dumps(people[start : start + 10])

    def by_page(request):
        start = (int(request.params["start"]) - 1) * 10
        return 200, {}, json.dumps(people[start : start + 10])

    def always_the_same(_request):
        return 200, {}, json.dumps(people[:10])

    def nameless(_request):
        return 200, {}, json.dumps([{"FirstName": f"P{n}"} for n in range(10)])

    for answer, expected in ((by_record, 25), (by_page, 25), (always_the_same, 10), (nameless, 10)):
        responses.reset()
        responses.add_callback(responses.GET, f"{BASE}/prospects", answer)
        found = [repr(prospect.raw) for prospect in klenty.prospects.search(list_name="leads", limit=10)]
        assert len(found) == len(set(found)) == expected


SEARCHES = [
    ({}, {}),
    ({"list_name": "leads"}, {"listName": "leads"}),
    ({"created": ("2026-01-02", None)}, {"startDate": "2026/01/02"}),
    ({"created": (date(2026, 1, 2), "2026-01-03")}, {"startDate": "2026/01/02", "endDate": "2026/01/03"}),
    ({"updated": ("2026-01-02", None)}, {"lastUpdatedDateStart": "2026/01/02"}),
    (
        {"updated": (date(2026, 1, 2), datetime(2026, 1, 3, tzinfo=UTC))},
        {"lastUpdatedDateStart": "2026/01/02", "lastUpdatedDateEnd": "2026/01/03"},
    ),
]


@pytest.mark.parametrize(("asked", "sent"), SEARCHES)
@responses.activate
def test_searches_send_what_other_clients_send(klenty, asked, sent):
    expected = sent | {"start": "1", "limit": "1000"}
    responses.get(f"{BASE}/prospects", json=[], match=[responses.matchers.query_param_matcher(expected)])
    assert list(klenty.prospects.search(**asked)) == []


@pytest.mark.parametrize("days", [("2020-04-01", "2020-04-20"), (date(2020, 4, 1), date(2020, 4, 20))])
@responses.activate
def test_days_come_as_dates_or_text(klenty, days):
    call = klenty.prepare(lambda k: k.engagements.email("C", *days))
    assert (call.body["startDate"], call.body["endDate"]) == ("2020-04-01", "2020-04-20")
    times = klenty.prepare(lambda k: k.engagements.email("C", "2020-04-01T08:30:51+02:00", END))
    assert times.body["startDate"] == WINDOW["startDate"]


@pytest.mark.parametrize("address", ["steve@klenty..com", "a;b@klenty.com", "a..b@k.co", "o'neil+x@z.io"])
def test_odd_addresses_that_exist_can_be_unsubscribed(klenty, address):
    call = klenty.prepare(lambda k: k.prospects.unsubscribe(address))
    assert call.body == {"Email": address}
    assert klenty_api.is_email(address)


@pytest.mark.parametrize("text", ["a@b.co;", "a@b.co;c@d.co", "a@@b.co", "a b@c.io", "a@b", "a@b.co\n", "", None, 7])
def test_what_is_no_address_or_two_is_none(text):
    assert not klenty_api.is_email(text)


@responses.activate
def test_a_custom_field_can_be_emptied(klenty):
    call = klenty.prepare(lambda k: k.prospects.add_custom_fields(STEVE, "Steve", {"gender": "", "age": None}))
    assert call.body["CustomFields"] == [{"key": "gender", "value": ""}, {"key": "age", "value": ""}]


@pytest.mark.parametrize("inside", [True, False])
@responses.activate
def test_calls_are_paged_and_come_once(klenty, inside):
    pages = {"1": ([{"id": "a"}, {"id": "b"}], True), "2": ([{"id": "b"}, {"id": "c"}], False)}

    def answer(request):
        calls, more = pages[request.params["page"]]
        told = {"status": True, "data": {"callData": calls}}
        (told["data"] if inside else told)["hasMore"] = more
        return 200, {}, json.dumps(told)

    responses.add_callback(responses.GET, f"{BASE}/calls", answer)
    assert [call.id for call in klenty.calls.list(RECENTLY, RECENTLY + timedelta(days=4))] == ["a", "b", "c"]


def test_public_names_are_complete_and_described():
    for name in klenty_api.__all__:
        thing = getattr(klenty_api, name)
        if not callable(thing):
            continue
        assert inspect.getdoc(thing), name
        if not inspect.isclass(thing):
            continue
        for member, value in vars(thing).items():
            public = inspect.isfunction(value) and not member.startswith("_")
            assert not public or inspect.getdoc(value), f"{name}.{member}"
    assert len(WEBHOOK_EVENTS) == 9


@pytest.mark.parametrize("end", ["", "/", "// "])
def test_a_base_url_may_end_in_a_slash(end):
    with KlentyClient("hello@klenty.com", "key-1", base_url=f"https://api.klenty.com{end}") as client:
        assert client.base_url == "https://api.klenty.com"
