"""The questions of the deep check. Each asks as little as settles it, and says what it saw."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import zip_longest
from typing import Any, Final
from zoneinfo import ZoneInfo

from dashboard.data.account_check.facts import AccountFacts
from dashboard.data.account_check.probe import Answered, Asker, Counts, Status
from dashboard.data.windows import Window
from klenty_api import (
    AuthenticationError,
    Cadence,
    KlentyError,
    RequestRefusedError,
    Step,
    StepOption,
    UnknownUserError,
)

MOST_CADENCES: Final = 6
MOST_FOR_OPENS: Final = 12
MOST_FOR_SUMS: Final = 2
MOST_FOR_DATING: Final = 4
FEWEST_SILENT_DAYS: Final = 6
FEWEST_EXPECTED: Final = 400  # events in 28 days: some forty of them at weekends, if they count on their own date
MOST_ZONE_DAYS: Final = 4
MOST_ZONE_CADENCES: Final = 2
MOST_ZONE_PAIRS: Final = 6
DAYS: Final = 14
_UNKNOWN_NAME: Final = "klenty-dashboard check: no cadence has this name (7f3c9e)"
_FIELDS: Final[Mapping[str, str]] = {
    "prospectsAdded": "prospects_added", "inCadenceCount": "in_cadence_now", "prospectsCompleted": "completed",
    "contactedCount": "contacted", "mailSentCount": "emails_sent", "openCount": "opens", "linkCount": "clicks",
    "replyCount": "replies", "positiveCount": "positive_replies", "negativeCount": "negative_replies",
    "unsubscribeCount": "unsubscribes", "bounceCount": "bounces",
}  # fmt: skip
_DOCUMENTED: Final = frozenset(_FIELDS) - {"contactedCount", "mailSentCount"}
_OF_MAILS: Final = ("openCount", "linkCount", "replyCount")
_ZONES: Final = ("UTC", "Asia/Kolkata", "America/Los_Angeles", "America/New_York", "Europe/London")

Learned = dict[str, Any]


@dataclass(frozen=True)
class Picked:
    """What the questions are asked about: cadences that did something in the 28 days that end yesterday, the busiest
    first; all active ones; and all."""

    cadences: tuple[Cadence, ...]
    active: tuple[Cadence, ...]
    everyone: tuple[Cadence, ...]
    window: Window

    @property
    def names(self) -> list[str]:
        """The names, the busiest first."""
        return [cadence.name or "" for cadence in self.cadences]


@dataclass(frozen=True)
class Question:
    """A question, and what asks it: returns the answer and the facts that follow from it."""

    key: str
    text: str
    ask: Callable[[Asker, Picked, AccountFacts], tuple[Answered, Learned]]


def pick(asker: Asker, *, timezone: str, today: date) -> Picked:
    """Return active cadences, each of its own name, those with most in the last 28 days first: six, or up to twelve
    until two of them were active. Both the user's own and others', because a key may not show all alike.

    Args:
        asker: asks and counts the calls.
        timezone: IANA name of the zone in which days end.
        today: in the zone.
    """
    everyone = tuple(cadence for cadence in asker.cadences() if cadence.name)
    names = [cadence.name for cadence in everyone]
    window = Window(today - timedelta(days=28), today - timedelta(days=1), timezone)
    fit = [cadence for cadence in everyone if cadence.is_active is not False and names.count(cadence.name) == 1]
    fit.sort(key=lambda cadence: _youth(cadence, window))
    me = asker.client.user.lower()
    mine = [cadence for cadence in fit if (cadence.owner or "").lower() == me]
    others = [cadence for cadence in fit if cadence not in mine]
    mixed = [cadence for pair in zip_longest(mine, others) for cadence in pair if cadence is not None]
    busy: list[tuple[int, Cadence]] = []
    for number, cadence in enumerate(mixed[: 2 * MOST_CADENCES]):
        if number >= MOST_CADENCES and len(busy) >= 2:
            break
        try:
            events = sum(_moving(_whole(asker, cadence.name or "", window)).values())
        except (AuthenticationError, UnknownUserError):
            raise
        except KlentyError:
            continue  # another one may answer
        if events:
            busy.append((events, cadence))
    busy.sort(key=lambda pair: -pair[0])
    return Picked(tuple(cadence for _, cadence in busy), tuple(mixed), everyone, window)


def _youth(cadence: Cadence, window: Window) -> tuple[bool, float]:
    """Return cadences that lived through the whole window first, the younger ones of them before the older."""
    created = cadence.created or datetime(2000, 1, 1, tzinfo=UTC)
    return created > window.first_instant, -created.timestamp()


def _whole(
    asker: Asker, name: str, window: Window, facts: AccountFacts | None = None, user: str | None = None
) -> Counts:
    """Return the counts of whole days: as exact times, or as dates where times are known to be ignored."""
    if facts is not None and facts.times_honoured is False:
        after = timedelta(days=1 if facts.end_day_included is False else 0)
        return asker.counts(name, window.start, window.end + after, user)
    return asker.counts(name, window.first_instant, window.last_instant, user)


def _moving(counts: Counts, facts: AccountFacts | None = None) -> Counts:
    """Return the counts without those that are the present state: the one documented as such, and what was found to
    be."""
    state = {"inCadenceCount", *(facts.current_state if facts else ())}
    return {key: value for key, value in counts.items() if key not in state}


def _fields(asker: Asker, picked: Picked, _: AccountFacts) -> tuple[Answered, Learned]:
    if not picked.names:
        return _nothing_to_see()
    came: set[str] = set()
    for name in picked.names:
        came |= set(asker.raw(name, picked.window.first_instant, picked.window.last_instant))
    more, missing = sorted(came - _DOCUMENTED), sorted(_DOCUMENTED - came)
    answer = f"{len(more)} undocumented fields come" if more else "No undocumented field comes"
    if missing:
        answer += f"; {len(missing)} documented ones do not"
    evidence = [
        f"Undocumented: {', '.join(more) or 'none'}",
        f"Documented, but not there: {', '.join(missing) or 'none'}",
    ]
    return _found(answer, *evidence, f"{len(picked.names)} cadences, {picked.window.label()}"), {
        "undocumented": tuple(more)
    }


def _state(asker: Asker, picked: Picked, facts: AccountFacts) -> tuple[Answered, Learned]:
    """Return counts that are the same in every window, even in one before the cadence existed."""
    if not picked.names:
        return _nothing_to_see()
    same: dict[str, list[bool]] = {}
    evidence = []
    for cadence in picked.cadences[:2]:
        name = cadence.name or ""
        began = (cadence.created or datetime(2016, 1, 1, tzinfo=UTC)) - timedelta(days=60)
        before = asker.counts(name, began, began + timedelta(hours=23))
        whole = _whole(asker, name, picked.window, facts)
        weeks = [_whole(asker, name, week, facts) for week in _weeks(picked.window)]
        windows = [whole, *weeks, *([before] if before else [])]
        for key, value in whole.items():
            told = [counts.get(key) for counts in windows]
            if value and None not in told:
                same.setdefault(key, []).append(len(set(told)) == 1)
        evidence.append(
            f"“{name}”: 28 days {_told(whole)}; newest week {_told(weeks[-1])}; a day before it was created "
            f"({began:%d %b %Y}) {_told(before) if before else 'nothing found'}"
        )
    state = sorted(key for key, verdicts in same.items() if all(verdicts))
    moving = sorted(key for key, verdicts in same.items() if not any(verdicts))
    learned: Learned = {"current_state": tuple(state)}
    if "inCadenceCount" in {*state, *moving}:  # what is the one for one cadence and not for another is open
        learned["in_cadence_is_now"] = "inCadenceCount" in state
    answer = f"Present state, whatever the window: {', '.join(state) or 'none'}"
    more = f"Follow the window: {', '.join(moving) or 'none'}"
    return _found(answer, more, *evidence, status="settled" if same else "unclear"), learned


def _additive(asker: Asker, picked: Picked, facts: AccountFacts) -> tuple[Answered, Learned]:
    """f(four weeks) against the sum of the four: a difference settles it, equal sums do not."""
    if not picked.names or facts.times_honoured is None:
        return _nothing_to_see("what it depends on is not settled")
    differ: dict[str, str] = {}
    looked_at: dict[str, int] = {}
    names = picked.names[:MOST_FOR_SUMS]
    for name in names:
        whole = _whole(asker, name, picked.window, facts)
        weeks = [_whole(asker, name, week, facts) for week in _weeks(picked.window)]
        for key, value in whole.items():
            parts = [week[key] for week in weeks if key in week]
            if key in facts.current_state or len(parts) < len(weeks) or sum(map(bool, parts)) < 2:
                continue
            looked_at[key] = looked_at.get(key, 0) + value
            if sum(parts) != value:
                told = f"{key} {value:,} against {' + '.join(f'{part:,}' for part in parts)} = {sum(parts):,}"
                differ.setdefault(key, f"“{name}”, 28 days against its four weeks: {told}")
    equal = sorted(set(looked_at) - set(differ))
    answer = (
        f"Do not add up: {', '.join(sorted(differ)) or 'none seen'}. No difference seen: {', '.join(equal) or 'none'}"
    )
    seen = ", ".join(f"{key} {looked_at[key]:,}" for key in equal)
    evidence = [*differ.values(), f"{len(names)} cadences, equal so far: {seen or 'nothing'}"]
    learned = {"additive": {_FIELDS[key]: False for key in differ if key in _FIELDS}}
    return _found(answer, *evidence, status="settled" if differ else "not seen"), learned


def _end_day(asker: Asker, picked: Picked, facts: AccountFacts) -> tuple[Answered, Learned]:
    """Weekdays as dates, each from itself to itself, and to the day after."""
    if not picked.names:
        return _nothing_to_see()
    name, evidence = picked.names[0], list[str]()
    for day in _weekdays(picked.window.end - timedelta(days=1))[:4]:
        after = day + timedelta(days=1)
        alone = _nonzero(asker.counts(name, day, day), facts)
        if alone:
            evidence.append(f"“{name}”, from {day} to {day}, as dates: {_told(alone)}")
            return _found("Yes: an end date includes its day", *evidence), {"end_day_included": True}
        two = _nonzero(asker.counts(name, day, after), facts)
        evidence.append(f"“{name}”, from {day} to {day}, as dates: nothing; to the day after: {_told(two)}")
        # Both days alone hold nothing, together they do: so the last day of a range is left out.
        if two and not _nonzero(asker.counts(name, after, after), facts):
            return _found("No: an end date ends before its day", *evidence), {"end_day_included": False}
    return _unclear("dates without a time gave nothing", *evidence)


def _times(asker: Asker, picked: Picked, facts: AccountFacts) -> tuple[Answered, Learned]:
    """Windows moved through busy days in steps of four hours: are their answers those of whole days?"""
    busy = _busiest_days(asker, picked, facts)[:2]
    if not busy:
        return _nothing_to_see("there is no day with enough events, or how an end date is read is not settled")
    name, evidence = picked.names[0], list[str]()
    length = "a minute" if facts.end_day_included else "24 hours"
    for day in busy:
        days = [_nonzero(_day(asker, name, day + timedelta(days=more), facts), facts) for more in (-1, 0, 1)]
        moved = [
            _nonzero(_at(asker, name, _midnight(day) + timedelta(hours=hour), facts), facts) for hour in range(0, 24, 4)
        ]
        whole = sum(answer in days for answer in moved)
        evidence.append(
            f"“{name}”, {day} as a date: {_told(days[1])}. Windows of {length} beginning at 0, 4, 8, 12, 16 and 20 h "
            f"UTC: {whole} of {len(moved)} answered exactly as a whole day; at 12 h: {_told(moved[3])}"
        )
        if whole < len(moved) or not any(moved):
            return _found("Times count: a window may begin and end within a day", *evidence), {"times_honoured": True}
    if len(busy) < 2:
        return _unclear("only one day had enough events", *evidence)
    return _found("Only days count: the times of a window are ignored", *evidence), {"times_honoured": False}


def _zone(asker: Asker, picked: Picked, facts: AccountFacts) -> tuple[Answered, Learned]:
    busy = _busiest_days(asker, picked, facts)
    if not busy or facts.end_day_included is None or facts.times_honoured is None:
        return _nothing_to_see("what it depends on is not settled")
    if facts.times_honoured:
        return _zone_by_dates(asker, picked, busy, facts)
    return _zone_by_boundary(asker, picked, busy[0], facts)


def _zone_by_dates(asker: Asker, picked: Picked, busy: list[date], facts: AccountFacts) -> tuple[Answered, Learned]:
    """Return a range that ends with a date against ranges that end at each half hour: which ends at the same moment?

    All begin before the cadence existed, so the later one ends the more it holds, and the half hours with the same
    answer lie together around the true one. Days and cadences are asked until one half hour is left.
    """
    possible = range(-28, 25)  # half hours that a zone may be behind UTC: +14:00 to -12:00
    evidence = list[str]()
    pairs = [(cadence, day) for day in busy[:MOST_ZONE_DAYS] for cadence in picked.cadences[:MOST_ZONE_CADENCES]]
    for cadence, day in pairs[:MOST_ZONE_PAIRS]:
        name, began = cadence.name or "", (cadence.created or datetime(2016, 1, 1, tzinfo=UTC)) - timedelta(days=60)
        midnight = _midnight(day + timedelta(days=1 if facts.end_day_included else 0)) - timedelta(milliseconds=1)

        def held(behind: int, name: str = name, began: datetime = began, midnight: datetime = midnight) -> int:
            return _size(asker.counts(name, began, midnight + timedelta(minutes=30 * behind)), facts)

        possible = _narrowed(possible, held, _size(asker.counts(name, began.date(), day), facts))
        told = f"{_clock(-possible[-1])} to {_clock(-possible[0])}" if possible else "none"
        evidence.append(f"“{name}” up to {day} as a date holds as much as up to midnight of {told}")
        if len(possible) <= 1:
            break
    if not possible:
        return _unclear("days end at no half hour that was tried", *evidence)
    if len(possible) > 1:
        return _unclear(f"days are cut somewhere from {_clock(-possible[-1])} to {_clock(-possible[0])}", *evidence)
    return _zone_found(busy[0], -possible[0], picked.window.timezone, evidence)


def _narrowed(possible: range, held: Callable[[int], int], wanted: int) -> range:
    """Return the part of `possible` where `held` is `wanted`; it grows along the range, so both ends are found by
    halving."""

    def first(least: int) -> int:
        low, high = possible.start, possible.stop
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if held(middle) >= least else (middle + 1, high)
        return low

    return range(first(wanted), first(wanted + 1))


def _size(counts: Counts, facts: AccountFacts) -> int:
    return sum(_nonzero(counts, facts).values())


def _zone_found(day: date, ahead: int, own: str, evidence: list[str]) -> tuple[Answered, Learned]:
    """Return the zone with that many half hours ahead of UTC on that day, by name where a likely one has this clock."""
    offset = timedelta(minutes=30 * ahead)
    zone = next((zone for zone in _candidates(own) if _offset(day, zone) == offset), _clock(ahead))
    return _found(f"Days are cut in {zone}, or in a zone with the same clock", *evidence), {"day_zone": zone}


def _clock(ahead: int) -> str:
    """Return the zone as "UTC+05:30"."""
    return f"UTC{'-' if ahead < 0 else '+'}{abs(ahead) // 2:02d}:{'30' if ahead % 2 else '00'}"


def _zone_by_boundary(asker: Asker, picked: Picked, day: date, facts: AccountFacts) -> tuple[Answered, Learned]:
    """Return where times are ignored, an instant answers for its day: look for the half hour at which that changes."""
    name = picked.names[0]

    def at(half_hours: int) -> Counts:
        return _nonzero(_at(asker, name, _midnight(day) + timedelta(minutes=30 * half_hours), facts), facts)

    # From noon to noon: the day begins somewhere between for every zone from -12:00 to +12:00.
    low, high = -24, 24
    first = at(low)
    if first == at(high):
        return _unclear("two days in a row answer alike", _told(first))
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if at(middle) == first else (low, middle)
    if at(high) != _nonzero(_day(asker, name, day, facts), facts):
        return _unclear("no answer of an instant is that of its day", _told(at(high)))
    begins = _midnight(day) + timedelta(minutes=30 * high)
    evidence = f"“{name}”: the answer for an instant changes at {begins:%d %b, %H:%M} UTC"
    return _zone_found(day, -high, picked.window.timezone, [evidence])


def _dated(asker: Asker, picked: Picked, facts: AccountFacts) -> tuple[Answered, Learned]:
    """Weekend days without an email: what is opened or answered on them belongs to earlier emails.

    One such event settles it. That there is none settles it only where many were to be expected.
    """
    if not picked.names or facts.end_day_included is None:
        return _nothing_to_see()
    names, silent, expected = picked.names[:MOST_FOR_DATING], 0, 0
    for name in names:
        own = 0
        for day in _weekend_days(picked.window):
            counts = _moving(_day(asker, name, day, facts), facts)
            if _sent(asker, name, day, counts, facts) != 0:
                continue
            own += 1
            of_mails = {key: counts[key] for key in _OF_MAILS if counts.get(key)}
            if of_mails:
                evidence = f"“{name}”, {day:%A, %d %b %Y}: no email sent, yet {_told(of_mails)}"
                return _found("An event counts on its own date", evidence), {"dated_by": "event"}
        if own:
            whole = _moving(_whole(asker, name, picked.window, facts), facts)
            silent, expected = silent + own, expected + sum(whole.get(key, 0) for key in _OF_MAILS)
    evidence = (
        f"{len(names)} cadences: no opens, clicks or replies on {silent} weekend days without emails, {expected:,} in "
        "their 28 days"
    )
    if silent >= FEWEST_SILENT_DAYS and expected >= FEWEST_EXPECTED:
        return _found("An event counts on the date of its email", evidence), {"dated_by": "send"}
    return _unclear("no event on a day without emails was seen, but few were to be expected", evidence)


def _opens(asker: Asker, picked: Picked, _: AccountFacts) -> tuple[Answered, Learned]:
    """Steps and options over the cadences' lives: more opens than emails anywhere?"""
    mails, places, highest = 0, 0, 0.0
    some = picked.active[:MOST_FOR_OPENS]
    for cadence in some:
        name = cadence.name or ""
        began = cadence.created or picked.window.first_instant - timedelta(days=365)
        for step in asker.steps(name, began, picked.window.last_instant):
            parts: list[Step | StepOption] = [step, *step.options]
            for part in parts:
                sent, opens = part.emails_sent, part.opens
                if not sent or opens is None:
                    continue
                if opens > sent:
                    what = f"step {step.step}" if part is step else f"an option of step {step.step}"
                    evidence = f"“{name}”, {what}: {opens:,} opens of {sent:,} emails since {began:%d %b %Y}"
                    return _found("Yes: repeated opens count", evidence), {"opens_exceed": True}
                mails, places, highest = mails + sent, places + 1, max(highest, opens / sent)
    evidence = (
        f"{len(some)} cadences over their lives, {places} steps and options with {mails:,} emails: at most "
        f"{highest:.2f} opens per email in a step. The cadence's own count of opens is another unit."
    )
    return _found("Not seen in steps", evidence, status="not seen"), {}


def _unknown(asker: Asker, picked: Picked, _: AccountFacts) -> tuple[Answered, Learned]:
    start, end = picked.window.first_instant, picked.window.last_instant
    try:
        counts = asker.counts(_UNKNOWN_NAME, start, end)
    except RequestRefusedError as error:
        return _found("It is refused", str(error)), {"unknown_name": "refused"}
    if not counts:
        return _found("Nothing: it is told from a cadence without activity", "no count came"), {
            "unknown_name": "nothing"
        }
    if not any(counts.values()):
        return _found("Zeros: a wrong name looks like no activity", _told(counts, "all 0")), {"unknown_name": "zeros"}
    return _found("Counts, although no cadence has that name", _told(counts), status="unclear"), {}


def _users(asker: Asker, picked: Picked, facts: AccountFacts) -> tuple[Answered, Learned]:
    """Return the same question in the names of other people whose cadences the list shows."""
    me = asker.client.user.lower()
    others = list(
        dict.fromkeys(c.owner for c in picked.everyone if c.owner and "@" in c.owner and c.owner.lower() != me)
    )
    if not picked.names or not others:
        return _nothing_to_see("the list names no other owner")
    name = picked.names[0]
    mine = _nonzero(_whole(asker, name, picked.window, facts), facts)
    evidence, differ, same = [f"“{name}” as the user of the settings: {_told(mine)}"], 0, 0
    for number, owner in enumerate(others[:3], start=1):
        try:
            theirs = _nonzero(_whole(asker, name, picked.window, facts, owner), facts)
        except (AuthenticationError, UnknownUserError, RequestRefusedError) as error:
            evidence.append(f"as another owner ({number}): refused. {error}")
            continue
        evidence.append(f"as another owner ({number}): {_told(theirs) if theirs else 'nothing'}")
        differ, same = differ + (theirs != mine), same + (theirs == mine)
    if differ:
        return _found("Yes: reports differ by user", *evidence), {"users_differ": True}
    if same:
        return _found("No difference seen", f"{same} other users asked", *evidence, status="not seen"), {}
    return _unclear("the key does not speak for other users", *evidence)


QUESTIONS: Final = (
    Question("fields", "Which fields come that no document names?", _fields),
    Question("state", "Which counts are the present state, whatever the window?", _state),
    Question("end_day", "Does an end date include its day?", _end_day),
    Question("times", "Do the times of a window count, or only its days?", _times),
    Question("unknown", "What does a name answer that no cadence has?", _unknown),
    Question("users", "Does a report depend on the user who asks?", _users),
    Question("zone", "In which time zone are days cut?", _zone),
    Question("additive", "Which counts of adjacent windows add up?", _additive),
    Question("dated", "Does an event count on its own date, or on its email's?", _dated),
    Question("opens", "Are there ever more opens than emails?", _opens),
)


def _weeks(window: Window) -> list[Window]:
    starts = [window.start + timedelta(days=7 * week) for week in range(4)]
    return [Window(start, start + timedelta(days=6), window.timezone) for start in starts]


def _days(picked: Picked) -> list[date]:
    return [picked.window.end - timedelta(days=back) for back in range(DAYS)]


def _weekend_days(window: Window) -> list[date]:
    days = (window.end - timedelta(days=back) for back in range(window.days))
    return [day for day in days if day.weekday() >= 5]


def _weekdays(last: date) -> list[date]:
    days = (last - timedelta(days=back) for back in range(DAYS))
    return [day for day in days if day.weekday() < 5]


def _busiest_days(asker: Asker, picked: Picked, facts: AccountFacts) -> list[date]:
    """Return the last days of the busiest cadence that hold at least a few events, the busiest first."""
    if not picked.names or facts.end_day_included is None:
        return []
    sizes = {day: sum(_nonzero(_day(asker, picked.names[0], day, facts), facts).values()) for day in _days(picked)[1:]}
    return sorted((day for day, size in sizes.items() if size >= 5), key=lambda day: -sizes[day])


def _day(asker: Asker, name: str, day: date, facts: AccountFacts) -> Counts:
    """Return one day, asked as dates."""
    return asker.counts(name, day, day if facts.end_day_included else day + timedelta(days=1))


def _at(asker: Asker, name: str, at: datetime, facts: AccountFacts) -> Counts:
    """Return the shortest window from an instant on that holds a day where times are ignored."""
    return asker.counts(name, at, at + (timedelta(minutes=1) if facts.end_day_included else timedelta(days=1)))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _sent(asker: Asker, name: str, day: date, counts: Counts, facts: AccountFacts) -> int | None:
    """Return emails of the day: as reported, else over the steps, which are asked only when nobody was added."""
    if "mailSentCount" in counts:
        return counts["mailSentCount"]
    if counts.get("prospectsAdded"):
        return None
    end = day if facts.end_day_included else day + timedelta(days=1)
    sent = [step.emails_sent for step in asker.steps(name, day, end)]
    known = [number for number in sent if number is not None]
    return sum(known) if known and len(known) == len(sent) else None


def _candidates(own: str) -> list[str]:
    return list(dict.fromkeys((*_ZONES[:1], own, *_ZONES[1:])))


def _offset(day: date, zone: str) -> timedelta | None:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).utcoffset()


def _nonzero(counts: Counts, facts: AccountFacts) -> Counts:
    return {key: value for key, value in _moving(counts, facts).items() if value}


def _told(counts: Counts, empty: str = "nothing") -> str:
    told = [f"{key} {counts[key]:,}" for key in _FIELDS if counts.get(key)]
    return f"({', '.join(told)})" if told else f"({empty})"


def _found(answer: str, *evidence: str, status: Status = "settled") -> Answered:
    return Answered("", "", answer, status, tuple(evidence))


def _unclear(why: str, *evidence: str) -> tuple[Answered, Learned]:
    return _found(f"Unclear: {why}", *evidence, status="unclear"), {}


def _nothing_to_see(why: str = "no active cadence did anything in the last 28 days") -> tuple[Answered, Learned]:
    return _unclear(why)
