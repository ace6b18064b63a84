"""Scores with their intervals on one axis, in the order of the table beside them."""

from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from dashboard.analysis.metrics import (
    METRICS,
    Metric,
    denominator_label,
    events_and_trials,
    format_percent,
    format_rate,
)
from dashboard.analysis.performance.ranking import LABEL_WORDS, interval_name
from dashboard.charts.cells import Cells, joined, records
from dashboard.charts.chart import Chart, EmptyChart
from dashboard.charts.palette import GREY
from dashboard.charts.row_layout import Row, Rows
from dashboard.charts.text import clean, hover

MOST: Final = 15
_TITLE: Final = "Score: what the counts support"


def ranking_chart(
    frame: pd.DataFrame, rate: str, *, by: str = "cadence", within: str | None = None, average: float | None = None
) -> Chart | EmptyChart:
    """Draw the first `MOST` rows of a ranking (columns of `analysis.ranking`) in their order.

    `rate` is the raw rate that was ranked, `by` the column with the names, `within` the column of the groups that
    were ranked each for itself, `average` the mean all scores are drawn towards, drawn as a line.

    Args:
        frame: columns of `ranking.ranked`.
        rate: the raw rate that was ranked.
        by: column with the names.
        within: column of the groups.
        average: mean that all scores are drawn towards.
    """
    metric = METRICS[rate]
    events, trials = events_and_trials(frame, metric)
    scored = frame.assign(events=events, trials=trials)[frame["score"].notna().to_numpy()]
    # Cadences of one name share Klenty's answer; within each owner they stand at places of their own.
    scored = scored.drop_duplicates([by, "score"])
    if scored.empty:
        return EmptyChart(_TITLE, "Nothing to rank: no counts of replies and of what they are divided by.")
    cells = records(scored.head(MOST))
    interval = f"{interval_name(len(scored))} interval"
    rows = Rows(list(_rows(cells, rate, by, within, interval)))
    figure, beyond = rows.measured(f"Score ({metric.base_label})", "rate")
    if average is not None:
        figure.update_layout(shapes=[_line(average)])
    texts = [f"{row.label}: {row.value_text}" for row, _ in rows.marks]
    caption = _caption(average, scored, metric) + beyond
    return Chart(_TITLE, figure, f"{_TITLE}. {joined(texts)}.", caption, _table(cells, rate, by, interval))


def _rows(cells: list[Cells], rate: str, by: str, within: str | None, interval: str) -> Iterator[Row]:
    group: object = object()
    for row in cells:
        if within is not None and row[within] != group:
            group = row[within]
            yield Row(clean(group) if group else f"{within.capitalize()} not reported", heading=True)
        yield _row(row, rate, by, interval)


def _base(scored: pd.DataFrame, metric: Metric) -> str:
    return denominator_label(metric, scored.get("contacted_source", ()))


def _row(row: Cells, rate: str, by: str, interval: str) -> Row:
    name = clean(row[by])
    details = hover(
        name,
        f"Score {format_percent(row['score'])}, {interval} {_interval(row)}",
        f"Raw: {_raw(row, rate, base=denominator_label(METRICS[rate], [row.get('contacted_source')]))}",
        f"Place {row['position']}: {LABEL_WORDS.get(row['standing'], row['standing'])}",
    )
    text = f"{format_percent(row['score'])} · {row['events']:,} of {row['trials']:,}"
    return Row(name, text, details, row["score"], row["score_low"], row["score_high"], row["trials"])


def _interval(row: Cells) -> str:
    return f"{format_percent(row['score_low'])} to {format_percent(row['score_high'])}"


def _raw(row: Cells, rate: str, *, base: bool | str = False) -> str:
    return format_rate(row["events"], row["trials"], rate, base=base)


def _line(average: float) -> dict[str, Any]:
    return {
        "type": "line", "x0": average, "x1": average, "y0": 0, "y1": 1, "yref": "paper",
        "line": {"color": GREY, "width": 2, "dash": "dot"},
    }  # fmt: skip


def _caption(average: float | None, scored: pd.DataFrame, metric: Metric) -> str:
    number, line = len(scored), ""
    if average is not None:
        whole = format_rate(scored["events"].sum(), scored["trials"].sum(), metric, base=_base(scored, metric))
        line = f" The dotted line is the average of all, {format_percent(average)}; added up they have {whole}."
    first = f" The first {MOST} of {number}; all are in the table." if number > MOST else ""
    lines = f"Lines are {interval_name(number)} intervals of the score"
    return f"{lines}: where they overlap, the order may be chance.{line}{first}"


def _table(cells: list[Cells], rate: str, by: str, interval: str) -> pd.DataFrame:
    rows = [
        {
            by.capitalize(): row[by],
            "Score": format_percent(row["score"]),
            interval: _interval(row),
            METRICS[rate].label: _raw(row, rate),
            "Against the average": row["standing"],
        }
        for row in cells
    ]
    return pd.DataFrame(rows).astype("string")
