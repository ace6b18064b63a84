"""A review of a range: what a Monday meeting needs on a few pages, from the functions behind the screens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd

from dashboard.analysis import goals, metrics, what_changed
from dashboard.analysis.ab_tests import wording
from dashboard.analysis.ab_tests.experiments import Experiment
from dashboard.analysis.data_quality import findings
from dashboard.analysis.data_quality.checks import DataWarning
from dashboard.analysis.performance import (
    compare,
    ranking,
    ranking_table,
    sentiment,
    step_value,
    subjects,
    totals,
)
from dashboard.analysis.performance.headline import headline, with_goals
from dashboard.analysis.performance.totals import Figure
from dashboard.analysis.watch_list import watch_list as watch
from dashboard.charts import Chart, EmptyChart, ranking_chart
from dashboard.charts.text import shorten
from dashboard.data import answer_checks, frames
from dashboard.data.cadence_report import CadenceReport
from dashboard.exports import tables
from dashboard.exports.collect import Asked, Gathered

Drawn = Chart | EmptyChart
MOST_CHAPTERS: Final = 5
"""Cadences that get half a page each; with the pages before and after them the pack stays at six pages."""
MOST_RANKED: Final = 20
_MOST_STEPS: Final = 8
_FIGURES: Final = ("replies", "positive_replies", "bounces", "unsubscribes", "emails_sent", "prospects_added")
_EXPLAINED: Final = ("reply_rate", "positive_reply_rate", "bounce_rate", "unsubscribe_rate")
NOT_IN_THE_DATA: Final = (
    watch.NOT_IN_THE_DATA,
    "Meetings, opportunities and revenue are not in Klenty's reports.",
    "Prospects were not assigned to cadences at random: a better rate does not say that the cadence is the reason.",
)


@dataclass(frozen=True)
class Point:
    """Something to act on or to know: `weight` orders it, `proven` says whether the counts carry it."""

    cadence: str
    text: str
    weight: int
    proven: bool = True


@dataclass(frozen=True)
class Chapter:
    """A cadence that has something to say: why, its figures and its first steps."""

    name: str
    about: str
    points: Sequence[Point]
    figures: Sequence[Figure]
    steps: pd.DataFrame
    more_steps: int


@dataclass(frozen=True)
class Review:
    """Everything a pack shows, in the order in which it shows it. Texts are plain: HTML has to escape them."""

    account: str
    range: str
    facts: Sequence[tuple[str, str]]
    failures: Sequence[str]
    sentence: str
    figures: Sequence[Figure]
    about_changes: str
    goals: pd.DataFrame
    points: Sequence[Point]
    ranking: pd.DataFrame
    ranking_more: int
    ranking_chart: Drawn
    ranking_notes: str
    about_verdicts: str
    watch_in_short: str
    chapters: Sequence[Chapter]
    quiet: Sequence[str]
    about_doubts: str
    changes: Sequence[str]
    definitions: pd.DataFrame
    figures_note: str = totals.NOTE
    not_in_the_data: Sequence[str] = NOT_IN_THE_DATA


def review(gathered: Gathered, *, made_at: datetime) -> Review:
    """Return the review of what was gathered."""
    asked = gathered.asked
    now, earlier = (frames.engagements_frame(reports) for reports in (gathered.reports, gathered.earlier))
    per, lead = asked.per, sentiment.lead_metric(now)
    table = _ranked(gathered)
    points = _points(gathered, table)
    telling = list(dict.fromkeys(point.cadence for point in points))[:MOST_CHAPTERS]
    return Review(
        account=asked.account,
        range=asked.window.label(),
        facts=about(gathered, made_at=made_at),
        failures=failures(gathered),
        sentence=_sentence(gathered, now, earlier, table),
        figures=_figures(now, earlier, gathered),
        about_changes=compare.about_periods(asked.window, asked.earlier, asked.today, asked.facts),
        goals=_goals(asked),
        points=points,
        ranking=table[[*ranking_table.columns(per, short=True, by=lead)[:-1], "change_label"]].head(MOST_RANKED),
        ranking_more=max(0, len(table) - MOST_RANKED),
        ranking_chart=ranking_chart(
            table.head(MOST_RANKED), ranking.base_rate(per, lead), average=ranking.average(now, per, lead)
        ),
        ranking_notes=" ".join(ranking_table.notes(now, per, by=lead)),
        about_verdicts=_about_verdicts(gathered),
        watch_in_short=_watch_in_short(gathered),
        chapters=[_chapter(gathered, name, points) for name in telling],
        quiet=[name for name in _names(gathered.reports) if name not in telling],
        about_doubts=_about_doubts(gathered),
        changes=_changes(gathered),
        definitions=_definitions(gathered),
    )


def review_tables(gathered: Gathered) -> dict[str, pd.DataFrame]:
    """Return every table of the review by name: figures, ranking, those of `report_tables`, alerts, data quality,
    parameters and definitions."""
    asked = gathered.asked
    now, earlier = (frames.engagements_frame(reports) for reports in (gathered.reports, gathered.earlier))
    ranked = _ranked(gathered)
    found = _all_figures(now, earlier, asked) if len(now) else []
    return {
        "figures": totals.figures_frame(found),
        **({} if asked.goals is None or asked.goals.empty else {"goals": asked.goals}),
        "ranking": ranked[
            [
                *ranking_table.columns(asked.per, by=sentiment.lead_metric(now)),
                "change_label",
                "change_low",
                "change_high",
            ]
        ],
        **tables.report_tables(gathered.reports, gathered.verdicts, per=asked.per, facts=asked.facts),
        "alerts": _alerts(gathered),
        **({} if asked.changes is None or asked.changes.empty else {"changes": asked.changes.drop(columns="note")}),
        "data_quality": findings.findings_frame(_doubts(gathered), asked.facts),
        "parameters": tables.parameters(
            gathered.reports, gathered.verdicts, account=asked.account, base_url=asked.base_url, per=asked.per
        ),
        "definitions": tables.definitions(asked.facts),
    }


def about(gathered: Gathered, *, made_at: datetime) -> list[tuple[str, str]]:
    """Return what the head of a file says: label and text."""
    asked = gathered.asked
    zone = ZoneInfo(asked.window.timezone)
    names = _names(gathered.reports)
    return [
        ("Account", asked.account),
        ("Range", asked.window.label()),
        ("Cadences", ", ".join(map(_short, names)) if len(names) <= MOST_CHAPTERS else f"{len(names)}"),
        ("Rates per", metrics.PER_LABELS[asked.per]),
        ("Fetched", _fetched(gathered.reports, zone)),
        ("Made", f"{totals.format_time(made_at.astimezone(zone))} ({asked.window.timezone})"),
        *(("Known of this account", note) for note in asked.facts.notes),
    ]


def failures(gathered: Gathered) -> list[str]:
    """Return what did not come, a sentence each."""
    told = [_trouble(item) for item in gathered.reports if item.failed or item.partial]
    unlisted = [gone.left_out for gone in gathered.asked.unlisted]
    return [*told, *gaps(gathered), *_left_out("the verdicts", gathered.unjudged), *unlisted]


def gaps(gathered: Gathered) -> list[str]:
    """Return which cadences are missing from the period that the range is compared with."""
    return _left_out("the period compared with", gathered.earlier)


def _left_out(what: str, reports: Sequence[CadenceReport]) -> list[str]:
    names = [_short(item.cadence.name) for item in reports if item.engagement is None and item.failed]
    return [f"Left out of {what}, because no answer came: {', '.join(dict.fromkeys(names))}."] if names else []


def _trouble(item: CadenceReport) -> str:
    what = "nothing" if item.failed else "no figures" if item.engagement is None else "no steps"
    return f"{_short(item.cadence.name)}: {what} came. {item.engagement_error or item.steps_error}"


def _short(name: str | None) -> str:
    return shorten(name or "", 80)


def _fetched(reports: Sequence[CadenceReport], zone: ZoneInfo) -> str:
    came = [item.fetched_at.astimezone(zone) for item in reports if not item.failed]
    if not came:
        return "nothing came"
    first, last = totals.format_time(min(came)), totals.format_time(max(came))
    return f"{first} ({zone.key})" if first == last else f"between {first} and {last} ({zone.key})"


def _names(reports: Sequence[CadenceReport]) -> list[str]:
    return list(dict.fromkeys(item.cadence.name or "" for item in reports))


def _goals(asked: Asked) -> pd.DataFrame:
    """Return the goals as people read them: of whom, how far, and the word. Empty without goals."""
    kept = [] if asked.goals is None else asked.goals.to_dict("records")
    rows = [(row["name"] or "Account", goals.in_words(row), row["pace"], row["note"]) for row in kept]
    return pd.DataFrame(rows, columns=["of", "goal", "pace", "note"]).astype("string")


def _figures(now: pd.DataFrame, earlier: pd.DataFrame, gathered: Gathered) -> list[Figure]:
    if now.empty:
        return []
    found = {item.metric: item for item in _all_figures(now, earlier, gathered.asked)}
    return [found[metric] for metric in _FIGURES if metric in found]


def _all_figures(now: pd.DataFrame, earlier: pd.DataFrame, asked: Asked) -> list[Figure]:
    return totals.figures(now, earlier, per=asked.per, facts=asked.facts, weeks=asked.weeks, maturing=asked.maturing)


def _ranked(gathered: Gathered) -> pd.DataFrame:
    """Return the ranking by what leads, with the change of that rate."""
    asked = gathered.asked
    now, earlier = (frames.engagements_frame(reports) for reports in (gathered.reports, gathered.earlier))
    return ranking_table.standings(
        now, earlier, asked.per, by=sentiment.lead_metric(now), weeks=asked.weeks, maturing=asked.maturing
    )


def _sentence(gathered: Gathered, now: pd.DataFrame, earlier: pd.DataFrame, ranked: pd.DataFrame) -> str:
    """Return the sentence that the Overview opens with, of the chosen cadences and days."""
    asked = gathered.asked
    found = headline(
        _figures(now, earlier, gathered),
        ranked,
        _alert_list(gathered).open,
        _chosen(gathered),
        lead=sentiment.lead_metric(now),
        maturing=asked.maturing,
    )
    return with_goals(found, "" if asked.goals is None else goals.sentence(asked.goals)).sentence


# What each cadence has to say


def _points(gathered: Gathered, ranked: pd.DataFrame) -> list[Point]:
    """Return what there is to act on or to know, the gravest first."""
    found = [*_alert_points(gathered), *_test_points(gathered), *_rank_points(ranked)]
    found += [Point(item.cadence.name or "", _trouble(item), 2) for item in gathered.reports if item.failed]
    return sorted(found, key=lambda point: -point.weight)


def _alert_points(gathered: Gathered) -> list[Point]:
    shown = _alerts(gathered)
    shown = shown[shown["acknowledged_by"].isna()]
    return [
        Point(str(row["cadence"]), f"{metrics.METRICS[row['metric']].label}: {row['rule']}", 5 if sure else 2, sure)
        for row in shown.to_dict("records")
        for sure in (row["severity"] == "alert",)
    ]


def _test_points(gathered: Gathered) -> list[Point]:
    return [
        Point(
            item.cadence,
            f"Step {item.step}: {wording.headline(item)} {wording.suggestion(item)}",
            4 if item.comparison.proven else 1,
            item.comparison.proven,
        )
        for item in _chosen(gathered)
        if item.comparison.verdict in {"winner", "leads"} or item.comparison.withdrawn is not None
    ]


def _rank_points(ranked: pd.DataFrame) -> list[Point]:
    found = [
        Point(str(row["cadence"]), f"Rate {row['change']}.", 3)
        for row in ranked.to_dict("records")
        if row["change_label"] in {"up", "down"}
    ]
    return found + [
        Point(str(row["cadence"]), f"Ranked {row['standing']}: {ranking.LABEL_WORDS[row['standing']]}.", 3)
        for row in ranked.to_dict("records")
        if row["standing"] in ranking.LABEL_WORDS
    ]


def _chosen(gathered: Gathered) -> list[Experiment]:
    """Return the A/B tests of the chosen cadences, judged by what leads, as on the Overview."""
    names = set(_names(gathered.reports))
    lead = sentiment.lead_metric(frames.engagements_frame(gathered.reports))
    return [item for item in gathered.verdicts.get(lead, ()) if item.cadence in names]


def _about_verdicts(gathered: Gathered) -> str:
    tests = _chosen(gathered)
    if not tests:
        return "No step of these cadences ever sent two or more options."
    count = "1 A/B step" if len(tests) == 1 else f"{len(tests)} A/B steps"
    won = sum(item.comparison.proven for item in tests)
    winners = "no winner" if not won else "1 winner" if won == 1 else f"{won} winners"
    by = metrics.METRICS[tests[0].events].label.lower()
    return f"{count}, {winners}; each judged by {by} over its own life since the copy last changed."


def _alerts(gathered: Gathered) -> pd.DataFrame:
    columns = ["cadence", "metric", "severity", "events", "trials", "base", "rate", "rule", "since", "acknowledged_by"]
    return watch.findings_frame(_alert_list(gathered))[columns]


def _alert_list(gathered: Gathered) -> watch.WatchList:
    """Return the alerts of the chosen cadences in the chosen range, and of no others."""
    asked, now = gathered.asked, frames.engagements_frame(gathered.reports)
    found = watch.level_findings(now, asked.levels)
    return watch.watch_list(found, asked.memory, checked=set(now["cadence"]), today=asked.today)


def _watch_in_short(gathered: Gathered) -> str:
    found = _alerts(gathered)
    open_ones = found[found["acknowledged_by"].isna()]
    sure = int((open_ones["severity"] == "alert").sum())
    told = f"{sure} surely above a level, {len(open_ones) - sure} perhaps, in this range."
    seen = len(found) - len(open_ones)
    return f"{told} {seen} more were marked as done." if seen else told


def _chapter(gathered: Gathered, name: str, points: Sequence[Point]) -> Chapter:
    reports, earlier = (
        [item for item in each if item.cadence.name == name] for each in (gathered.reports, gathered.earlier)
    )
    now, before = frames.engagements_frame(reports), frames.engagements_frame(earlier)
    steps, copies = frames.steps_frame(reports).drop_duplicates("step"), frames.options_frame(reports)
    shown = subjects.with_subjects(step_value.with_step_value(metrics.with_rates(steps, "steps")), copies)
    columns = ["step", "step_type", "subject", "emails_sent", "replies", "reply_rate", "positive_replies"]
    return Chapter(
        name=name,
        about="; ".join(_about_cadence(item) for item in reports),
        points=[point for point in points if point.cadence == name],
        figures=_figures(now, before, gathered)[: len(_EXPLAINED)],
        steps=shown[columns].head(_MOST_STEPS),
        more_steps=max(0, len(shown) - _MOST_STEPS),
    )


def _about_cadence(item: CadenceReport) -> str:
    state = {True: "active", False: "finished", None: "state not reported"}[item.cadence.is_active]
    owner = item.cadence.owner or "owner not reported"
    created = f", since {item.cadence.created:%-d %b %Y}" if item.cadence.created else ""
    return f"{state}, {owner}{created}"


def _doubts(gathered: Gathered) -> list[DataWarning]:
    reports = gathered.reports
    return findings.findings(
        frames.engagements_frame(reports),
        frames.steps_frame(reports),
        frames.options_frame(reports),
        answer_checks.percents_frame(reports),
        answer_checks.reading_frame(reports),
        gathered.asked.facts,
    )


def _changes(gathered: Gathered) -> list[str]:
    """Return what changed for the chosen cadences in the range, a line each."""
    found = gathered.asked.changes
    marks = () if found is None else what_changed.marks(found, _names(gathered.reports))
    return [f"{day:%-d %b}: {words}" for day, _, words in marks]


def _about_doubts(gathered: Gathered) -> str:
    names = _names(gathered.reports)
    with_findings = {finding.cadence for finding in _doubts(gathered)}
    clean = len(set(names) - with_findings)
    return f"{clean} of {len(names)} cadences are without a note on their data; the notes are in the workbook."


def _definitions(gathered: Gathered) -> pd.DataFrame:
    known = metrics.definitions(gathered.asked.facts)
    keys = {metrics.rate_per(key, gathered.asked.per) for key in _EXPLAINED}
    return known[known["metric"].isin(keys)][["label", "formula"]]
