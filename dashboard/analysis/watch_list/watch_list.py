"""The watch list: bounce and unsubscribe levels, and days and weeks that stand out, over all cadences."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

import pandas as pd

from dashboard.analysis.metrics import METRICS, as_int, denominator_label, format_count, format_percent
from dashboard.analysis.watch_list.alarms import (
    BASELINE_DAYS,
    WEEK_DAYS,
    Day,
    day_alarm,
    is_day_checked,
    is_week_checked,
    level_alarm,
    level_interval,
    usable,
    week_alarm,
)

NOT_IN_THE_DATA: Final = (
    "Spam complaints are not in Klenty's data, and neither is what mailbox providers file as spam: a quiet watch list "
    "does not say that emails arrive. Google Postmaster Tools shows complaints; Google asks to stay below 0.10 %."
)
METHOD: Final = (
    "**Levels.** Bounced and unsubscribed prospects are divided by the prospects contacted in the last 28 complete "
    "days (by emails, where Klenty does not report the prospects). *Alert* means that two events at least and the low "
    "end of the 95 % interval (Clopper–Pearson) lie above a level: sure in these 28 days. Looked at daily, up to one "
    "cadence in eight just below the level shows this once a quarter, more where weeks differ. *Watch* means that only "
    "the rate itself lies above, with at least 50 contacted. The levels are the field's convention and can be changed "
    "above.\n\n"
    "**Days and weeks.** Each of the last seven complete days, and the seven days that end with it, are held against "
    "the 28 days before them: how likely are so many bounces, or unsubscribes, given how much days usually differ? An "
    "alarm needs at least 20 emails that day (50 that week) and 200 before, three events, one and a half times the "
    "usual rate, and so small a chance that all such questions together raise about one false alarm a month, more "
    "where days differ a lot. Days that stood out are left out of what is usual; a week is told once, until a day "
    "without it.\n\n"
    "**Acknowledged** findings stay away until something new fires: a day whose counts changed, a level that got "
    "graver or came back, or one that still holds when none of the days seen is left in the window."
)
DAYS_TOLD: Final = 7
NEW_DAYS: Final = 7
# Under which names levels and memory are kept among the facts of an account.
LEVELS_NOTE: Final = "watch_levels"
MEMORY_NOTE: Final = "watch_memory"

Events = Literal["bounces", "unsubscribes"]
Severity = Literal["alert", "watch"]
Reached = Literal["watch", "act"]
Json = Any
WATCHED: Final[tuple[Events, ...]] = ("bounces", "unsubscribes")
# What the level of a window divides by, the first that is reported; a day's alarm divides by the mails of the day.
_RATES: Final[dict[Events, tuple[str, str]]] = {
    "bounces": ("bounce_rate", "bounce_rate_sent"),
    "unsubscribes": ("unsubscribe_rate", "unsubscribe_rate_sent"),
}


@dataclass(frozen=True)
class Levels:
    """From which rate on a cadence is watched, and from which something has to be done; fractions.

    The defaults are the field's convention, not a rule of the mailbox providers.
    """

    bounces_watch: float = 0.02
    bounces_act: float = 0.05
    unsubscribes_watch: float = 0.005
    unsubscribes_act: float = 0.01

    def of(self, events: Events) -> tuple[float, float]:
        """Return the lower and the upper level."""
        return getattr(self, f"{events}_watch"), getattr(self, f"{events}_act")

    @property
    def in_words(self) -> str:
        """Return the levels as a sentence."""
        parts = [
            f"{METRICS[events].label} {format_percent(low)} (watch) and {format_percent(high)} (act)"
            for events in WATCHED
            for low, high in [self.of(events)]
        ]
        return f"Levels: {', '.join(parts)}."

    @property
    def problem(self) -> str:
        """Why these levels cannot be used, as a sentence; empty when they can."""
        for events in WATCHED:
            low, high = self.of(events)
            if not 0 < low < high < 1:
                return f"{METRICS[events].label}: the first level has to lie above 0 % and below the second."
        return ""

    def as_json(self) -> dict[str, float]:
        """For keeping."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Json) -> "Levels":
        """Return what was kept; the defaults for anything else."""
        try:
            found = cls(**{name: float(value) for name, value in (kept or {}).items()})
        except (TypeError, ValueError, AttributeError):
            return cls()
        return cls() if found.problem else found


@dataclass(frozen=True)
class Finding:
    """One thing to look at.

    `kind` says whether it is a rate over four weeks (*level*), or a *day* or *week* that stands out. `events` of
    `trials` lie in the days from `first_day` to `last_day`; `base` names the trials, `expected` is how many events
    the level allows, or the usual rate brings. `rule` says in words what fired. *alert* is sure at 95 %, *watch* is
    not; `reached` is the level passed: the lower (*watch*) or the upper (*act*). `since` is the day on which it was
    found first.
    """

    kind: Literal["level", "day", "week"]
    cadence: str
    metric: Events
    severity: Severity
    first_day: date
    last_day: date
    events: int
    trials: int
    base: str
    rule: str
    level: float | None = None
    since: date | None = None
    reached: Reached | None = None
    expected: float = 0.0

    @property
    def key(self) -> str:
        """The same for the same thing on the next look: the alarm of a day or week has its day in it."""
        day = self.last_day.isoformat() if self.kind == "day" else "level"
        if self.kind == "week":
            day = f"week to {self.last_day.isoformat()}"
        return f"{self.metric}/{day}/{self.cadence}"

    @property
    def rate(self) -> float:
        """Events ÷ trials."""
        return self.events / self.trials

    @property
    def counts(self) -> str:
        """The rate with its counts and what it is of: "9.4 % (94 of 1,000 prospects contacted)"."""
        return f"{format_percent(self.rate)} ({format_count(self.events)} of {format_count(self.trials)} {self.base})"

    @property
    def title(self) -> str:
        """What it is about, in a few words."""
        what = "Bounces" if self.metric == "bounces" else "Unsubscribes"
        if self.level is None:
            return f"{what} stand out" if self.kind == "day" else f"{what} stand out this week"
        return f"{what} {'above' if self.sure else 'perhaps above'} {format_percent(self.level)}"

    @property
    def excess(self) -> float:
        """How many events there are above the level, or above the usual."""
        return self.events - self.expected

    def is_new(self, today: date) -> bool:
        """Return whether it was found in the last seven days."""
        return self.since is not None and today - self.since < timedelta(days=NEW_DAYS)

    @property
    def sure(self) -> bool:
        """Whether more than the bare rate speaks for it."""
        return self.severity == "alert"

    @property
    def weight(self) -> tuple[int, float]:
        """For comparing two looks at the same thing: which is graver."""
        return int(self.sure), self.level or 0.0

    @property
    def rank(self) -> int:
        """The level surely passed: 3 the upper, 2 the lower (or a day or week that stands out), 1 and 0 perhaps."""
        return 2 * self.sure + (self.reached == "act")


def level_findings(engagements: pd.DataFrame, levels: Levels) -> list[Finding]:
    """Return cadences above a level in the window of `engagements` (one window; two rows of one name are one
    answer)."""
    found: list[Finding] = []
    for row in engagements.drop_duplicates("cadence").to_dict("records"):
        for metric in WATCHED:
            counted = watched_counts(row, metric)
            if counted is not None:
                found += _level(row, metric, *counted, levels.of(metric))
    return found


def watched_counts(row: Mapping[Any, Any], metric: Events) -> tuple[int, int, str] | None:
    """Return events, trials and what the trials are; None when a count is missing."""
    events = as_int(row[metric])
    for rate in _RATES[metric]:
        known = METRICS[rate]
        trials = as_int(row[known.denominator])
        if events is not None and trials is not None:
            return events, trials, denominator_label(known, [row.get("contacted_source")])
    return None


def _level(
    row: Mapping[Any, Any], metric: Events, events: int, trials: int, base: str, levels: tuple[float, float]
) -> Iterator[Finding]:
    """Yield the gravest that can be said: surely above the upper level, surely above the lower, perhaps above
    either."""
    said = {level: level_alarm(events, trials, level) for level in levels}
    low_level, high_level = levels
    for severity, level in (("alert", high_level), ("alert", low_level), ("watch", high_level), ("watch", low_level)):
        if said[level] != severity:
            continue
        low, high = level_interval(events, trials)
        first, last = row["window_start"].date(), row["window_end"].date()
        interval = f"the 95 % interval ({format_percent(low)} to {format_percent(high)})"
        days = (last - first).days + 1
        within = "on this day" if days == 1 else f"in these {days} days"
        rule = f"Above {format_percent(level)} even at the low end of {interval}: sure {within}."
        if severity == "watch":
            rule = f"Above {format_percent(level)}, but that may be chance: it lies within {interval}."
        elif said[high_level] == "watch":
            rule += f" Perhaps above {format_percent(high_level)} too."
        reached: Reached = "act" if level == high_level else "watch"
        yield Finding(
            "level", str(row["cadence"]), metric, severity, first, last, events, trials, base, rule, level,  # type: ignore[arg-type]
            reached=reached, expected=level * trials,
        )  # fmt: skip
        return


def day_findings(daily: pd.DataFrame, *, newest: date, days_told: int = DAYS_TOLD) -> list[Finding]:
    """Return the days, and the weeks, in which bounces or unsubscribes stand out against the 28 days before.

    Every day is judged, the oldest first, because a day that stood out is left out of the usual of the days after it,
    and a week that goes on standing out is told only on its first day.

    Args:
        daily: An engagements frame with one row per cadence and day, in one zone.
        newest: The last complete day.
        days_told: Findings of so many days up to `newest` are returned.
    """
    known = _by_day(daily)
    flagged: dict[Series, set[date]] = {key: set() for key in known}
    running: set[Series] = set()
    found: list[Finding] = []
    for day in sorted({day for counts in known.values() for day in counts if day <= newest}):
        alarms = [*_day_alarms(known, flagged, day), *_week_alarms(known, flagged, day)]
        flagged_now = {item.series for item in alarms if item.kind == "day"}
        weeks_now = {item.series for item in alarms if item.kind == "week"}
        if day > newest - timedelta(days=days_told):
            found += [item.finding() for item in alarms if item.kind == "day" or item.series not in running]
        for series in flagged_now:
            flagged[series].add(day)
        running = weeks_now
    return found


Series = tuple[str, Events]


@dataclass(frozen=True)
class _StandsOut:
    """Days of a cadence that stand out: the days, those they are held against, and what the alarm says."""

    kind: Literal["day", "week"]
    series: Series
    last_day: date
    days: list[Day]
    baseline: list[Day]
    tail: float
    tests: int

    def finding(self) -> Finding:
        """As people are told."""
        cadence, metric = self.series
        usual = usable(self.baseline)
        usual_sent, usual_events = sum(n for n, _ in usual), sum(x for _, x in usual)
        sent, events = sum(n for n, _ in self.days), sum(x for _, x in self.days)
        first_day = self.last_day - timedelta(days=0 if self.kind == "day" else WEEK_DAYS - 1)
        rule = (
            f"Usual is {format_percent(usual_events / usual_sent)} ({format_count(usual_events)} of "
            f"{format_count(usual_sent)} emails on {len(usual)} days before). So many on an ordinary {self.kind}: "
            f"{_chance(self.tail)}; {self.tests} such questions were asked of this {self.kind}."
        )
        return Finding(
            self.kind, cadence, metric, "alert", first_day, self.last_day, events, sent, "emails sent", rule,
            since=self.last_day, expected=sent * usual_events / usual_sent,
        )  # fmt: skip


def _day_alarms(
    known: Mapping[Series, Mapping[date, Day]], flagged: Mapping[Series, Collection[date]], day: date
) -> list[_StandsOut]:
    questions = [
        (key, counts[day], baseline)
        for key, counts in known.items()
        if day in counts and is_day_checked(baseline := _before(counts, day, flagged[key]), counts[day])
    ]
    alarms = [(key, today, baseline, day_alarm(baseline, today, len(questions))) for key, today, baseline in questions]
    return [
        _StandsOut("day", key, day, [today], baseline, alarm.tail or 0.0, len(questions))
        for key, today, baseline, alarm in alarms
        if alarm.label == "alarm"
    ]


def _week_alarms(
    known: Mapping[Series, Mapping[date, Day]], flagged: Mapping[Series, Collection[date]], day: date
) -> list[_StandsOut]:
    days = [day - timedelta(days=back) for back in range(WEEK_DAYS)]
    questions = []
    for key, counts in known.items():
        week = [counts[each] for each in days if each in counts]
        baseline = _before(counts, days[-1], flagged[key])
        if is_week_checked(baseline, week):
            questions.append((key, week, baseline))
    alarms = [(key, week, baseline, week_alarm(baseline, week, len(questions))) for key, week, baseline in questions]
    return [
        _StandsOut("week", key, day, week, baseline, alarm.tail or 0.0, len(questions))
        for key, week, baseline, alarm in alarms
        if alarm.label == "alarm"
    ]


def _by_day(daily: pd.DataFrame) -> dict[Series, dict[date, Day]]:
    """Return (mails, events) per cadence, metric and day, where both are reported."""
    known: dict[Series, dict[date, Day]] = {}
    days = daily.assign(day=daily["window_start"].dt.date).drop_duplicates(["cadence", "day"], keep="last")
    for row in days.to_dict("records"):
        sent = as_int(row["emails_sent"])
        for metric in WATCHED:
            events = as_int(row[metric])
            if sent is not None and events is not None:
                known.setdefault((str(row["cadence"]), metric), {})[row["day"]] = (sent, events)
    return known


def _before(counts: Mapping[date, Day], day: date, flagged: Collection[date]) -> list[Day]:
    """Return the 28 days before `day`, without those that stood out themselves."""
    before = (day - timedelta(days=back) for back in range(1, BASELINE_DAYS + 1))
    return [counts[earlier] for earlier in before if earlier in counts and earlier not in flagged]


def _chance(tail: float) -> str:
    return f"one in {format_count(round(1 / tail))}" if tail > 1e-6 else "less than one in a million"


@dataclass(frozen=True)
class Acknowledgement:
    """Someone has seen a finding: who, when, what was noted, and the finding as it was."""

    who: str
    at: datetime
    note: str
    severity: Severity
    level: float | None
    last_day: date
    events: int
    trials: int

    @classmethod
    def of(cls, finding: Finding, *, who: str, at: datetime, note: str) -> "Acknowledgement":
        """Return the acknowledgement of this finding.

        Args:
            finding: that was seen.
            who: the name of the person.
            at: when (aware).
            note: what they wrote.
        """
        return cls(who, at, note, finding.severity, finding.level, finding.last_day, finding.events, finding.trials)

    def covers(self, finding: Finding) -> bool:
        """Return whether the finding is still the one that was seen.

        A day or week is while its counts are the same. A level is until it gets graver, or until none of its days was
        in what was seen: over a moving window the counts change every day, and that alone is no news.
        """
        if finding.kind != "level":
            return (finding.events, finding.trials) == (self.events, self.trials)
        graver = finding.weight > (int(self.severity == "alert"), self.level or 0.0)
        return not graver and finding.first_day <= self.last_day


@dataclass(frozen=True)
class Memory:
    """What is remembered between two looks: on which day a finding was new, and what was acknowledged, by key; and the
    latest levels that are passed no more, with the day on which that was seen."""

    since: Mapping[str, date] = field(default_factory=dict, hash=False)
    acknowledged: Mapping[str, Acknowledgement] = field(default_factory=dict, hash=False)
    ended: tuple[tuple[str, date], ...] = ()

    def with_acknowledged(self, finding: Finding, seen: Acknowledgement) -> "Memory":
        """Return this memory with a finding acknowledged."""
        return replace(self, acknowledged={**self.acknowledged, finding.key: seen})

    def without(self, finding: Finding) -> "Memory":
        """With the acknowledgement of this finding taken back."""
        return replace(self, acknowledged={k: v for k, v in self.acknowledged.items() if k != finding.key})

    @property
    def open_keys(self) -> set[str]:
        """What fired at the last look and was not acknowledged."""
        return set(self.since) - set(self.acknowledged)

    @property
    def open_cadences(self) -> set[str]:
        """Return the cadences with something that fired at the last look and was not acknowledged."""
        return {_cadence_of(key) for key in self.open_keys}

    @property
    def cadences_with_open_days(self) -> set[str]:
        """Return the cadences with a single day that stood out and was not acknowledged."""
        return {_cadence_of(key) for key in self.open_keys if "/level/" not in key}

    def as_json(self) -> Json:
        """For keeping."""
        return {
            "since": {key: day.isoformat() for key, day in self.since.items()},
            "acknowledged": {
                key: asdict(seen) | {"at": seen.at.isoformat(), "last_day": seen.last_day.isoformat()}
                for key, seen in self.acknowledged.items()
            },
            "ended": [[key, day.isoformat()] for key, day in self.ended],
        }

    @classmethod
    def from_json(cls, kept: Json) -> "Memory":
        """Return what was kept; nothing for anything else."""
        try:
            since = {key: date.fromisoformat(day) for key, day in (kept or {})["since"].items()}
            acknowledged = {
                key: Acknowledgement(
                    **seen
                    | {"at": datetime.fromisoformat(seen["at"]), "last_day": date.fromisoformat(seen["last_day"])}
                )
                for key, seen in kept["acknowledged"].items()
            }
            ended = tuple((str(key), date.fromisoformat(day)) for key, day in kept.get("ended", ()))
        except (TypeError, ValueError, KeyError, AttributeError):
            return cls()
        return cls(since, acknowledged, ended)


@dataclass(frozen=True)
class WatchList:
    """Open findings and acknowledged ones, each the gravest first, and what to remember until the next look."""

    open: tuple[Finding, ...]
    acknowledged: tuple[tuple[Finding, Acknowledgement], ...]
    memory: Memory


def watch_list(findings: Iterable[Finding], memory: Memory, *, checked: Collection[str], today: date) -> WatchList:
    """Sort findings into open and acknowledged ones.

    `checked` are the cadences whose answers arrived, by name: what is remembered of them and fires no more is
    forgotten, so that it is new when it fires again; of the others nothing is forgotten.

    Args:
        findings: of this look.
        memory: what was seen and acknowledged before.
        checked: names of cadences whose answers arrived.
        today: in the zone of the settings.
    """
    dated = [replace(finding, since=memory.since.get(finding.key, _first(finding, today))) for finding in findings]
    firing = {finding.key for finding in dated}
    keep = _keeper(firing, set(checked))
    seen = {key: value for key, value in memory.acknowledged.items() if keep(key)}
    covered = {finding.key for finding in dated if finding.key in seen and seen[finding.key].covers(finding)}
    dated.sort(key=_order)
    ended = [(key, today) for key in memory.since if parts_of(key)[1] and not keep(key)]
    return WatchList(
        tuple(finding for finding in dated if finding.key not in covered),
        tuple((finding, seen[finding.key]) for finding in dated if finding.key in covered),
        Memory(
            {key: day for key, day in memory.since.items() if keep(key)}
            | {finding.key: finding.since for finding in dated if finding.since},
            {key: value for key, value in seen.items() if key in covered or key not in firing},
            (*memory.ended, *ended)[-_MOST_ENDED:],
        ),
    )


def _first(finding: Finding, today: date) -> date:
    return today if finding.kind == "level" else finding.last_day


def _keeper(firing: set[str], checked: set[str]) -> Callable[[str], bool]:
    return lambda key: key in firing or _cadence_of(key) not in checked


def parts_of(key: str) -> tuple[str, bool, str]:
    """Return metric, whether it is a level, and cadence of a finding, from `Finding.key`."""
    metric, kind, cadence = key.split("/", 2)
    return metric, kind == "level", cadence


def _cadence_of(key: str) -> str:
    return parts_of(key)[2]


def _order(finding: Finding) -> tuple[float, ...]:
    """Order by the level surely passed, then by how many events are above it."""
    return -finding.rank, -finding.excess


_MOST_ENDED: Final = 300
COLUMNS: Final = (
    "cadence", "kind", "metric", "severity", "since", "first_day", "last_day", "events", "trials", "base", "rate",
    "level", "rule", "acknowledged_by", "acknowledged_at", "note",
)  # fmt: skip


def findings_frame(watched: WatchList) -> pd.DataFrame:
    """Return every finding as a row, open ones first: what it is, its days, counts and rule, and who acknowledged
    it."""
    rows: list[dict[str, object]] = [_row(finding) for finding in watched.open]
    rows += [
        _row(finding)
        | {"acknowledged_by": seen.who, "acknowledged_at": seen.at.isoformat(timespec="seconds"), "note": seen.note}
        for finding, seen in watched.acknowledged
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    texts = ["cadence", "kind", "metric", "severity", "base", "rule", "acknowledged_by", "acknowledged_at", "note"]
    numbers: dict[str, str] = {"events": "Int64", "trials": "Int64", "rate": "Float64", "level": "Float64"}
    return frame.astype(dict.fromkeys(texts, "string") | numbers)


def _row(finding: Finding) -> dict[str, object]:
    return {name: getattr(finding, name) for name in COLUMNS[:13]}
