"""The figures of a range: sums over the chosen cadences, their rates, and the change from the period before."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pandas as pd

from dashboard.analysis.metrics import (
    METRICS,
    Per,
    as_int,
    denominator_label,
    format_count,
    format_rate,
    in_account,
    rate_per,
)
from dashboard.analysis.performance.weeks import NO_WEEKS, WeeklyCounts, weekly_counts
from dashboard.analysis.stats.change import Change, Chip, compare_many, compare_periods
from dashboard.data.account_check.facts import NOTHING_SETTLED, AccountFacts
from dashboard.data.windows import Window

NOTE: Final = "Sums over the chosen cadences: a person in two of them counts twice."

# Figure → the rate under it, over the chosen denominator, or over the other where the data cannot form that one.
_FIGURES: Final[dict[str, str | None]] = {
    "prospects_added": None,
    "emails_sent": None,
    "replies": "reply_rate",
    "positive_replies": "positive_reply_rate",
    "bounces": "bounce_rate",
    "unsubscribes": "unsubscribe_rate",
    "in_cadence_now": None,
}


_CHANGES: Final = {
    "cadence": "string",
    "change": "string",
    "change_label": "string",
    "change_by": "Float64",
    "change_low": "Float64",
    "change_high": "Float64",
    "change_basis": "string",
}


_FIGURE_COLUMNS: Final = {
    "metric": "string",
    "label": "string",
    "value": "Int64",
    "reported": "Int64",
    "cadences": "Int64",
    "before": "Int64",
    "change": "string",
    "rate_metric": "string",
    "rate": "string",
    "rate_change": "string",
    "restated": "string",
}


@dataclass(frozen=True)
class Pair:
    """Events and trials summed over the cadences that reported both."""

    events: int
    trials: int
    cadences: int


@dataclass(frozen=True)
class Figure:
    """One figure of the range.

    `value` is the sum over the `reported` of `cadences` that reported it (None: none did). `before` is the earlier
    period's sum over the cadences that reported in both periods. `rate_change` holds the rate against that period,
    `restated_text` says what was seen of it earlier, where that differs; `as_of` is the time of the oldest answer,
    given for what is *now*.
    """

    metric: str
    label: str
    value: int | None
    reported: int
    cadences: int
    before: int | None = None
    change_text: str = ""
    rate_metric: str | None = None
    rate_text: str = ""
    rate_change: Change | None = None
    rate_change_text: str = ""
    restated_text: str = ""
    as_of: datetime | None = None

    @property
    def chip(self) -> Chip | None:
        """The word under the figure: how its rate changed; None where nothing is compared."""
        metric = METRICS.get(self.rate_metric or "")
        if metric is None or self.rate_change is None:
            return None
        return self.rate_change.chip(lower_is_better=metric.lower_is_better)

    @property
    def value_text(self) -> str:
        """The value as people read it, or "not reported"."""
        return format_count(self.value)

    @property
    def lines(self) -> tuple[str, ...]:
        """What stands under the value, each in a line: rate, changes, how many reported, time."""
        partly = self.value is not None and self.reported < self.cadences
        lines = [
            self.rate_text,
            self.rate_change_text,
            self.change_text,
            self.restated_text,
            f"reported for {self.reported} of {self.cadences} cadences" if partly else "",
            f"whatever the range; as of {format_time(self.as_of)}" if self.as_of else "",
        ]
        return tuple(line for line in lines if line)


def figures(
    now: pd.DataFrame,
    before: pd.DataFrame | None = None,
    *,
    per: Per = "contacted",
    restated: pd.DataFrame | None = None,
    facts: AccountFacts = NOTHING_SETTLED,
    weeks: pd.DataFrame | None = None,
    maturing: bool = False,
) -> list[Figure]:
    """Return the figures of one window (`engagements` frame), with the change from an earlier window.

    `weeks` are days and weeks from the history (`read_weeks`), by which changes are judged; while `maturing`, none is
    called a fall.

    `restated` has a row per cadence and count of the earlier window that Klenty once gave otherwise (cadence, metric,
    before, now, before_at). `per` chooses the denominator of the rates; what `facts` disprove is not said. Sums are
    over cadences, never over windows: a frame with several windows raises ValueError. Cadences that share a name are
    answered as one by Klenty and counted once.

    Args:
        now: `engagements` of the range shown.
        before: those of the period it is compared with; None where nothing is compared.
        per: the denominator that is asked for.
        restated: counts of the earlier window that were once others.
        facts: what the account check settled.
        weeks: of the history (`read_weeks`).
        maturing: whether events are still arriving.
    """
    now = one_row_per_name(now)
    earlier = None if before is None or before.empty or now.empty else one_row_per_name(before)
    periods = _Periods(now, earlier, restated, weeks, maturing=maturing)
    return [_figure(key, now, periods, per, facts) for key in _FIGURES]


def figures_frame(found: Iterable[Figure]) -> pd.DataFrame:
    """Return the figures as a table: metric, label, value, reported, cadences, before, change, rate_metric, rate (in
    words, with its counts), rate_change, restated."""
    rows = [
        (
            item.metric, item.label, item.value, item.reported, item.cadences, item.before, item.change_text,
            item.rate_metric, item.rate_text, item.rate_change_text, item.restated_text,
        )
        for item in found
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(_FIGURE_COLUMNS)).astype(_FIGURE_COLUMNS)


def compared_weeks(weeks: pd.DataFrame | None, now: pd.DataFrame, earlier: pd.DataFrame, rate: str) -> WeeklyCounts:
    """Return the weekly counts of a rate for comparing the windows of two `engagements` frames.

    Args:
        weeks: days and weeks of the history (`read_weeks`).
        now: `engagements` of the later window.
        earlier: those of the earlier one.
        rate: key of a rate.
    """
    if weeks is None or now.empty or earlier.empty:
        return NO_WEEKS
    return weekly_counts(weeks, _window(now), _window(earlier), rate)


def _window(engagements: pd.DataFrame) -> Window:
    start, end = engagements["window_start"].iloc[0], engagements["window_end"].iloc[0]
    return Window(start.date(), end.date(), str(start.tz))


def changes(
    now: pd.DataFrame, earlier: pd.DataFrame, rate: str, *, weeks: pd.DataFrame | None = None, maturing: bool = False
) -> pd.DataFrame:
    """Return the change of a rate for every cadence name of two windows, judged together (`change.compare_many`).

    `weeks` are days and weeks from the history (`read_weeks`); while `maturing`, no change is called a fall.

    Columns: cadence, change (in words, with the interval and the counts of both), change_label, change_by (the
    difference), change_low, change_high (fractions), change_basis (weeks or counts). Cadences that the earlier window
    does not hold, or without the counts, are *no comparison*.

    Args:
        now: `engagements` of the later window.
        earlier: those of the earlier one.
        rate: key of a rate.
        weeks: of the history (`read_weeks`).
        maturing: whether events are still arriving.
    """
    metric = METRICS[rate]
    columns = list(dict.fromkeys(["cadence", metric.numerator, metric.denominator]))
    both = one_row_per_name(now)[columns].merge(
        one_row_per_name(earlier)[columns], on="cadence", how="left", suffixes=("", "_before")
    )
    parts = [both[f"{metric.numerator}_before"], both[f"{metric.denominator}_before"]]
    parts += [both[str(metric.numerator)], both[str(metric.denominator)]]
    names = both["cadence"].tolist()
    weekly = compared_weeks(weeks, now, earlier, rate)
    found = compare_many(zip(*parts, strict=True), [weekly.of(name) for name in names])
    found = [change.while_maturing() for change in found] if maturing else found
    counted = zip(*(part.tolist() for part in parts), strict=True)
    rows = [
        (
            name,
            f"{c.text}{_of_both(c, *counts)}",
            c.label,
            c.difference,
            c.low,
            c.high,
            c.basis if c.difference else None,
        )
        for name, c, counts in zip(names, found, counted, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(_CHANGES)).astype(_CHANGES)


def _of_both(change: Change, x_before: object, n_before: object, x_now: object, n_now: object) -> str:
    """Return ": 24 of 300 against 12 of 310", where there is something to compare."""
    if change.difference is None:
        return ""
    now, before = (f"{format_count(x)} of {format_count(n)}" for x, n in ((x_now, n_now), (x_before, n_before)))
    return f": {now} against {before}"


def one_row_per_name(engagements: pd.DataFrame) -> pd.DataFrame:
    """Return one row per cadence name, the first; ValueError when the rows are not all of one window."""
    windows = engagements[["window_start", "window_end"]].drop_duplicates()
    if len(windows) > 1:
        raise ValueError("figures are sums over the cadences of one window; several windows were given")
    return engagements.drop_duplicates("cadence")


def pair_total(engagements: pd.DataFrame, metric: str) -> Pair | None:
    """Return numerator and denominator of a rate summed over the rows that have both; None when no row has."""
    return pair_of(engagements[list(dict.fromkeys(METRICS[metric].columns))].to_dict("records"), metric)


def pair_of(rows: Iterable[Mapping[Hashable, object]], metric: str) -> Pair | None:
    """Return `pair_total` of rows that are dicts already."""
    known = METRICS[metric]
    if known.numerator is None or known.denominator is None:
        return None
    events, trials, cadences = 0, 0, 0
    for row in rows:
        upper, lower = _added(row, known.numerator), _added(row, known.denominator)
        if upper is not None and lower is not None:
            events, trials, cadences = events + upper, trials + lower, cadences + 1
    return Pair(events, trials, cadences) if cadences else None


def _added(row: Mapping[Hashable, object], columns: str) -> int | None:
    counts = [as_int(row[column]) for column in columns.split(" + ")]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def format_time(when: datetime) -> str:
    """Return a time as it is read on a page: "24 Nov 2026, 14:05"."""
    return f"{when.day} {when:%b %Y, %H:%M}"


@dataclass(frozen=True)
class _Periods:
    """The two periods that are compared, and what was seen of the earlier one before."""

    later: pd.DataFrame
    earlier: pd.DataFrame | None
    restated: pd.DataFrame | None
    weeks: pd.DataFrame | None = None
    maturing: bool = False


def _figure(key: str, now: pd.DataFrame, periods: _Periods, per: Per, facts: AccountFacts) -> Figure:
    metric = in_account(METRICS[key], facts)
    values = now[key].dropna()
    value = int(values.sum()) if len(values) else None
    base = {
        "metric": key,
        "label": metric.label,
        "value": value,
        "reported": len(values),
        "cadences": len(now),
    }
    if key == "in_cadence_now" and facts.in_cadence_is_now is not False:
        as_of = now["fetched_at"].min()
        return Figure(**base, as_of=None if pd.isna(as_of) else as_of.to_pydatetime())  # type: ignore[arg-type]
    earlier, change_text = _count_change(key, periods)
    rate, rate_text = _rate(key, now, per)
    change, rate_change_text = _rate_change(rate, periods)
    return Figure(
        **base,  # type: ignore[arg-type]
        before=earlier,
        change_text=change_text,
        rate_metric=rate,
        rate_text=rate_text,
        rate_change=change,
        rate_change_text=rate_change_text,
        restated_text=_restated(key, earlier, periods),
    )


def _restated(key: str, earlier: int | None, periods: _Periods) -> str:
    """Return "restated since 3 Nov 2026, 08:00: was 14", of the sum that the change is measured against."""
    if earlier is None or periods.earlier is None or periods.restated is None:
        return ""
    both = _in_both(periods.later, periods.earlier, [key])["cadence"]
    rows = periods.restated[(periods.restated["metric"] == key) & periods.restated["cadence"].isin(both)]
    # What was not reported then cannot be subtracted: only counts that were there both times are restated.
    rows = rows.dropna(subset=["before", "now"])
    difference = int((rows["now"] - rows["before"]).sum())
    if rows.empty or not difference:
        return ""
    return f"before restated since {format_time(rows['before_at'].min())}: was {earlier - difference:,}"


def _count_change(key: str, periods: _Periods) -> tuple[int | None, str]:
    later, before = periods.later, periods.earlier
    if before is None:
        return None, ""
    both = _in_both(later, before, [key])
    if both.empty:
        return None, "no earlier figure"
    current, earlier = int(both[f"{key}_now"].sum()), int(both[f"{key}_before"].sum())
    difference = current - earlier
    sign = f"{difference:+,}".replace("-", "−") if difference else "the same"
    partly = len(both) < int(later[key].notna().sum())
    text = f"{sign} ({current:,} against {earlier:,})" if partly else f"{sign} ({earlier:,} before)"
    if partly:
        text += f", {_cadences(len(both))} with both periods"
    days, earlier_days = _days(later), _days(before)
    return earlier, text if days == earlier_days else f"{text}; {days} days against {earlier_days}"


def _cadences(number: int) -> str:
    return "over the one cadence" if number == 1 else f"over the {number} cadences"


def _rate(key: str, now: pd.DataFrame, per: Per) -> tuple[str | None, str]:
    usual = _FIGURES[key]
    if usual is None:
        return None, ""
    other: Per = "email" if per == "contacted" else "contacted"
    for rate in (rate_per(usual, per), rate_per(usual, other)):
        pair = pair_total(now, rate)
        if pair is not None:
            metric = METRICS[rate]
            base = denominator_label(metric, now.dropna(subset=list(metric.columns))["contacted_source"])
            text = format_rate(pair.events, pair.trials, metric, base=base)
            return rate, text + _over(pair, int(now[key].notna().sum()))
    return None, ""


def _over(pair: Pair, reported: int) -> str:
    return "" if pair.cadences >= reported else f", over {pair.cadences} of {reported} cadences"


def _rate_change(rate: str | None, periods: _Periods) -> tuple[Change | None, str]:
    if rate is None or periods.earlier is None:
        return None, ""
    found = rate_change(rate, periods.later, periods.earlier, periods.weeks)
    if found is None:
        return None, ""
    earlier, change = found
    change = change.while_maturing() if periods.maturing else change
    return change, f"{change.text}; before: {format_rate(earlier.events, earlier.trials, METRICS[rate])}"


def rate_change(
    rate: str, now: pd.DataFrame, before: pd.DataFrame, weeks: pd.DataFrame | None = None
) -> tuple[Pair, Change] | None:
    """Return the earlier counts and the change of a rate, over the cadences that reported it in both periods.

    Args:
        rate: Key of the registry.
        now: `engagements` of the later window, one row per name.
        before: Those of the earlier window.
        weeks: Days and weeks of the history (`read_weeks`), by which changes are judged.
    """
    columns = ["cadence", *dict.fromkeys(METRICS[rate].columns)]
    both = sorted(set(now[columns].dropna()["cadence"]) & set(before[columns].dropna()["cadence"]))
    later, earlier = (pair_total(frame[frame["cadence"].isin(both)], rate) for frame in (now, before))
    if later is None or earlier is None:
        return None
    weekly = compared_weeks(weeks, now, before, rate).total(both)
    return earlier, compare_periods(earlier.events, earlier.trials, later.events, later.trials, weeks=weekly)


def _in_both(now: pd.DataFrame, before: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return the cadences for which both periods have all `columns`."""
    keys = ["cadence", *columns]
    return now[keys].dropna().merge(before[keys].dropna(), on="cadence", suffixes=("_now", "_before"))


def _days(engagements: pd.DataFrame) -> int:
    """Return length of the window in calendar days (a change of the clock makes a day 23 or 25 hours)."""
    if engagements.empty:
        return 0
    start, end = engagements["window_start"].iloc[0], engagements["window_end"].iloc[0]
    return int((end.date() - start.date()).days) + 1
