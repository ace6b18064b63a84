"""How a figure, a chart, a table and a text of Klenty's are shown, the same on every page."""

from collections.abc import Iterable
from functools import partial
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from dashboard.analysis import metrics
from dashboard.analysis.ab_tests.tables import LABELS, MEANINGS
from dashboard.analysis.data_quality.checks import DataWarning
from dashboard.analysis.metrics import METRICS
from dashboard.app_pages.session import sign_in, text
from dashboard.app_pages.session.account_notes import facts
from dashboard.app_pages.session.memo import cached
from dashboard.charts import Chart, EmptyChart
from dashboard.data.account_check.facts import AccountFacts
from dashboard.exports.column_format import heading
from dashboard.exports.csv import to_csv

plain = text.plain
PLOT_CONFIG = {"displayModeBar": False, "scrollZoom": False}


def chart(drawn: Chart | EmptyChart, key: str, *, numbers: bool = True, border: bool = True, fresh: str = "") -> None:
    """Draw a chart in a card, or the table of its numbers: one component with a toggle.

    Args:
        drawn: The chart; an empty one says why it is not there.
        key: Of the card and its widgets.
        numbers: Whether the chart has a table to change to.
        border: Whether the card has a border.
        fresh: When the answers arrived; shown with the chart's caption under the pointer.
    """
    with st.container(border=border, height="stretch" if border else "content", key=f"chart_{key}"):
        has_table = numbers and isinstance(drawn, Chart) and drawn.table is not None
        with st.container(horizontal=True, vertical_alignment="center"):
            caption = drawn.caption if isinstance(drawn, Chart) else None
            about = " ".join(part for part in (caption, sentence(fresh)) if part)
            st.markdown(f"**{plain(drawn.title, 160)}**", help=plain(about) if about else None, width="stretch")
            shown = _chart_or_table(key) if has_table else "Chart"
        if isinstance(drawn, EmptyChart):
            st.caption(plain(drawn.reason))
        elif shown == "Table" and drawn.table is not None:
            table(drawn.table, key=f"{key}_table", name=key)
        else:
            st.plotly_chart(drawn.figure, key=key, config=PLOT_CONFIG, alt=drawn.alt)


def _chart_or_table(key: str) -> str:
    picked = st.segmented_control(
        "Show", ["Chart", "Table"], default="Chart", required=True, key=f"{key}_numbers", label_visibility="collapsed"
    )
    return picked or "Chart"


def sentence(fresh: str | None) -> str | None:
    """Return "fetched 09:30 (2 min ago)" as a sentence of its own."""
    return f"{fresh[:1].upper()}{fresh[1:]}." if fresh else None


def warnings(found: list[DataWarning], *, with_names: bool = False) -> None:
    """Say what a reader should know before trusting the numbers; silent when there is nothing."""
    if not found:
        return
    grave = sum(warning.severity == "warning" for warning in found)
    label = f"{len(found)} notes on the data" if len(found) > 1 else "A note on the data"
    icon = ":material/warning:" if grave else ":material/info:"
    with st.expander(label, icon=icon, expanded=bool(grave) and not with_names):
        for warning in found:
            name = f"**{plain(warning.cadence)}**: " if with_names else ""
            mark = ":material/warning:" if warning.severity == "warning" else ":material/info:"
            st.markdown(f"{mark} {name}{plain(warning.text)}")


def table(frame: pd.DataFrame, *, key: str, name: str, columns: Iterable[str] | None = None, fresh: str = "") -> None:
    """Draw a frame with headings from the metric registry, and its download.

    Args:
        frame: what is shown and downloaded.
        key: of the widget.
        name: of the file.
        columns: what is shown of it, in this order; None for all.
        fresh: when the answers arrived.
    """
    st.dataframe(
        _on_screen(frame),
        key=key,
        hide_index=True,
        column_order=list(columns) if columns else None,
        column_config=column_config(frame.columns, fresh),
        placeholder="–",
        alt=f"Table {name}: {len(frame)} rows",
    )
    download(frame, key=f"{key}_csv", name=name)


def download(frame: pd.DataFrame, *, key: str, name: str, label: str = "CSV") -> None:
    """Draw a button that hands over `frame` as `name`.csv, the same bytes as the report on the command line.

    Args:
        frame: what is in the file.
        key: of the widget.
        name: of the file, without its ending.
        label: of the button.
    """
    st.download_button(
        label,
        sign_in.guarded(partial(to_csv, frame)),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=key,
        icon=":material/download:",
        on_click="ignore",
        disabled=frame.empty,
    )


@cached
def _on_screen(frame: pd.DataFrame) -> pa.Table:
    """Return a frame as its table in the browser gets it: as Arrow, so that it is not turned into that in every run."""
    return pa.Table.from_pandas(_in_percent(frame), preserve_index=False)


def _in_percent(frame: pd.DataFrame) -> pd.DataFrame:
    """Return rates times 100, for columns that are formatted with a percent sign; only on the screen."""
    rates = [column for column in frame.columns if column in METRICS and METRICS[column].kind == "rate"]
    return frame.assign(**{column: frame[column] * 100 for column in rates})


def column_config(columns: Iterable[str], fresh: str = "") -> dict[str, Any]:
    """Return headings, formats and help for the columns that the registry or the layout knows."""
    return _column_config(tuple(columns), fresh, facts())


@cached
def _column_config(columns: tuple[str, ...], fresh: str, facts: AccountFacts) -> dict[str, Any]:
    # Only of the columns that are there: Streamlit copies all of it in every run.
    config: dict[str, Any] = {column: _PLAIN[column] for column in columns if column in _PLAIN}
    of_verdicts = "option_counts" in columns  # the counts of such a table are those decided on, not the range's
    for column in columns:
        metric = METRICS.get(column)
        if column in LABELS and (of_verdicts or (metric is None and column not in _PLAIN)):
            config[column] = (
                st.column_config.NumberColumn(LABELS[column], help=MEANINGS[column], format=_FORMATS[column])
                if column in _FORMATS
                else st.column_config.Column(LABELS[column], help=MEANINGS[column], pinned=column in _PINNED)
            )
            continue
        if metric is None:
            config.setdefault(column, st.column_config.Column(heading(column)))
            continue
        metric = metrics.in_account(metric, facts)
        about = " ".join(part for part in (metric.formula, metric.help, sentence(fresh)) if part)
        if metric.unit == "words":
            config[column] = st.column_config.TextColumn(metric.label, help=about)
            continue
        shape = {"rate": "%.1f %%", "per": "%.2f"}.get(metric.kind, "localized")
        config[column] = st.column_config.NumberColumn(metric.label, help=about, format=shape)
    return config


_PINNED = ("cadence", "step")
_FORMATS: dict[str, str] = {
    "p_best": "percent", "ratio": "%.2f", "ratio_low": "%.2f", "ratio_high": "%.2f", "expected_loss_per_1000": "%.1f",
    "waiting_cost_per_1000": "%.1f", "more_mails": "localized", "days_needed": "localized", "mails_per_day": "%.1f",
    "log_e": "%.2f", "p_value": "%.4f", "events": "localized",
}  # fmt: skip
_TIME = "D MMM YYYY, HH:mm"
_PLAIN: dict[str, Any] = {
    "cadence": st.column_config.TextColumn("Cadence", pinned=True, width="medium"),
    "owner": st.column_config.TextColumn("Owner"),
    "cadence_id": st.column_config.TextColumn("Cadence's id"),
    "window_start": st.column_config.DatetimeColumn("From", format=_TIME),
    "window_end": st.column_config.DatetimeColumn("To", format=_TIME),
    "timezone": st.column_config.TextColumn("Time zone"),
    "share": st.column_config.NumberColumn(
        "Share",
        format="percent",
        help="Of the sentiment: the count ÷ replies. Of the funnel: prospects who left ÷ those contacted.",
    ),
    "coverage": st.column_config.NumberColumn(
        "Replies marked",
        format="percent",
        help="Positive and negative replies, which stand above each other, ÷ replies.",
    ),
    "stage_rate": st.column_config.NumberColumn(
        "Rate", format="percent", help="With its counts, and what it is of, in the next column."
    ),
    "stage_rate_text": st.column_config.TextColumn("Rate with its counts"),
    "fetched_at": st.column_config.DatetimeColumn(
        "Fetched", format=_TIME, help="When Klenty gave the numbers of this row."
    ),
    "copy": st.column_config.TextColumn("Copy", pinned=True, width="medium"),
    "events": st.column_config.NumberColumn(
        "Events", help="Replies or positive replies, as chosen, of all its emails."
    ),
    "compared_events": st.column_config.NumberColumn("Events compared", help="Where another copy stood beside it."),
    "compared_emails": st.column_config.NumberColumn("Emails compared", help="Where another copy stood beside it."),
    "other_events": st.column_config.NumberColumn("Events beside it", help="Of the other options of the same steps."),
    "other_emails": st.column_config.NumberColumn("Emails beside it", help="Of the other options of the same steps."),
    "note": st.column_config.TextColumn("Note"),
    "interval": st.column_config.TextColumn(
        "Interval",
        help="Of the score, 95 % (about 80 % under five rows): what lies in it cannot be told from it. Its lower end "
        "is proven so far.",
    ),
    "cadences": st.column_config.NumberColumn("Cadences", help="How many cadences the numbers of this row are from."),
    "change": st.column_config.TextColumn(
        "Change",
        width="large",
        help="Of the rate, between the two periods named above, with its 95 % interval in percentage points and the "
        "counts of both. With "
        "many cadences some look changed by chance: “up” and “down” stay only where they hold at a false discovery "
        "rate of 5 % over the whole table.",
    ),
    "replies_by_day": st.column_config.LineChartColumn(
        "Replies by day",
        y_min=0,
        help="Of the days of this range that were asked for one by one so far; a day that was not is left out. The "
        "page Trends fetches what is missing. Replies to the newest emails are still arriving.",
    ),
    "step": st.column_config.NumberColumn("Step", format="%d", pinned=True),
    "step_type": st.column_config.TextColumn("Type"),
    "option": st.column_config.NumberColumn("Option", format="%d", pinned=True),
    "template": st.column_config.TextColumn("Template"),
    "subject": st.column_config.TextColumn("Subject"),
    "snippet": st.column_config.TextColumn("First words"),
    "chance_in_words": st.column_config.TextColumn("Chance to be best"),
    "wait_in_words": st.column_config.TextColumn("Would take", help="More mails per option, at the present pace."),
}
