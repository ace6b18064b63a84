"""All tables of a view, and all of them in one zip: the one way to files, for the pages and the command line."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pandas as pd

from dashboard.analysis import metrics
from dashboard.analysis.ab_tests import experiments, same_copy
from dashboard.analysis.ab_tests import tables as verdict_tables
from dashboard.analysis.ab_tests.rules import DEFAULTS, LIMITS, Rules
from dashboard.analysis.metrics import Per
from dashboard.analysis.performance import funnel, ranking, sentiment, step_value
from dashboard.data import frames
from dashboard.data.account_check.facts import NOTHING_SETTLED, AccountFacts
from dashboard.data.cadence_report import CadenceReport
from dashboard.data.fetch.lifetime import LifetimeCounts
from dashboard.exports.csv import to_csv

Judged = Mapping[str, Sequence[experiments.Experiment]]  # by the events that decided
_SAME: tuple[same_copy.By, ...] = ("template", "subject")
_NONE: Judged = MappingProxyType({})
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # zip's first day: the same tables give the same bytes


def evaluate_tests(lives: LifetimeCounts, rules: Rules = DEFAULTS) -> Judged:
    """Return every A/B step of the account, judged by replies and by positive replies: the one way, for pages and
    files.

    `rules` are the account's.
    """
    return {
        events: experiments.evaluate_steps(
            lives.options, lives.days, events=events, covered=lives.covered, finished=lives.finished, rules=rules
        )
        for events in experiments.JUDGED_BY
    }


def report_tables(
    reports: Sequence[CadenceReport],
    verdicts: Judged = _NONE,
    *,
    per: Per = "contacted",
    facts: AccountFacts = NOTHING_SETTLED,
) -> dict[str, pd.DataFrame]:
    """Return the tidy tables by name: engagements, steps, options (with the registry's rates), verdicts, funnel,
    sentiment, same_copy.

    `verdicts` are those of the whole account (`evaluate_tests`): options carry the one on their step by replies, the
    table `verdicts` has the steps of the reports' cadences. `per` chooses the denominator of the rate that the
    cadences are ranked by (`analysis.ranking`) and of the funnel's rates; what `facts` disprove is not said.

    Args:
        reports: of one window.
        verdicts: of the whole account (`evaluate_tests`).
        per: the denominator that is asked for.
        facts: what the account check settled.
    """
    engagements = frames.engagements_frame(reports)
    options = metrics.with_rates(frames.options_frame(reports), "options")
    return {
        "engagements": ranking.ranked(metrics.with_rates(engagements, "engagements"), per),
        "steps": step_value.with_step_value(metrics.with_rates(frames.steps_frame(reports), "steps")),
        "options": verdict_tables.with_verdicts(options, verdicts.get("replies", ())),
        "verdicts": _verdicts(verdicts, {report.cadence.name for report in reports}),
        "funnel": funnel.funnel(engagements, per, facts),
        "sentiment": sentiment.sentiment(engagements),
        "same_copy": _same_copy(options),
    }


def _same_copy(options: pd.DataFrame) -> pd.DataFrame:
    """Return copies that several cadences use, by template and by subject, held against the options beside them."""
    found = [same_copy.copies(options, by=by).assign(by=by) for by in _SAME]
    table = pd.concat(found, ignore_index=True).astype({"by": "string"})
    return table.assign(note=table["note"].mask(table["note"] == ""))  # an empty cell, as everywhere


def _verdicts(verdicts: Judged, names: set[str | None]) -> pd.DataFrame:
    """Return verdicts on the steps of these cadences; whether a winner holds is decided over the whole account."""
    chosen = [item for found in verdicts.values() for item in found if item.cadence in names]
    held = [item for found in verdicts.values() for item in experiments.winners(found)]
    return verdict_tables.verdict_table(chosen, held)


def definitions(facts: AccountFacts = NOTHING_SETTLED) -> pd.DataFrame:
    """Return the definitions sheet: the metrics as `facts` tell them, then the columns of verdicts."""
    return pd.concat([metrics.definitions(facts), verdict_tables.definitions()], ignore_index=True)


def parameters(
    reports: Sequence[CadenceReport],
    verdicts: Judged = _NONE,
    *,
    account: str,
    base_url: str,
    per: Per = "contacted",
) -> pd.DataFrame:
    """Return what was asked, by which rules, and what arrived, one row per fact: columns parameter, cadence, value.

    Never the key.

    Args:
        reports: of one window.
        verdicts: of the whole account (`evaluate_tests`).
        account: its name.
        base_url: of the API.
        per: the denominator that is asked for.
    """
    rows: list[tuple[str, str | None, str]] = [
        ("account", None, account),
        ("base_url", None, base_url),
        ("rates_per", None, metrics.PER_LABELS[per]),
        ("ranked_by", None, ranking.base_rate(per)),
    ]
    names = {report.cadence.name for report in reports}
    for rules in {item.comparison.rules for found in verdicts.values() for item in found if item.cadence in names}:
        rows += [(f"verdict_{name}", None, f"{getattr(rules, name):g}") for name in LIMITS]
    for window in dict.fromkeys(report.window for report in reports):
        rows += [
            ("first_day", None, window.start.isoformat()),
            ("last_day", None, window.end.isoformat()),
            ("timezone", None, window.timezone),
            ("first_instant", None, window.first_instant.isoformat()),
            ("last_instant", None, window.last_instant.isoformat(timespec="milliseconds")),
        ]
    for report in reports:
        name = report.cadence.name
        rows.append(("fetched_at", name, report.fetched_at.isoformat(timespec="seconds")))
        if report.engagement_error is not None:
            rows.append(("engagements_missing", name, str(report.engagement_error)))
        if report.steps_error is not None:
            rows.append(("steps_missing", name, str(report.steps_error)))
    return pd.DataFrame(rows, columns=["parameter", "cadence", "value"]).astype("string")


def report_files(
    reports: Sequence[CadenceReport],
    verdicts: Judged = _NONE,
    *,
    account: str,
    base_url: str,
    per: Per = "contacted",
    facts: AccountFacts = NOTHING_SETTLED,
) -> dict[str, bytes]:
    """Return every file of a report by name: the tables, `parameters.csv` and `definitions.csv` (by what is known of
    the account).

    Args:
        reports: of one window.
        verdicts: of the whole account (`evaluate_tests`).
        account: its name.
        base_url: of the API.
        per: the denominator that is asked for.
        facts: what the account check settled.
    """
    tables: Mapping[str, pd.DataFrame] = {
        **report_tables(reports, verdicts, per=per, facts=facts),
        "parameters": parameters(reports, verdicts, account=account, base_url=base_url, per=per),
        "definitions": definitions(facts),
    }
    return {f"{name}.csv": to_csv(table) for name, table in tables.items()}


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return files by name as one zip; the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()
