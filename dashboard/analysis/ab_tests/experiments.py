"""Every A/B test of an account: which counts each is judged by, and the verdict (docs/statistics.md).

A step is judged by the history's daily counts since its copy last changed, where the history covers it; else by what
Klenty answers for its whole life, which proves nothing. The date range of a page plays no part.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import chisquare

from dashboard.analysis.ab_tests.evidence import Floats, Integers
from dashboard.analysis.ab_tests.rules import Rules
from dashboard.analysis.ab_tests.verdicts import Basis, Daily, OptionComparison, StepCounts, compare_steps

JUDGED_BY: Final = ("replies", "positive_replies")  # opens and clicks never decide anything
COPY: Final = ("template", "subject", "snippet")
UNEVEN: Final = 0.001
FALSE_WINNERS: Final = 0.10
LONGEST_WAIT: Final = 90
LEAVE_OUT: Final = 14  # days after a change of copy whose events may answer to the old one
_PACE_DAYS: Final = 28
_FEWEST_PACE_DAYS: Final = 14
_STEP: Final = ["cadence", "step"]


@dataclass(frozen=True, eq=False)
class TestedStep:
    """One step in which two or more options ever sent mails, with the counts it is judged by.

    `first`–`last` are the days that count. `copy_changed` is the day of the last known change of copy and
    `copy_changes` how many are known. `pace` is how many mails a day the slowest option sends at present (0 when it
    stands still), over its life where days are unknown; None in the first two weeks, which are no pace to go by.
    `frame` holds at `places` the options' copy and the counts judged, one row per option.
    """

    cadence: str
    step: int
    first: date
    last: date
    counts: StepCounts
    pace: float | None
    copy_changed: date | None = None
    copy_changes: int = 0
    frame: pd.DataFrame = field(repr=False, default_factory=pd.DataFrame)
    places: Sequence[int] = field(repr=False, default=())


@dataclass(frozen=True, eq=False)
class Experiment:
    """A tested step and its verdict; `events` decided, and a `finished` cadence sends no more."""

    tested: TestedStep
    comparison: OptionComparison
    events: str = "replies"
    finished: bool = False

    @property
    def cadence(self) -> str:
        """The cadence's name."""
        return self.tested.cadence

    @property
    def step(self) -> int:
        """The step's number."""
        return self.tested.step

    @property
    def first(self) -> date:
        """The first day that counts."""
        return self.tested.first

    @property
    def last(self) -> date:
        """The last day that counts."""
        return self.tested.last

    @property
    def basis(self) -> Basis:
        """Whether daily counts decided, or one answer for the step's whole life, which proves nothing."""
        return self.comparison.basis

    @property
    def pace(self) -> float | None:
        """Mails a day of the slowest option at present, as in `TestedStep`; 0 when the cadence is finished."""
        return 0.0 if self.finished else self.tested.pace

    @property
    def rows(self) -> pd.DataFrame:
        """The options' copy and counts as far as the source has them (columns as the tidy frame `options`)."""
        return self.tested.frame.iloc[list(self.tested.places)]

    @property
    def days_needed(self) -> int | None:
        """Days until the mails still needed are sent at this pace; None when it stands still or none are needed."""
        more = self.comparison.more_mails
        if more is None or not self.pace:
            return None
        return math.ceil(more / self.pace)

    @property
    def cannot_finish(self) -> bool:
        """Whether the difference worth finding would take more than 90 days at the present pace."""
        if not self.comparison.more_mails or self.pace is None:
            return False
        return self.pace == 0 or (self.days_needed or 0) > LONGEST_WAIT

    @cached_property
    def uneven(self) -> bool:
        """Whether the mails were split too unevenly for chance."""
        sent = self.comparison.counts.sent[self.comparison.counts.eligible]
        return len(sent) > 1 and float(chisquare(sent).pvalue) < UNEVEN


def evaluate_steps(
    life: pd.DataFrame,
    days: pd.DataFrame | None = None,
    *,
    events: str = "replies",
    covered: Collection[str] | None = None,
    finished: Collection[str] = (),
    rules: Rules | None = None,
) -> list[Experiment]:
    """Return one experiment per step in which two or more options ever sent mails, by cadence and step.

    Together the frames hold all steps of the account, for the prior leans on its usual rate.

    Args:
        life: The tidy frame `options`, one window per cadence: its whole life.
        days: cadence, step, option, day, template, subject, snippet, emails_sent, replies, positive_replies.
        events: The column that decides.
        covered: The cadences whose days reach back to their beginning (default: all in `days`): they are judged by
            days alone. Of others, days decide on the steps whose copy changed in them, for only since then the
            comparison runs; how many days were asked for decides nothing.
        finished: The cadences that send no more.
        rules: The account's; the defaults unless given.
    """
    by_day = _prepared_days(days)
    alone = list(by_day["cadence"].unique() if covered is None else covered)
    whole = _prepared_life(life, alone)
    account = _account([whole, _where(by_day, by_day["cadence"].isin(alone))], events)
    decided = [step for step in _day_steps(by_day, events) if step.cadence in alone or step.copy_changed]
    changed = {(step.cadence, step.step) for step in decided}
    tested = [*decided, *(step for step in _life_steps(whole, events) if (step.cadence, step.step) not in changed)]
    compared = compare_steps([step.counts for step in tested], **account, rules=rules)
    found = [
        Experiment(step, comparison, events, step.cadence in finished)
        for step, comparison in zip(tested, compared, strict=True)
    ]
    return sorted(found, key=lambda item: (item.cadence, item.step))


def _account(frames: Sequence[pd.DataFrame], events: str) -> dict[str, float]:
    """Return mails and events of all steps of the account, of rows that have both."""
    sent, happened = (np.concatenate([_floats(frame[name]) for frame in frames]) for name in ("emails_sent", events))
    known = ~np.isnan(sent) & ~np.isnan(happened)
    return {"account_sent": float(sent[known].sum()), "account_events": float(happened[known].sum())}


def _where(frame: pd.DataFrame, chosen: Any) -> pd.DataFrame:
    """Return the chosen rows; the frame itself, not a copy of hundreds of thousands of rows, when they are all."""
    return frame if bool(chosen.all()) else frame[chosen].reset_index(drop=True)


def _floats(column: pd.Series) -> Floats:
    return np.asarray(column.astype("Float64").to_numpy(float, na_value=np.nan), np.float64)


# ---- over a life


def _prepared_life(life: pd.DataFrame, covered: Any) -> pd.DataFrame:
    """Return rows of options that have a number, once per name, without the cadences that days decide."""
    known = life[life["step"].notna() & life["option"].notna() & ~life["cadence"].isin(covered)]
    once = known.drop_duplicates([*_STEP, "option"])
    return once.sort_values([*_STEP, "option"], kind="stable").reset_index(drop=True)


def _life_steps(life: pd.DataFrame, events: str) -> list[TestedStep]:
    sent, happened = _floats(life["emails_sent"]), _floats(life[events])
    options = life["option"].to_numpy(np.int64)
    starts, ends = life["window_start"].dt.date.tolist(), life["window_end"].dt.date.tolist()
    found = []
    for (cadence, step), places in _groups(life):
        if (sent[places] > 0).sum() < 2:
            continue
        first, last = starts[places[0]], ends[places[0]]
        days = (last - first).days + 1
        counts = StepCounts(tuple(options[places].tolist()), sent[places], happened[places], None, days)
        pace = float(sent[places][sent[places] > 0].min()) / days if days >= _FEWEST_PACE_DAYS else None
        found.append(TestedStep(cadence, step, first, last, counts, pace, frame=life, places=places.tolist()))
    return found


def _groups(frame: pd.DataFrame) -> list[tuple[tuple[str, int], Integers]]:
    """Return places of the rows of every step; the frame is sorted by step."""
    if frame.empty:
        return []
    starts = np.flatnonzero(_begins(frame, _STEP))
    names, steps = frame["cadence"].iloc[starts].tolist(), frame["step"].iloc[starts].tolist()
    places = np.split(np.arange(len(frame)), starts[1:])
    return [((str(name), int(step)), rows) for name, step, rows in zip(names, steps, places, strict=True)]


def _begins(frame: pd.DataFrame, columns: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Return rows of a sorted frame with which another value of these columns begins."""
    begins = np.zeros(len(frame), bool)
    begins[:1] = True
    for name in columns:
        codes = _codes(frame[name])
        begins[1:] |= codes[1:] != codes[:-1]
    return begins


def _codes(column: pd.Series) -> npt.NDArray[Any]:
    """Return numbers that are equal where the values are; nothing is missing in the column."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy()
    return column.to_numpy(np.int64) if pd.api.types.is_integer_dtype(column.dtype) else pd.factorize(column)[0]


# ---- day by day


def _prepared_days(days: pd.DataFrame | None) -> pd.DataFrame:
    """Return rows of options that have a number, each day once, in order."""
    if days is None or days.empty:
        columns = ["cadence", "step", "option", "day", *COPY, "emails_sent", *JUDGED_BY]
        return pd.DataFrame(columns=columns).astype({"emails_sent": "Int64", **dict.fromkeys(JUDGED_BY, "Int64")})
    known = _where(days, days["step"].notna() & days["option"].notna())
    # Names as numbers, in the order of the alphabet: what follows compares them by the hundred thousand.
    numbered = known.assign(day=pd.to_datetime(known["day"]), cadence=known["cadence"].astype("category"))
    once = numbered.drop_duplicates([*_STEP, "option", "day"], keep="last")
    return once.sort_values([*_STEP, "option", "day"], kind="stable").reset_index(drop=True)


def _changed(days: pd.DataFrame, option: Integers) -> npt.NDArray[np.bool_]:
    """Return rows on which an option has another copy than on the last day it was known. `option` numbers the
    options."""
    changed = np.zeros(len(days), bool)
    places = np.arange(len(days))
    for name in COPY:
        codes, _ = pd.factorize(days[name])  # −1: not reported, which is no change
        last_known = np.maximum.accumulate(np.where(codes >= 0, places, 0))
        before = np.concatenate([[0], last_known[:-1]])
        same = (option[before] == option) & (codes[before] >= 0)
        changed |= same & (codes >= 0) & (codes != codes[before])
    changed[:1] = False
    return changed


def _day_steps(days: pd.DataFrame, events: str) -> list[TestedStep]:
    if days.empty:
        return []
    tested, changes = _since_the_last_change(days)
    last_of = days.groupby("cadence", sort=False, observed=True)["day"].max().to_dict()
    counted = ["emails_sent", *JUDGED_BY]
    begins = _begins(tested, [*_STEP, "option"])
    # The newest copy of every option, with its counts since the copy changed.
    totals = tested[counted].groupby(np.cumsum(begins) - 1).sum(min_count=1)
    frame = tested[np.append(begins[1:], True)[: len(begins)]].reset_index(drop=True)
    frame = frame.assign(**{name: totals[name] for name in counted})
    places_of = dict(_groups(frame))
    day = tested["day"].to_numpy("datetime64[D]").astype(np.int64)
    sent, happened = _floats(tested["emails_sent"]), _floats(tested[events])
    # A day with mails whose events are not known leaves the option's total unknown.
    gap = np.isnan(sent) | (np.isnan(happened) & (sent > 0))
    sent, happened = np.nan_to_num(sent), np.nan_to_num(happened)
    options = tested["option"].to_numpy(np.int64)
    found = []
    for key, rows in _groups(tested):
        change, count = changes.get(key, (None, 0))
        last = int(np.datetime64(last_of[key[0]], "D").astype(np.int64))
        counts = _counted(options[rows], day[rows], sent[rows], happened[rows], gap[rows], last, changed=count > 0)
        first = counts.daily.first if counts.daily else _date(last)
        copy_changed = None if change is None else _date(change)
        found.append(
            TestedStep(
                *key, first, _date(last), counts, _pace(counts), copy_changed, count, frame, places_of[key].tolist()
            )
        )
    return found


def _since_the_last_change(days: pd.DataFrame) -> tuple[pd.DataFrame, dict[tuple[str, int], tuple[int, int]]]:
    """Return the days since the last change of copy of every step in which two options ever sent mails.

    And, of the steps whose copy changed, the day of the last change and how many days with one there were.
    """
    step = np.cumsum(_begins(days, _STEP)) - 1
    option = np.cumsum(_begins(days, [*_STEP, "option"])) - 1
    day = days["day"].to_numpy("datetime64[D]").astype(np.int64)
    used = np.zeros(option[-1] + 1, bool)
    np.logical_or.at(used, option, _floats(days["emails_sent"]) > 0)
    first_of_option = np.flatnonzero(_begins(days, [*_STEP, "option"]))
    tested = np.bincount(step[first_of_option], weights=used) >= 2
    changed = _changed(days, option) & used[option]  # the copy of an option that sends nothing changes nothing
    since = np.full(step[-1] + 1, np.iinfo(np.int64).min)
    np.maximum.at(since, step[changed], day[changed])
    counts = np.bincount(np.unique(np.stack([step[changed], day[changed]]), axis=1)[0], minlength=len(since))
    keys = [key for key, _ in _groups(days)]
    changes = {keys[number]: (int(since[number]), int(counts[number])) for number in np.flatnonzero(counts)}
    return _where(days, tested[step] & (day >= since[step])), changes


def _counted(
    option: Integers,
    day: Integers,
    sent: Floats,
    events: Floats,
    gap: npt.NDArray[np.bool_],
    last: int,
    *,
    changed: bool,
) -> StepCounts:
    """Return the step's options with their totals and daily counts; no total where there is a gap in them.

    Days are counted from the first mail of any option, and end with `last`.
    """
    options = tuple(int(number) for number in np.unique(option))
    place = np.searchsorted(options, option)
    first = int(day[sent > 0].min()) if (sent > 0).any() else int(day.min())
    shape = (last - first + 1, len(options))
    daily = Daily(_date(first), np.zeros(shape), np.zeros(shape), LEAVE_OUT if changed else 0)
    kept = day >= first
    daily.sent[day[kept] - first, place[kept]] = sent[kept]
    daily.events[day[kept] - first, place[kept]] = events[kept]
    unknown = np.zeros(len(options), bool)
    unknown[place[gap]] = True
    totals = np.where(unknown, np.nan, np.bincount(place, weights=events, minlength=len(options)))
    return StepCounts(options, daily.sent.sum(axis=0), totals, daily)


def _pace(counts: StepCounts) -> float | None:
    if counts.daily is None or not counts.eligible.any() or len(counts.daily.sent) < _FEWEST_PACE_DAYS:
        return None
    recent = counts.daily.sent[-_PACE_DAYS:, counts.eligible]
    return float(recent.sum(axis=0).min()) / len(recent)


def _date(day: int) -> date:
    return date(1970, 1, 1) + timedelta(days=day)


# ---- many at once


def winners(experiments: Sequence[Experiment]) -> list[Experiment]:
    """Return the proven winners that hold although many tests were looked at (e-BH at 10 %), newest first.

    By today's evidence of the tests with daily counts. Wang and Ramdas, *False discovery rate control with e-values*,
    JRSS B 2022. It needs no independence of the steps.
    """
    tests = [(item.comparison.log_e, item) for item in experiments if item.basis == "days"]
    known = sorted(((log_e, item) for log_e, item in tests if log_e is not None), key=lambda pair: -pair[0])
    kept = 0
    for place, (log_e, _) in enumerate(known, start=1):
        if log_e >= math.log(len(known) / (FALSE_WINNERS * place)):
            kept = place
    held = [item for _, item in known[:kept] if item.comparison.proven]
    return sorted(held, key=lambda item: (-(item.comparison.won_on or date.min).toordinal(), item.cadence, item.step))


def ahead_by_life(experiments: Sequence[Experiment]) -> dict[str, set[int]]:
    """Return the steps that an option wins by whole-life counts only, by cadence: worth checking day by day."""
    found: dict[str, set[int]] = {}
    for item in experiments:
        if item.comparison.verdict == "winner" and item.basis == "life":
            found.setdefault(item.cadence, set()).add(item.step)
    return found
