"""Answers are read tolerantly: both spellings, any wrapping, strings for numbers; nothing is ever guessed."""

import json
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klenty_api import (
    OPERATIONS,
    BulkRow,
    Cadence,
    EmailEngagement,
    KlentyClient,
    KlentyError,
    Prospect,
    ProspectRecord,
    Step,
    Webhook,
)
from klenty_api.decode import as_objects, parse_json
from klenty_api.encode import instant, segment
from klenty_api.models import StepOption
from klenty_api.response import Answer, read_answer
from klenty_api.retries import parse_retry_after

SAMPLE = {
    "prospectsAdded": 32, "inCadenceCount": 2, "prospectsCompleted": 0, "openCount": 2, "linkCount": 1,
    "replyCount": 2, "unsubscribeCount": 2, "bounceCount": 5, "positiveCount": 1, "negativeCount": 1,
}  # fmt: skip
STEP = {
    "stepNumber": 1, "stepType": "mail", "openCount": 1, "replyCount": 1, "positiveReply": 0, "negetiveReply": 0,
    "positiveReplyPercent": 0, "negetiveReplyPercent": 0, "linkCount": 0, "mailCount": 8, "openPercent": 13,
    "replyPercent": 13, "linkPercent": 0, "completed": 0, "taskCount": 0, "callCount": 0, "completedCalls": 0,
    "options": [
        {"option": 1, "mailCount": 8, "negetiveReply": 2, "templateName": "Follow Ups", "subject": "Hi"},
        {"option": 2, "mailCount": 0, "subject": "Other"},
    ],
}  # fmt: skip


def test_the_vendors_sample_is_read_whole():
    read = EmailEngagement.read(SAMPLE)
    assert (read.prospects_added, read.in_cadence_now, read.completed) == (32, 2, 0)
    assert (read.opens, read.clicks, read.replies, read.unsubscribes, read.bounces) == (2, 1, 2, 2, 5)
    assert (read.positive_replies, read.negative_replies) == (1, 1)
    assert (read.emails_sent, read.contacted) == (None, None)  # not documented, not in the sample: not reported
    assert read.raw == SAMPLE
    assert not read.warnings


def test_undocumented_fields_are_read_or_kept():
    read = EmailEngagement.read({"mailSentCount": 9, "contactedCount": "7", "openUiCount": 3})
    assert (read.emails_sent, read.contacted, read.replies) == (9, 7, None)
    assert read.raw["openUiCount"] == 3


@pytest.mark.parametrize(
    "wrap", [lambda a: a, lambda a: [a], lambda a: {"data": a}, lambda a: {"status": True, "data": [a]}]
)
def test_any_wrapping_is_read(wrap):
    assert EmailEngagement.read(wrap(SAMPLE)).bounces == 5
    (step,) = [Step.read(raw) for raw in as_objects(wrap(STEP))]
    assert (step.step, step.step_type, step.emails_sent) == (1, "email", 8)
    assert [option.emails_sent for option in step.options] == [8, 0]


def test_missing_option_fields_are_none():
    second = Step.read(STEP).options[1]
    assert (second.template, second.snippet, second.replies, second.negative_replies) == (None, None, None, None)


@pytest.mark.parametrize("key", ["negativeReply", "negetiveReply"])
def test_both_spellings(key):
    assert StepOption.read({key: 4}).negative_replies == 4
    assert StepOption.read({key + "Percent": 50}).reported_percents["negative_replies"] == 50


def test_two_spellings_that_differ_are_said():
    assert StepOption.read({"negativeReply": 1, "negetiveReply": 1}).warnings == ()
    (warning,) = StepOption.read({"negativeReply": 1, "negetiveReply": 2}).warnings
    assert "differ" in warning


@pytest.mark.parametrize(
    ("sent", "read"),
    [(3, 3), ("3", 3), (" 12 ", 12), ("12.0", 12), (4.0, 4), (0, 0), ("0", 0)]
    + [(bad, None) for bad in (None, -1, "-3", 2.5, "2,5", "", "many", True, [1], {}, float("nan"), 1e300, "1e999")],
)
def test_counts(sent, read):
    answer = EmailEngagement.read({"replyCount": sent})
    assert answer.replies == read
    assert bool(answer.warnings) == (read is None and sent is not None)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("mail", "email"),
        ("Email", "email"),
        ("call", "call"),
        ("Task", "task"),
        ("LinkedIn", "linkedin"),
        ("sms", "sms"),
        (None, None),
    ],
)
def test_step_types(said, kind):
    assert Step.read({"stepType": said}).step_type == kind


@pytest.mark.parametrize("key", ["id", "Id", "_id"])
def test_ids_under_any_name(key):
    assert Cadence.read({key: "x", "name": "N"}).id == "x"
    assert Webhook.read({key: "x"}).id == "x"
    assert ProspectRecord.read({key: "x", "Tags": "a|b"}).tags == ("a", "b")


def test_cadence_dates_are_aware():
    assert Cadence.read({"createdDate": "2026-01-02T03:04:05.000Z"}).created == datetime(
        2026, 1, 2, 3, 4, 5, tzinfo=UTC
    )
    assert Cadence.read({"createdDate": "2026-01-02"}).created.tzinfo is not None
    assert Cadence.read({"createdDate": "yesterday"}).created is None


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("prospect added successfully", "added"),
        ("Prospect already exists in Klenty", "exists"),
        ("email is invalid", "refused"),
        (None, "unknown"),
    ],
)
def test_bulk_rows(said, outcome):
    assert BulkRow.read({"prospect": "a@b.co", "status": said}).outcome == outcome


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from([*SAMPLE, *STEP, "data", "status", "errors", "details", "id", "x"]), inner, max_size=6
        )
    ),
    max_leaves=12,
)
CLIENT = KlentyClient("a@b.co", "k")
CALLS = {
    "email_engagements": lambda k: k.engagements.email("C", date(2026, 1, 1), date(2026, 1, 2)),
    "stepwise_engagements": lambda k: k.engagements.stepwise("C", date(2026, 1, 1), date(2026, 1, 2)),
    "start_cadence": lambda k: k.cadences.start("a@b.co", "C"),
    "bulk_create": lambda k: k.prospects.bulk_create([Prospect(email="a@b.co")]),
    "add_webhook": lambda k: k.webhooks.create("reply", "https://x.io"),
    "list_cadences": lambda k: k.cadences.list(),
    "get_prospect": lambda k: k.prospects.get("a@b.co"),
    "prospect_status": lambda k: k.prospects.status("a@b.co"),
    "list_webhooks": lambda k: k.webhooks.list(),
}


@given(payload=JSON, status=st.sampled_from([200, 201, 204, 302, 400, 401, 403, 404, 429, 500, 524]))
def test_no_json_raises_anything_but_a_klenty_error(payload, status):
    body = json.dumps(payload).encode()
    for name, build in CALLS.items():
        call = CLIENT.prepare(build)
        assert call.operation is OPERATIONS[name]
        try:
            call.decode(read_answer(Answer(status, {}, body), call))
        except KlentyError as error:
            assert str(error)  # noqa: PT017  # raising is allowed, not demanded


@given(body=st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_klenty_error(body):
    call = CLIENT.prepare(CALLS["start_cadence"])
    try:
        call.decode(read_answer(Answer(200, {}, body), call))
    except KlentyError as error:
        assert len(str(error)) < 600  # noqa: PT017


@given(st.text(min_size=1, max_size=60))
def test_a_path_segment_round_trips(value):
    from urllib.parse import unquote  # noqa: PLC0415

    quoted = segment(value) if not any("\ud800" <= c <= "\udfff" for c in value) else segment("x")
    assert not set(quoted) & set("/?#%+ ") - {"%"}
    assert unquote(quoted) in {value, "x"}


def test_times_are_sent_as_exact_instants():
    assert instant(date(2026, 3, 29)) == "2026-03-29"
    assert instant(datetime(2026, 3, 29, 21, 59, 59, 999000, tzinfo=UTC)) == "2026-03-29T21:59:59.999Z"


@pytest.mark.parametrize("text", ["soon", "", "-", "nan", "inf", "Wed, 99 Foo"])
def test_an_unreadable_retry_after_is_none(text):
    assert parse_retry_after(text) is None


def test_retry_after_forms():
    said_at = "Thu, 01 Jan 2026 00:00:00 GMT"
    assert parse_retry_after("7") == 7
    assert (
        parse_retry_after("Thu, 01 Jan 2026 00:00:09 GMT", said_at) == 9
    )  # by the clock of the server that wrote both
    assert parse_retry_after("Thu, 01 Jan 2015 00:00:09 GMT", said_at) == 0
    assert parse_retry_after(format_datetime(datetime.now(UTC) + timedelta(seconds=50))) == pytest.approx(50, abs=5)
    assert parse_retry_after(None) is None
    assert parse_retry_after("soon", said_at) is None


_COUNT_KEYS = (
    "stepNumber", "option", "mailCount", "openCount", "linkCount", "replyCount", "positiveReply", "negetiveReply",
    "negativeReply", "completed", "Completed", "taskCount", "callCount", "completedCalls",
)  # fmt: skip
_USUAL = st.fixed_dictionaries(dict.fromkeys(_COUNT_KEYS, st.integers(0, 500)))
_ODD = st.one_of(
    st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=3), st.sampled_from(["7", "12%", 10**15, -1])
)
_TEXT_KEYS = ("templateName", "subject", "snippet", "Subject", "stepType")
_PARTS = st.builds(
    lambda usual, left_out, odd, texts: {k: v for k, v in (usual | odd | texts).items() if k not in left_out},
    _USUAL,
    st.sets(st.sampled_from((*_COUNT_KEYS, *_TEXT_KEYS)), max_size=4),
    st.dictionaries(st.sampled_from(_COUNT_KEYS), _ODD, max_size=2),
    st.fixed_dictionaries(dict.fromkeys(_TEXT_KEYS, st.one_of(st.text(max_size=4), st.none(), st.integers(0, 9)))),
)


@given(st.lists(_PARTS, max_size=4))
def test_reading_at_once_reads_as_reading_key_by_key(parts):
    assert StepOption.read_all(parts) == list(map(StepOption._read_carefully, parts))
    steps = [part | {"options": parts[:2]} for part in parts]
    assert Step.read_all(steps) == list(map(Step._read_carefully, steps))
    without = [{k: v for k, v in step.items() if k not in {"negativeReply", "Completed"}} for step in steps]
    assert Step.read_all(without) == list(map(Step._read_carefully, without))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(_JSON, st.booleans())
def test_decoding_reads_what_json_reads(value, ascii_only):
    text = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", errors="surrogatepass")
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(ValueError):
            parse_json(text)
    else:
        assert repr(parse_json(text)) == repr(expected)


@pytest.mark.parametrize("body", [b'{"a": "\\ud83d"}', b'{"a": NaN}', '"ü"'.encode("utf-16")])
def test_what_the_fast_decoder_refuses_is_read_all_the_same(body):
    assert repr(parse_json(body)) == repr(json.loads(body))


@pytest.mark.parametrize("body", [b"", b'{"a": 1', b"[1,]", b"\xff\xfe\xfd"])
def test_what_is_no_json_is_none(body):
    with pytest.raises(ValueError):
        parse_json(body)
