"""A review of a range: what a Monday meeting needs, in its order, from the functions behind the pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd

from dashboard.analysis import metrics
from dashboard.analysis.ab_tests import experiments, options, same_copy
from dashboard.analysis.ab_tests import tables as verdict_tables
from dashboard.analysis.ab_tests import wording as words
from dashboard.analysis.ab_tests.experiments import Experiment
from dashboard.analysis.data_quality import checks, findings
from dashboard.analysis.data_quality.checks import DataWarning
from dashboard.analysis.performance import (
    compare,
    funnel,
    ranking,
    ranking_table,
    sentiment,
    step_value,
    subjects,
    totals,
)
from dashboard.analysis.performance.totals import Figure
from dashboard.analysis.watch_list import watch_list as watch
from dashboard.charts import (
    Chart,
    EmptyChart,
    funnel_chart,
    ranking_chart,
    same_copy_chart,
    sentiment_chart,
    step_value_chart,
    step_work_chart,
    steps_chart,
    verdict_chart,
)
from dashboard.charts.text import shorten
from dashboard.data import answer_checks, frames
from dashboard.data.cadence_report import CadenceReport
from dashboard.exports import tables
from dashboard.exports.collect import Asked, Gathered

Drawn = Chart | EmptyChart
NOT_IN_THE_DATA: Final = (
    watch.NOT_IN_THE_DATA,
    (
        "Meetings, opportunities and revenue are not in Klenty's reports: a reply marked positive is as far as these "
        "numbers go."
    ),
    "Prospects were not assigned to cadences at random: a better rate does not say that the cadence is the reason.",
    "Opens and clicks count events, machines' included, and decide nothing here.",
    (
        "Replies are found with a delay and keep arriving for about a week, so the newest days always look worse than "
        "they will be."
    ),
)
_COPY_COLUMNS: Final = [
    "copy", "cadences", "events", "emails_sent", "note", "odds_ratio", "odds_ratio_low", "odds_ratio_high",
]  # fmt: skip
_EVENTS: Final = {"replies": "reply_rate", "positive_replies": "positive_reply_rate"}


@dataclass(frozen=True)
class Test:
    """The verdict on one A/B step: its sentences, its chart and the options' counts."""

    title: str
    badge: str
    proven: bool
    headline: str
    reason: str
    suggestion: str
    decided_on: str
    note: str | None
    facts: Sequence[words.Fact]
    chart: Drawn
    table: pd.DataFrame


@dataclass(frozen=True)
class Chapter:
    """One cadence: who owns it, what did not come, figures, charts, steps, A/B steps and doubts about its data."""

    name: str
    about: str
    troubles: Sequence[str]
    figures: Sequence[Figure]
    charts: Sequence[Drawn]
    steps: pd.DataFrame
    tests: Sequence[Test]
    doubts: Sequence[DataWarning]


@dataclass(frozen=True)
class Review:
    """Everything a pack shows, in the order in which it shows it. Texts are plain: whoever writes HTML escapes them."""

    account: str
    range: str
    facts: Sequence[tuple[str, str]]
    failures: Sequence[str]
    figures: Sequence[Figure]
    about_changes: str
    ranking: pd.DataFrame
    ranking_notes: str
    ranking_chart: Drawn
    overview: Sequence[Drawn]
    about_verdicts: str
    verdicts: pd.DataFrame
    same_copy: pd.DataFrame
    same_copy_chart: Drawn
    about_watch: str
    watch_in_short: str
    watch: pd.DataFrame
    chapters: Sequence[Chapter]
    about_doubts: str
    doubts: Sequence[findings.Group]
    definitions: pd.DataFrame
    parameters: pd.DataFrame
    figures_note: str = totals.NOTE
    not_in_the_data: Sequence[str] = NOT_IN_THE_DATA


def review(gathered: Gathered, *, made_at: datetime) -> Review:
    """The review of what was gathered."""
    asked = gathered.asked
    now, earlier = (frames.engagements_frame(reports) for reports in (gathered.reports, gathered.earlier))
    per, lead = asked.per, sentiment.lead_metric(now)
    table = _ranked(gathered)
    found = _doubts(gathered)
    copied = same_copy.copies(frames.options_frame(gathered.reports), by="template")
    return Review(
        account=asked.account,
        range=asked.window.label(),
        facts=about(gathered, made_at=made_at),
        failures=failures(gathered),
        figures=_figures(now, earlier, asked),
        about_changes=compare.about_periods(asked.window, asked.earlier, asked.today, asked.facts),
        ranking=table[ranking_table.columns(per, short=True, by=lead)],
        ranking_notes=" ".join(ranking_table.notes(now, per, by=lead)),
        ranking_chart=ranking_chart(table, ranking.base_rate(per, lead), average=ranking.average(now, per, lead)),
        overview=[
            funnel_chart(funnel.funnel_total(now, per, asked.facts), asked.facts),
            sentiment_chart(sentiment.sentiment(now)),
        ],
        about_verdicts=_about_verdicts(gathered),
        verdicts=_verdicts_in_short(gathered),
        same_copy=copied[_COPY_COLUMNS],
        same_copy_chart=same_copy_chart(copied, "replies"),
        about_watch=_about_watch(gathered),
        watch_in_short=_watch_in_short(gathered),
        watch=_watched(gathered),
        chapters=[_chapter(gathered, name) for name in _names(gathered.reports)],
        about_doubts=_about_doubts(gathered, found),
        doubts=findings.groups(found, asked.facts),
        definitions=tables.definitions(asked.facts),
        parameters=_parameters(gathered),
    )


def review_tables(gathered: Gathered) -> dict[str, pd.DataFrame]:
    """Every table of the review by name: figures, ranking, the tables of `report_tables`, watch list, data health,
    parameters and definitions."""
    asked = gathered.asked
    now, earlier = (frames.engagements_frame(reports) for reports in (gathered.reports, gathered.earlier))
    ranked = _ranked(gathered)
    found = _figures(now, earlier, asked)
    return {
        "figures": totals.figures_frame(found),
        "ranking": ranked[ranking_table.columns(asked.per, by=sentiment.lead_metric(now))],
        **tables.report_tables(gathered.reports, gathered.verdicts, per=asked.per, facts=asked.facts),
        "watch_list": _watched(gathered),
        "data_health": findings.findings_frame(_doubts(gathered), asked.facts),
        "parameters": _parameters(gathered),
        "definitions": tables.definitions(asked.facts),
    }


def _figures(now: pd.DataFrame, earlier: pd.DataFrame, asked: Asked) -> list[Figure]:
    if now.empty:
        return []
    return totals.figures(now, earlier, per=asked.per, facts=asked.facts, weeks=asked.weeks, maturing=asked.maturing)


def _ranked(gathered: Gathered) -> pd.DataFrame:
    """The ranking by what leads, with the change of that rate."""
    asked = gathered.asked
    now, earlier = (frames.engagements_frame(reports) for reports in (gathered.reports, gathered.earlier))
    return ranking_table.standings(
        now, earlier, asked.per, by=sentiment.lead_metric(now), weeks=asked.weeks, maturing=asked.maturing
    )


def about(gathered: Gathered, *, made_at: datetime) -> list[tuple[str, str]]:
    """What stands on the first page: label and text."""
    asked = gathered.asked
    zone = ZoneInfo(asked.window.timezone)
    return [
        ("Account", asked.account),
        ("Range", asked.window.label()),
        ("Cadences", ", ".join(map(_short, _names(gathered.reports))) or "none"),
        ("Rates per", metrics.PER_LABELS[asked.per]),
        ("Fetched", _fetched(gathered.reports, zone)),
        ("Made", f"{totals.moment(made_at.astimezone(zone))} ({asked.window.timezone})"),
        *(("Known of this account", note) for note in asked.facts.notes),
    ]


def failures(gathered: Gathered) -> list[str]:
    """What did not come, a sentence each."""
    told = [_trouble(item) for item in gathered.reports if item.failed or item.partial]
    return [*told, *gaps(gathered), *_left_out("the verdicts", gathered.unjudged)]


def gaps(gathered: Gathered) -> list[str]:
    """Which cadences are missing from what stands beside the range itself."""
    return [*_left_out("the period compared with", gathered.earlier), *_left_out("the watch list", gathered.watched)]


def _left_out(what: str, reports: Sequence[CadenceReport]) -> list[str]:
    names = [_short(item.cadence.name) for item in reports if item.engagement is None and item.failed]
    return [f"Left out of {what}, because no answer came: {', '.join(dict.fromkeys(names))}."] if names else []


def _trouble(item: CadenceReport) -> str:
    what = "nothing" if item.failed else "no figures" if item.engagement is None else "no steps"
    return f"{_short(item.cadence.name)}: {what} came. {item.engagement_error or item.steps_error}"


def _short(name: str | None) -> str:
    """A name in a sentence with others."""
    return shorten(name or "", 80)


def _fetched(reports: Sequence[CadenceReport], zone: ZoneInfo) -> str:
    came = [item.fetched_at.astimezone(zone) for item in reports if not item.failed]
    if not came:
        return "nothing came"
    first, last = totals.moment(min(came)), totals.moment(max(came))
    return f"{first} ({zone.key})" if first == last else f"between {first} and {last} ({zone.key})"


def _names(reports: Sequence[CadenceReport]) -> list[str]:
    return list(dict.fromkeys(item.cadence.name or "" for item in reports))


def _parameters(gathered: Gathered) -> pd.DataFrame:
    asked = gathered.asked
    return tables.parameters(
        gathered.reports, gathered.verdicts, account=asked.account, base_url=asked.base_url, per=asked.per
    )


# ---- verdicts


def _chosen(gathered: Gathered, events: str = "replies") -> list[Experiment]:
    names = set(_names(gathered.reports))
    return [item for item in gathered.verdicts.get(events, ()) if item.cadence in names]


def _about_verdicts(gathered: Gathered) -> str:
    tests = _chosen(gathered)
    if not tests:
        return "No step of these cadences ever sent two or more options."
    count = "1 A/B step was" if len(tests) == 1 else f"{len(tests)} A/B steps were"
    held = [item for item in experiments.winners(gathered.verdicts.get("replies", ())) if item in tests]
    winners = "no winner" if not held else "1 winner" if len(held) == 1 else f"{len(held)} winners"
    return (
        f"{count} judged by replies, each over its life since the copy last changed and never over the range of this "
        f"review. Over all tests of the account, {winners} among them hold."
        + (f" Rules set for this account: {changed}." if (changed := gathered.asked.rules.changed) else "")
    )


def _verdicts_in_short(gathered: Gathered) -> pd.DataFrame:
    held = experiments.winners(gathered.verdicts.get("replies", ()))
    table = verdict_tables.verdict_table(words.most_telling_first(_chosen(gathered)), held)
    return table[["cadence", "step", "in_words", "holds_over_all", "next_step", "option_counts"]]


def _test(item: Experiment) -> Test:
    rate = _EVENTS[item.events]
    shown = verdict_tables.with_verdicts(metrics.with_rates(item.rows, "options"), [item])
    columns = ["option", "subject", "emails_sent", "replies", "reply_rate", "positive_replies", "positive_reply_rate"]
    return Test(
        title=f"Step {item.step}: which option to keep",
        badge=words.badge(item),
        proven=item.comparison.proven,
        headline=words.headline(item),
        reason=words.reason(item),
        suggestion=words.suggestion(item),
        decided_on=words.decided_on(item),
        note=words.uneven_note(item),
        facts=words.facts(item),
        chart=verdict_chart(item, options.option_rates(item.rows, [rate]), rate),
        table=shown[[column for column in columns if column in shown]],
    )


# ---- watch list


def _about_watch(gathered: Gathered) -> str:
    window = gathered.watched[0].window.label() if gathered.watched else "the last 28 complete days"
    return (
        f"All cadences of the account, {window}, whatever the range of this review: bounces and unsubscribes above a "
        "level. Single days that stand out are on the dashboard's page Watch list."
    )


def _watch_in_short(gathered: Gathered) -> str:
    found = _watched(gathered)
    open_ones = found[found["acknowledged_by"].isna()]
    sure = int((open_ones["severity"] == "alert").sum())
    told = f"{sure} surely above a level, {len(open_ones) - sure} perhaps, over all cadences of the account."
    seen = len(found) - len(open_ones)
    return f"{told} {seen} more were acknowledged." if seen else told


def _watched(gathered: Gathered) -> pd.DataFrame:
    asked, now = gathered.asked, frames.engagements_frame(gathered.watched)
    found = watch.level_findings(now, asked.levels)
    seen = watch.watch_list(found, asked.memory, checked=set(now["cadence"]), today=asked.today)
    columns = ["cadence", "metric", "severity", "events", "trials", "base", "rate", "rule", "since", "acknowledged_by"]
    return watch.findings_frame(seen)[columns]


# ---- cadences


def _chapter(gathered: Gathered, name: str) -> Chapter:
    asked = gathered.asked
    reports, earlier = (
        [item for item in each if item.cadence.name == name] for each in (gathered.reports, gathered.earlier)
    )
    now, steps, copies = frames.engagements_frame(reports), frames.steps_frame(reports), frames.options_frame(reports)
    before = frames.engagements_frame(earlier)
    once = steps.drop_duplicates("step")
    shown = subjects.with_subjects(step_value.with_step_value(metrics.with_rates(once, "steps")), copies)
    columns = ["step", "step_type", "subject", "emails_sent", "replies", "reply_rate", "positive_replies"]
    columns += ["positive_reply_rate", "opens", "opens_per_email", "tasks", "calls"]
    return Chapter(
        name=name,
        about="; ".join(_about_cadence(item) for item in reports),
        troubles=[_trouble(item) for item in reports[:1] if item.failed or item.partial],
        figures=_figures(now, before, asked),
        charts=_charts(now, shown, asked),
        steps=shown[columns],
        tests=[_test(item) for item in _chosen(gathered) if item.cadence == name],
        doubts=checks.data_warnings(now, steps, copies, asked.facts),
    )


def _charts(now: pd.DataFrame, steps: pd.DataFrame, asked: Asked) -> list[Drawn]:
    drawn: list[Drawn] = []
    if len(now):
        once = totals.one_row_per_name(now)
        stages = funnel.funnel(once, asked.per, asked.facts)
        drawn += [funnel_chart(stages, asked.facts), sentiment_chart(sentiment.sentiment(once))]
    if len(steps):
        drawn += [steps_chart(steps, "reply_rate"), step_value_chart(steps), step_work_chart(steps)]
    return drawn


def _about_cadence(item: CadenceReport) -> str:
    state = {True: "active", False: "finished", None: "state not reported"}[item.cadence.is_active]
    owner = f"owned by {item.cadence.owner}" if item.cadence.owner else "owner not reported"
    created = f", created {item.cadence.created:%d %b %Y}" if item.cadence.created else ""
    return f"{state}, {owner}{created}"


# ---- doubts about the data


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


def _about_doubts(gathered: Gathered, found: Sequence[DataWarning]) -> str:
    names = _names(gathered.reports)
    clean = len(set(names) - {finding.cadence for finding in found})
    return f"{clean} of {len(names)} cadences are without a finding. Nothing is corrected anywhere."
