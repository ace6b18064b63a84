"""Every A/B step of an account under judgement: which counts it is judged by, and the verdict (STATISTICS.md §4).

A step is judged by the history's daily counts since its copy last changed, where the history covers it; else by what
Klenty answers for its whole life. The date range of a page plays no part.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.analysis.ab_tests.evidence import Floats
from dashboard.analysis.ab_tests.rules import Rules
from dashboard.analysis.ab_tests.verdicts import Daily, OptionComparison, StepCounts, compare_steps

Basis = Literal["days", "life"]
JUDGED_BY: Final = ("replies", "positive_replies")  # opens and clicks never decide anything
COPY: Final = ("template", "subject", "snippet")
UNEVEN: Final = 0.001
FALSE_WINNERS: Final = 0.10
LONGEST_WAIT: Final = 90
_PACE_DAYS: Final = 28
_FEWEST_PACE_DAYS: Final = 14
_STEP: Final = ["cadence", "step"]


@dataclass(frozen=True, eq=False)
class Experiment:
    """One step with options, what it was judged by, and the verdict.

    `basis` says whether daily counts or one answer for its whole life decided; `first`–`last` are the days that count.
    `copy_changed` is the day of the last known change of copy, where that began the comparison. `pace` is how many
    mails a day the slowest option sends at present (0 when it stands still), over its life where days are unknown;
    None in the first two weeks, which are no pace to go by.
    `rows` holds the options' copy and the counts judged, one row per option.
    """

    cadence: str
    step: int
    events: str
    basis: Basis
    first: date
    last: date
    comparison: OptionComparison
    pace: float | None
    finished: bool
    copy_changed: date | None = None
    _frame: pd.DataFrame = field(repr=False, default_factory=pd.DataFrame)
    _places: Sequence[int] = field(repr=False, default=())

    @property
    def rows(self) -> pd.DataFrame:
        """The options' copy and counts as far as the source has them (columns as the tidy frame `options`)."""
        return self._frame.iloc[list(self._places)]

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
        return is_uneven(self.comparison.counts)


def is_uneven(counts: StepCounts) -> bool:
    """Whether the options that sent mails got clearly different numbers of them."""
    from scipy.stats import chisquare  # noqa: PLC0415  # slow to import

    sent = counts.sent[counts.eligible]
    return len(sent) > 1 and float(chisquare(sent).pvalue) < UNEVEN


def judge(
    life: pd.DataFrame,
    days: pd.DataFrame | None = None,
    *,
    events: str = "replies",
    covered: Collection[str] | None = None,
    finished: Collection[str] = (),
    rules: Rules | None = None,
) -> list[Experiment]:
    """One experiment per step in which two or more options ever sent mails, by cadence and step.

    `life`: the tidy frame `options`, one window per cadence: its whole life. `days`: cadence, step, option, day,
    template, subject, snippet, emails_sent, replies, positive_replies. `covered` (default: all in `days`) are the
    cadences whose days reach back to their beginning: they are judged by days alone. Of others, days decide on the
    steps whose copy changed in them, for only since then the comparison runs; how many days were asked for decides
    nothing. Together the frames hold all steps of the account, for the prior leans on its usual rate. `finished` are
    the cadences that send no more.
    """
    by_day = _prepared_days(days)
    alone = list(by_day["cadence"].unique() if covered is None else covered)
    whole = _prepared_life(life, alone)
    account = _account([whole, _where(by_day, by_day["cadence"].isin(alone))], events)
    decided = [draft for draft in _day_steps(by_day, events) if draft["cadence"] in alone or draft["copy_changed"]]
    changed = {(draft["cadence"], draft["step"]) for draft in decided}
    over_life = [draft for draft in _life_steps(whole, events) if (draft["cadence"], draft["step"]) not in changed]
    drafts = [*decided, *over_life]
    compared = compare_steps([draft["counts"] for draft in drafts], **account, rules=rules)
    found = []
    for draft, comparison in zip(drafts, compared, strict=True):
        about = {key: value for key, value in draft.items() if key != "counts"}
        over = draft["cadence"] in finished
        about |= {"events": events, "finished": over, "pace": 0.0 if over else draft["pace"]}
        found.append(Experiment(comparison=carried(comparison, draft["basis"]), **about))
    return sorted(found, key=lambda item: (item.cadence, item.step))


def carried(comparison: OptionComparison, basis: Basis) -> OptionComparison:
    """The verdict that the counts carry.

    Counts over a whole life cannot tell an option that came late, was paused or re-weighted from one that ran beside
    the others all the time, and most false winners come from that: where they were split unevenly, nobody wins.
    """
    if basis == "life" and comparison.verdict == "winner" and is_uneven(comparison.counts):
        return replace(comparison, verdict="leads")
    return comparison


def _account(frames: Sequence[pd.DataFrame], events: str) -> dict[str, float]:
    """Mails and events of all steps of the account, of rows that have both."""
    sent, happened = (np.concatenate([_floats(frame[name]) for frame in frames]) for name in ("emails_sent", events))
    known = ~np.isnan(sent) & ~np.isnan(happened)
    return {"account_sent": float(sent[known].sum()), "account_events": float(happened[known].sum())}


def _where(frame: pd.DataFrame, chosen: Any) -> pd.DataFrame:
    """The chosen rows; the frame itself, not a copy of hundreds of thousands of rows, when they are all."""
    return frame if bool(chosen.all()) else frame[chosen].reset_index(drop=True)


def _floats(column: pd.Series) -> Floats:
    return np.asarray(column.astype("Float64").to_numpy(float, na_value=np.nan), np.float64)


# ---- over a life


def _prepared_life(life: pd.DataFrame, covered: Any) -> pd.DataFrame:
    """Rows of options that have a number, once per name, without the cadences that days decide."""
    known = life[life["step"].notna() & life["option"].notna() & ~life["cadence"].isin(covered)]
    once = known.drop_duplicates([*_STEP, "option"])
    return once.sort_values([*_STEP, "option"], kind="stable").reset_index(drop=True)


def _life_steps(life: pd.DataFrame, events: str) -> list[dict[str, Any]]:
    sent, happened = _floats(life["emails_sent"]), _floats(life[events])
    options = life["option"].to_numpy(np.int64)
    starts, ends = life["window_start"].dt.date.tolist(), life["window_end"].dt.date.tolist()
    drafts = []
    for (cadence, step), places in _groups(life):
        if (sent[places] > 0).sum() < 2:
            continue
        first, last = starts[places[0]], ends[places[0]]
        days = (last - first).days + 1
        counts = StepCounts(tuple(options[places].tolist()), sent[places], happened[places], None, days)
        drafts.append(
            {
                "cadence": cadence, "step": step, "basis": "life", "first": first, "last": last, "counts": counts,
                "pace": float(sent[places][sent[places] > 0].min()) / days if days >= _FEWEST_PACE_DAYS else None,
                "_frame": life, "_places": places.tolist(),
            }
        )  # fmt: skip
    return drafts


def _groups(frame: pd.DataFrame) -> list[tuple[tuple[str, int], npt.NDArray[np.int64]]]:
    """Places of the rows of every step; the frame is sorted by step."""
    if frame.empty:
        return []
    starts = np.flatnonzero(_begins(frame, _STEP))
    names, steps = frame["cadence"].iloc[starts].tolist(), frame["step"].iloc[starts].tolist()
    places = np.split(np.arange(len(frame)), starts[1:])
    return [((str(name), int(step)), rows) for name, step, rows in zip(names, steps, places, strict=True)]


def _begins(frame: pd.DataFrame, columns: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Rows of a sorted frame with which another value of these columns begins."""
    begins = np.zeros(len(frame), bool)
    begins[:1] = True
    for name in columns:
        codes = _codes(frame[name])
        begins[1:] |= codes[1:] != codes[:-1]
    return begins


def _codes(column: pd.Series) -> npt.NDArray[Any]:
    """Numbers that are equal where the values are; nothing is missing in the column."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy()
    return column.to_numpy(np.int64) if pd.api.types.is_integer_dtype(column.dtype) else pd.factorize(column)[0]


# ---- day by day


def _prepared_days(days: pd.DataFrame | None) -> pd.DataFrame:
    """Rows of options that have a number, each day once, in order."""
    if days is None or days.empty:
        columns = ["cadence", "step", "option", "day", *COPY, "emails_sent", *JUDGED_BY]
        return pd.DataFrame(columns=columns).astype({"emails_sent": "Int64", **dict.fromkeys(JUDGED_BY, "Int64")})
    known = _where(days, days["step"].notna() & days["option"].notna())
    # Names as numbers, in the order of the alphabet: what follows compares them by the hundred thousand.
    numbered = known.assign(day=pd.to_datetime(known["day"]), cadence=known["cadence"].astype("category"))
    once = numbered.drop_duplicates([*_STEP, "option", "day"], keep="last")
    return once.sort_values([*_STEP, "option", "day"], kind="stable").reset_index(drop=True)


def _changed(days: pd.DataFrame, option: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Rows on which an option has another copy than on the last day it was known. `option` numbers the options."""
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


def _day_steps(days: pd.DataFrame, events: str) -> list[dict[str, Any]]:
    if days.empty:
        return []
    tested, changed = _tested_since(days)
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
    drafts = []
    for key, rows in _groups(tested):
        since, last = int(day[rows].min()), _number(last_of[key[0]])
        daily = sent[rows], happened[rows], gap[rows]
        counts = _counted(options[rows], day[rows] - since, *daily, first=_date(since), days=last - since + 1)
        drafts.append(
            {
                "cadence": key[0], "step": key[1], "basis": "days", "counts": counts, "first": _date(since),
                "last": _date(last), "copy_changed": _date(since) if changed[rows].any() else None,
                "pace": _pace(counts), "_frame": frame, "_places": places_of[key].tolist(),
            }
        )  # fmt: skip
    return drafts


def _tested_since(days: pd.DataFrame) -> tuple[pd.DataFrame, npt.NDArray[np.bool_]]:
    """The days that count of every step in which two options ever sent mails, and whether a change began them."""
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
    counts = tested[step] & (day >= since[step])
    began = since[step[counts]] > np.iinfo(np.int64).min
    return _where(days, counts), began


def _counted(
    option: npt.NDArray[np.int64],
    day: npt.NDArray[np.int64],
    sent: Floats,
    events: Floats,
    gap: npt.NDArray[np.bool_],
    *,
    first: date,
    days: int,
) -> StepCounts:
    """The step's options with their totals and daily counts; no total where there is a gap in them."""
    options = tuple(int(number) for number in np.unique(option))
    place = np.searchsorted(options, option)
    daily = Daily(first, np.zeros((days, len(options))), np.zeros((days, len(options))))
    daily.sent[day, place] = sent
    daily.events[day, place] = events
    unknown = np.zeros(len(options), bool)
    unknown[place[gap]] = True
    totals = np.where(unknown, np.nan, daily.events.sum(axis=0))
    return StepCounts(options, daily.sent.sum(axis=0), totals, daily)


def _number(day: Any) -> int:
    return int(np.datetime64(day, "D").astype(np.int64))


def _pace(counts: StepCounts) -> float | None:
    if counts.daily is None or not counts.eligible.any() or len(counts.daily.sent) < _FEWEST_PACE_DAYS:
        return None
    recent = counts.daily.sent[-_PACE_DAYS:, counts.eligible]
    return float(recent.sum(axis=0).min()) / len(recent)


def _date(day: int) -> date:
    return date(1970, 1, 1) + timedelta(days=day)


# ---- many at once


def winners(experiments: Sequence[Experiment]) -> list[Experiment]:
    """The winners that hold although many tests were looked at (e-BH at 10 %), newest first.

    Wang and Ramdas, *False discovery rate control with e-values*, JRSS B 2022. It needs no independence of the steps.
    """
    tests = [item for item in experiments if item.comparison.log_e is not None]
    tests.sort(key=lambda item: -(item.comparison.log_e or 0.0))
    count = len(tests)
    kept = 0
    for place, item in enumerate(tests, start=1):
        if (item.comparison.log_e or 0.0) >= math.log(count / (FALSE_WINNERS * place)):
            kept = place
    held = [item for item in tests[:kept] if item.comparison.verdict == "winner"]
    return sorted(held, key=lambda item: (-_newest(item).toordinal(), item.cadence, item.step))


def _newest(item: Experiment) -> date:
    """The day of winning; over a life only the day is known up to which was counted."""
    return item.comparison.won_on or item.last


def cannot_finish(experiments: Sequence[Experiment]) -> list[Experiment]:
    """The tests that would take more than 90 days at their present pace, or stand still; the longest wait last."""
    found = [item for item in experiments if item.cannot_finish]
    return sorted(found, key=lambda item: (item.days_needed is None, item.days_needed or 0, item.cadence, item.step))
