"""Tidy frames written by hand, with the odd values that a real account will hold one day."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

ZONE = ZoneInfo("Europe/Berlin")
FETCHED = datetime(2026, 11, 24, 9, 30, tzinfo=ZONE)
HOSTILE = [
    '=HYPERLINK("http://evil.example","x")',
    "<b>bold</b> & <a href='https://evil.example'>link</a> <img src=x onerror=alert(1)>",
    "%{x} %{customdata[0]} $E=mc^2$ {name}",
    "🚀 Ω≈ç√ 👩‍👩‍👧‍👦 ünïcödé 日本語 مرحبا",
    "Quotes \" ' ` , ; \n new line \t tab",
    "A" * 200,
]

ENGAGEMENT_COUNTS = [
    "prospects_added", "in_cadence_now", "completed", "contacted", "emails_sent", "opens", "clicks", "replies",
    "positive_replies", "negative_replies", "unmarked_replies", "unsubscribes", "bounces",
]  # fmt: skip
STEP_COUNTS = [
    "emails_sent", "opens", "clicks", "replies", "positive_replies", "negative_replies", "completed", "tasks",
    "calls", "completed_calls",
]  # fmt: skip
OPTION_COUNTS = ["emails_sent", "opens", "clicks", "replies", "positive_replies", "negative_replies"]
_BASE = ["cadence", "cadence_id", "owner", "window_start", "window_end", "timezone"]
_STEP = [*_BASE, "step", "step_type"]
_OPTION = [*_STEP, "option", "template", "subject", "snippet"]
COLUMNS = {
    "engagements": [*_BASE, *ENGAGEMENT_COUNTS, "fetched_at", "emails_sent_source", "contacted_source"],
    "steps": [*_STEP, *STEP_COUNTS, "fetched_at"],
    "options": [*_OPTION, *OPTION_COUNTS, "fetched_at"],
}
_WHOLE = {*ENGAGEMENT_COUNTS, *STEP_COUNTS, "step", "option"}
_TIMES = {"window_start", "window_end", "fetched_at"}


def window(end: date = date(2026, 11, 23), days: int = 28) -> dict[str, object]:
    start = end - timedelta(days=days - 1)
    return {
        "window_start": datetime.combine(start, time.min, ZONE),
        "window_end": datetime.combine(end, time(23, 59, 59, 999000), ZONE),
        "timezone": "Europe/Berlin",
        "fetched_at": FETCHED,
    }


NOW = window()
BEFORE = window(date(2026, 10, 26))


def frame(kind: str, rows: list[dict[str, object]]) -> pd.DataFrame:
    """A tidy frame with the contract's columns and types; what a row leaves out is not reported."""
    table = pd.DataFrame(rows, columns=COLUMNS[kind])
    types = {}
    for column in table.columns:
        if column in _TIMES:
            types[column] = "datetime64[us, Europe/Berlin]"
        else:
            types[column] = "Int64" if column in _WHOLE else "string"
    return table.astype(types)


def engagement(cadence: str = "Plain", where: dict[str, object] = NOW, **counts: int | str | None) -> dict[str, object]:
    row: dict[str, object] = {
        "cadence": cadence,
        "cadence_id": f"id-{cadence[:8]}",
        "owner": "sam@example.com",
        "emails_sent_source": "reported",
        "contacted_source": "reported",
        **where,
        **counts,
    }
    known = [row.get(key) for key in ("replies", "positive_replies", "negative_replies")]
    if "unmarked_replies" not in counts and all(value is not None for value in known):
        row["unmarked_replies"] = known[0] - known[1] - known[2]  # type: ignore[operator]
    return row


PLAIN = {
    "prospects_added": 120, "in_cadence_now": 64, "completed": 31, "contacted": 300, "emails_sent": 640,
    "opens": 410, "clicks": 22, "replies": 24, "positive_replies": 10, "negative_replies": 8, "unsubscribes": 3,
    "bounces": 9,
}  # fmt: skip
ZEROS = dict.fromkeys(PLAIN, 0)
MILLION = {
    "prospects_added": 400_000, "in_cadence_now": 0, "completed": 1_000_000, "contacted": 1_000_000,
    "emails_sent": 1_000_000, "opens": 7_654_321, "clicks": 1_000_001, "replies": 12_345, "positive_replies": 1,
    "negative_replies": 12_344, "unsubscribes": 40, "bounces": 0,
}  # fmt: skip


def odd_engagements() -> pd.DataFrame:
    """One row for each oddity; the order is relied on by tests only through the names."""
    rows = [
        engagement("Plain", **PLAIN),
        engagement("Nothing reported"),
        engagement("All zero", **ZEROS),
        engagement("A million", **MILLION),
        engagement("No denominator", prospects_added=32, replies=2, positive_replies=1, negative_replies=1, bounces=5),
        engagement("No sentiment", **{**PLAIN, "positive_replies": None, "negative_replies": None}),
        engagement("Half sentiment", **{**PLAIN, "negative_replies": None}),
        engagement("Replies unknown", **{**PLAIN, "replies": None}),
        engagement("Over-marked", **{**PLAIN, "replies": 4, "positive_replies": 5, "negative_replies": 1}),
        engagement("Over 100", **{**PLAIN, "emails_sent": 10, "contacted": 8, "replies": 12, "bounces": 9}),
        engagement("Tracking off", **{**PLAIN, "opens": 0, "clicks": 0}),
        engagement("Stand-in", **PLAIN, contacted_source="first_email_step", emails_sent_source="steps"),
    ]
    rows += [engagement(name, **PLAIN) for name in HOSTILE]
    return frame("engagements", rows)


def step(
    number: int | None,
    kind: str = "email",
    cadence: str = "Plain",
    where: dict[str, object] = NOW,
    **counts: int | None,
) -> dict[str, object]:
    base = engagement(cadence, where)
    return {**base, "step": number, "step_type": kind, **counts}


def odd_steps(cadence: str = "Plain", where: dict[str, object] = NOW) -> pd.DataFrame:
    """Mail, task, call and LinkedIn steps; zero mails, opens over mails, replies over mails, nothing reported."""
    mail = {"tasks": 0, "calls": 0, "completed_calls": 0}
    none = {"emails_sent": 0, "opens": 0, "clicks": 0, "replies": 0, "positive_replies": 0, "negative_replies": 0}
    rows = [
        step(1, "email", cadence, where, emails_sent=300, opens=210, clicks=14, replies=12, positive_replies=5,
             negative_replies=4, completed=290, **mail),
        step(2, "call", cadence, where, **none, completed=80, tasks=0, calls=95, completed_calls=84),
        step(3, "email", cadence, where, emails_sent=200, opens=460, clicks=6, replies=6, positive_replies=4,
             negative_replies=1, completed=196, **mail),
        step(4, "task", cadence, where, **none, completed=33, tasks=41, calls=0, completed_calls=0),
        step(5, "linkedin", cadence, where, completed=12),
        step(6, "email", cadence, where, **none, completed=0, **mail),
        step(7, "email", cadence, where, emails_sent=3, opens=1, clicks=0, replies=5, positive_replies=1,
             negative_replies=3, completed=3, **mail),
        step(None, "email", cadence, where),
    ]  # fmt: skip
    return frame("steps", rows)


def option(
    step_number: int,
    number: int | None,
    subject: str | None = "Quick question",
    cadence: str = "Plain",
    where: dict[str, object] = NOW,
    **counts: int | None,
) -> dict[str, object]:
    base = step(step_number, "email", cadence, where)
    text = {"template": "Follow Ups", "subject": subject, "snippet": f"Hi there, {subject}…"}
    return {**base, "option": number, **text, **counts}


def odd_options(cadence: str = "Plain", where: dict[str, object] = NOW) -> pd.DataFrame:
    """Step 1: two good options that do not add up to the step; step 3: opens over mails, one unused, hostile
    subjects; step 7: one option only."""
    rows = [
        option(1, 1, "Quick question", cadence, where, emails_sent=200, opens=140, clicks=9, replies=6,
               positive_replies=2, negative_replies=3),
        option(1, 2, HOSTILE[1], cadence, where, emails_sent=90, opens=60, clicks=5, replies=6, positive_replies=3,
               negative_replies=1),
        option(3, 1, HOSTILE[3], cadence, where, emails_sent=120, opens=400, clicks=3, replies=3,
               positive_replies=2, negative_replies=0),
        option(3, 2, HOSTILE[5], cadence, where, emails_sent=80, opens=60, clicks=3, replies=3, positive_replies=2,
               negative_replies=1),
        option(3, 3, None, cadence, where, emails_sent=0, opens=0, clicks=0, replies=0, positive_replies=0,
               negative_replies=0),
        option(7, 1, HOSTILE[2], cadence, where, emails_sent=3, opens=1, clicks=0, replies=5, positive_replies=1,
               negative_replies=3),
        option(7, None, "Unknown", cadence, where),
    ]  # fmt: skip
    return frame("options", rows)
