"""The sentence over the Overview and at most four linked chips, composed from verdicts that exist.

Each part has a rule; what no rule carries is not said. Parts are ordered by what they cost: harm to the sending domain,
a decision that waits, a change of the rates, and last a cadence to learn from.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import pandas as pd

from dashboard.analysis.ab_tests.experiments import Experiment
from dashboard.analysis.ab_tests.wording import option_name
from dashboard.analysis.metrics import METRICS, format_percent
from dashboard.analysis.performance.totals import Figure
from dashboard.analysis.stats.change import Tone
from dashboard.analysis.watch_list.watch_list import Finding

Kind = Literal["risk", "decision", "change", "best"]
Place = Literal["cadence", "explore", "ab_tests", "alerts"]

QUIET: Final = "Nothing needs attention today."


@dataclass(frozen=True)
class Target:
    """Where a chip leads: the place, and the cadence and step to show there."""

    place: Place
    cadence: str | None = None
    step: int | None = None


@dataclass(frozen=True)
class HeadlineChip:
    """One linked chip: what it is about (a name that may be cut to fit), what is so, and where that is shown."""

    kind: Kind
    about: str
    says: str
    tone: Tone
    target: Target


@dataclass(frozen=True)
class Headline:
    """The sentence, and the chips in order of what they cost."""

    sentence: str
    chips: tuple[HeadlineChip, ...]


@dataclass(frozen=True)
class _Part:
    """A clause of the sentence (empty: it is only a chip) and its chip."""

    clause: str
    chip: HeadlineChip


def headline(
    figures: Sequence[Figure],
    ranking: pd.DataFrame,
    findings: Sequence[Finding],
    experiments: Sequence[Experiment],
    *,
    lead: str,
    maturing: bool,
) -> Headline:
    """Compose the sentence and the chips.

    Args:
        figures: Of the range shown, with their changes (`totals.figures`).
        ranking: The ranked cadences (`ranking.ranked`: cadence, standing, position, score_low).
        findings: Open findings of the watch list.
        experiments: The account's A/B steps with their verdicts.
        lead: The metric that leads, replies or positive_replies (`sentiment.lead_metric`).
        maturing: Replies to the newest emails of the range are still arriving.
    """
    found = (_risk(findings), _decision(experiments), _change(figures, lead, maturing=maturing), _best(ranking))
    parts = [part for part in found if part is not None]
    clauses = [part.clause for part in parts if part.clause]
    return Headline(_sentence(clauses) if clauses else QUIET, tuple(part.chip for part in parts))


def _risk(findings: Sequence[Finding]) -> _Part | None:
    """Return the gravest finding that is sure; the clause counts the cadences of its kind."""
    sure = sorted((item for item in findings if item.sure), key=lambda item: (-item.rank, -item.excess))
    if not sure:
        return None
    worst = sure[0]
    alike = {
        item.cadence for item in sure if (item.metric, item.kind, item.rank) == (worst.metric, worst.kind, worst.rank)
    }
    where = "one cadence" if len(alike) == 1 else f"{len(alike)} cadences"
    level = "stand out" if worst.level is None else f"above {format_percent(worst.level)}"
    clause = f"{worst.metric} {level} in {where}"
    says = f"{worst.metric} {format_percent(worst.rate)}"
    return _Part(clause, HeadlineChip("risk", worst.cadence, says, "bad", Target("alerts", worst.cadence)))


def _decision(experiments: Sequence[Experiment]) -> _Part | None:
    """Return tests that are won and still running, the busiest first: each email to another option costs replies."""
    won = [item for item in experiments if item.comparison.proven and not item.finished]
    if not won:
        return None
    first = max(won, key=lambda item: item.pace or 0)
    clause = "one A/B decision is due" if len(won) == 1 else f"{len(won)} A/B decisions are due"
    about = f"{first.cadence}, step {first.step}"
    says = f"keep {option_name(first.comparison.option)}"
    return _Part(clause, HeadlineChip("decision", about, says, "good", Target("ab_tests", first.cadence, first.step)))


def _change(figures: Sequence[Figure], lead: str, *, maturing: bool) -> _Part | None:
    """Return the change that is proven against how much weeks differ: bad news first, and of each the lead metric
    first."""
    proven = []
    for figure in figures:
        change, metric = figure.rate_change, METRICS.get(figure.rate_metric or "")
        is_watched = metric is not None and metric.lower_is_better
        if metric is None or change is None or not (is_watched or figure.metric == lead):
            continue
        chip = change.chip(maturing=maturing, lower_is_better=metric.lower_is_better)
        if chip is not None and chip.tone != "neutral":
            proven.append((chip.tone == "good", figure.metric != lead, metric, change, chip))
    if not proven:
        return None
    _, _, metric, change, chip = min(proven, key=lambda item: item[:2])
    clause = f"{metric.label.lower()} {change.label}"
    return _Part(clause, HeadlineChip("change", metric.label, chip.text, chip.tone, Target("explore")))


def _best(ranking: pd.DataFrame) -> _Part | None:
    """Return the cadence that is surely above average; of several, the one of which most is proven."""
    if ranking.empty:
        return None
    above = ranking[ranking["standing"].eq("above average").fillna(value=False)]
    if above.empty:
        return None
    name = str(above.sort_values("score_low", ascending=False)["cadence"].iloc[0])
    return _Part("", HeadlineChip("best", name, "above average", "good", Target("cadence", name)))


def _sentence(clauses: Sequence[str]) -> str:
    """Return a sentence like: Bounces above 5.0 % in one cadence, one A/B decision is due."""
    text = ", ".join(clauses)
    return f"{text[0].upper()}{text[1:]}."


def with_goals(found: Headline, sentence: str) -> Headline:
    """Return the headline with what is sure about goals behind its sentence, in place of there being nothing to do."""
    if not sentence:
        return found
    return replace(found, sentence=sentence if found.sentence == QUIET else f"{found.sentence} {sentence}")
