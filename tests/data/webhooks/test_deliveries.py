"""Deliveries: what is taken for one, repeats, how they are counted, and that they can be forgotten."""

import contextlib
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.data.database.accounts import account_id
from dashboard.data.webhooks.delivery import BadDeliveryError, read_delivery
from dashboard.data.webhooks.secret import secret_of
from dashboard.data.webhooks.store import REPEAT_WINDOW, DeliveryStore
from dashboard.data.webhooks.url import address, masked, masked_json

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def posted(**fields: object) -> bytes:
    return json.dumps({"event": "reply", "email": "Ann@Example.com", "cadenceName": "Partners"} | fields).encode()


@pytest.fixture
def deliveries(database):
    return DeliveryStore(database, account_id(database, base_url="https://api.klenty.com", user="sam@example.com"))


def keep(deliveries, *items, at=AT):
    deliveries.keep([(read_delivery(posted(**item)), at) for item in items])


def test_a_delivery_is_read_whatever_the_case_of_its_names_and_with_all_that_arrived():
    one = read_delivery(b'{"Event": "completecadence", "EMAIL": "Ann@Example.com", "cadencename": "P", "new": [1]}')
    assert (one.event, one.prospect, one.cadence) == ("completeCadence", "ann@example.com", "P")
    assert json.loads(one.body)["new"] == [1]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b'"reply"', b"{", b"{}", b'{"event": ""}', b'{"event": "reply"}',
        b'{"event": 1, "email": "a@b.co"}', b'{"event": "reply", "email": " "}', b'\xff{"event": "reply"}',
        b'{"event": "reply", "email": "a@b.co", "n": NaN}', b"[" * 100_000,
        b'{"event": "reply", "email": "secret@b.co", ',
    ],
)  # fmt: skip
def test_what_is_no_delivery_is_refused_without_repeating_it(body):
    with pytest.raises(BadDeliveryError) as caught:
        read_delivery(body)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


@given(st.binary() | st.recursive(st.none() | st.text() | st.floats() | st.integers(), st.lists).map(json.dumps))
def test_nothing_posted_raises_anything_else(body):
    with contextlib.suppress(BadDeliveryError):
        read_delivery(body if isinstance(body, bytes) else body.encode())


def test_hostile_text_is_kept_and_comes_back(deliveries):
    name = "\0 <img src=x> =1+1 \u202e \ud800 " + "x" * 10_000
    body = f'{{"event": "re\\u0000ply", "email": "a@b.co", "cadenceName": {json.dumps(name)}, "fullName": "\\ud800"}}'
    deliveries.keep([(read_delivery(body.encode()), AT)])
    (row,) = deliveries.feed().to_dict("records")
    assert row["event"] == "reply"
    assert row["cadence"].startswith("<img src=x> =1+1 \u202e ?")
    assert len(row["cadence"]) <= 1_000


def test_an_equal_body_is_the_same_event_for_a_while_and_then_a_new_one(deliveries):
    keep(deliveries, {}, {"email": "other@example.com"}, {})
    keep(deliveries, {}, at=AT + REPEAT_WINDOW)
    keep(deliveries, {"event": "REPLY"}, at=AT + REPEAT_WINDOW)  # another body, if only by its spelling
    keep(deliveries, {}, at=AT + REPEAT_WINDOW + timedelta(seconds=1))
    feed = deliveries.feed()
    assert list(feed["prospect"]) == ["ann@example.com", "ann@example.com", "other@example.com", "ann@example.com"]
    assert sorted(feed["repeats"]) == [0, 0, 0, 2]
    assert deliveries.standing().events == 4
    assert deliveries.standing().repeats == 2
    assert deliveries.standing().first_at == AT


def test_two_processes_do_not_both_take_it_for_the_first(database_url, deliveries):
    import subprocess  # noqa: PLC0415
    import sys  # noqa: PLC0415

    code = (
        "import sys; from datetime import UTC, datetime; from dashboard.data.database import Database\n"
        "from dashboard.data.webhooks.store import DeliveryStore; from dashboard.data.webhooks.delivery import *\n"
        "kept = DeliveryStore(Database.open(sys.argv[1]), int(sys.argv[2]))\n"
        "one = read_delivery(sys.argv[3].encode())\n"
        "[kept.keep([(one, datetime.now(UTC))]) for _ in range(25)]"
    )
    command = [sys.executable, "-c", code, database_url, str(deliveries.account), posted().decode()]
    together = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait(60) for process in together] == [0, 0, 0]
    assert (deliveries.standing().events, deliveries.standing().repeats) == (1, 74)


def test_counts_are_per_day_of_the_zone(deliveries):
    keep(
        deliveries,
        {"email": "a@b.co"},
        {"email": "c@d.co"},
        {"email": "c@d.co"},
        at=datetime(2026, 11, 24, 18, 29, tzinfo=UTC),
    )
    keep(deliveries, {"email": "e@f.co"}, at=datetime(2026, 11, 24, 18, 30, tzinfo=UTC))  # midnight in Kolkata
    keep(deliveries, {"email": "e@f.co", "event": "open"}, at=datetime(2026, 11, 25, 18, 30, tzinfo=UTC))
    counts = deliveries.counts(start=date(2026, 11, 24), end=date(2026, 11, 25), timezone="Asia/Kolkata")
    assert counts.to_dict("records") == [
        {"day": date(2026, 11, 24), "cadence": "Partners", "event": "reply", "deliveries": 2, "repeats": 1},
        {"day": date(2026, 11, 25), "cadence": "Partners", "event": "reply", "deliveries": 1, "repeats": 0},
    ]
    none = deliveries.counts(start=date(2020, 1, 1), end=date(2020, 1, 1), timezone="UTC")
    assert none.empty


def test_the_feed_is_filtered_and_bounded(deliveries):
    seen = [("reply", "A", "ann"), ("open", "A", "bob"), ("reply", "B", "bob")]
    for event, cadence, owner in seen:
        keep(deliveries, {"event": event, "cadenceName": cadence, "cadenceOwner": owner})
    assert len(deliveries.feed(events=["reply"])) == 2
    assert list(deliveries.feed(events=["reply"], owners=["bob"])["cadence"]) == ["B"]
    assert len(deliveries.feed(cadences=["A"], limit=1)) == 1
    assert deliveries.feed(since=AT + timedelta(seconds=1)).empty
    assert deliveries.names() == {"event": ["open", "reply"], "cadence": ["A", "B"], "owner": ["ann", "bob"]}


def test_forgetting_a_prospect_leaves_the_counts_and_nothing_of_the_person(deliveries, database, database_url):
    keep(
        deliveries,
        {"fullName": "Ann Nobody-Else"},
        {"email": "x@y.co", "companyEmail": "ANN@example.com"},
        {"email": "joann@example.com"},
        {"email": "a_n@example.com"},
    )
    before = deliveries.counts(start=date(2026, 11, 24), end=date(2026, 11, 24), timezone="UTC")
    assert deliveries.forget(" Ann@example.com ") == 2
    assert deliveries.forget("ann@example.com") == 0
    assert deliveries.forget("") == 0
    assert deliveries.forget("%") == 0
    feed = deliveries.feed()
    assert sorted(feed["prospect"].dropna()) == ["a_n@example.com", "joann@example.com"]
    assert feed["name"].isna().all()
    assert deliveries.counts(start=date(2026, 11, 24), end=date(2026, 11, 24), timezone="UTC").equals(before)
    if database.dialect == "sqlite":
        with database.reading() as connection:
            connection.exec_driver_sql("SELECT 1")
        database.close()  # the last connection empties the log into the file
        for path in Path(database_url.removeprefix("sqlite:///")).parent.glob("history.sqlite3*"):
            assert b"Nobody-Else" not in path.read_bytes()


def test_old_personal_data_goes_and_its_count_stays(deliveries):
    keep(deliveries, {})
    keep(deliveries, {"email": "new@example.com"}, at=AT + timedelta(days=1))
    assert deliveries.forget_before(AT + timedelta(hours=1)) == 1
    assert list(deliveries.feed()["prospect"].dropna()) == ["new@example.com"]
    assert deliveries.standing().events == 2
    keep(deliveries, {})  # nothing is left to recognise it by
    assert deliveries.standing().events == 3


def test_accounts_do_not_see_each_other(deliveries, database):
    other = DeliveryStore(database, account_id(database, base_url="https://api.klenty.com", user="bo@example.com"))
    keep(deliveries, {})
    keep(other, {})
    assert other.forget("ann@example.com") == 1
    assert deliveries.feed()["prospect"].notna().all()
    assert (deliveries.standing().events, other.standing().repeats) == (1, 0)


def test_the_secret_is_made_once_and_leaves_every_text(deliveries, database):
    secret = secret_of(database, deliveries.account)
    assert secret_of(database, deliveries.account) == secret
    assert len(secret) >= 24
    whole = address("https://dash.example.com/", secret)
    assert whole == f"https://dash.example.com/webhook/klenty/{secret}"
    assert masked(f'POST "{whole}" and {whole}?x=1') == (
        'POST "https://dash.example.com/webhook/klenty/…" and https://dash.example.com/webhook/klenty/…?x=1'
    )
    assert masked_json({"a": [whole, 1], "b": None}) == {"a": [masked(whole), 1], "b": None}
