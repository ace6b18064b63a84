"""The ranking of the Overview: cadences in order of one rate, each a way to its page; and the same of owners."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
import streamlit as st

from dashboard.analysis.metrics import METRICS, NO_RATE, format_count, format_percent
from dashboard.app_pages.components import goals
from dashboard.app_pages.session import calculations
from dashboard.app_pages.session.text import plain
from dashboard.charts.text import clean, unbroken

_HEIGHT: Final = 272
_BADGES: Final = {"above average": "above", "below average": "below"}
_COLOURS: Final = {"above": "green", "below": "red", "alert": "red", "A/B decided": "blue"}
_CLICK: Final = "overview_open"
_OPENED: Final = "overview_opened"


def pick_rate(rates: Mapping[str, str], default: str) -> str:
    """Let the visitor choose by which of `rates` (label to key) rows are ranked; kept in the URL."""
    labels = list(rates)
    picked = st.selectbox(
        "Rank by",
        labels,
        index=list(rates.values()).index(default),
        key="rank",
        bind="query-params",
        label_visibility="collapsed",
        width=170,
    )
    return rates[picked]


def pick_rows() -> str:
    """Let the visitor choose what is ranked, "Cadences" or their "Owners"; kept in the URL."""
    picked = st.segmented_control(
        "Rank", ["Cadences", "Owners"], default="Cadences", required=True, key="rows", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    return picked or "Cadences"


def cadences(
    engagements: pd.DataFrame, rate: str, *, weeks: Mapping[str, Sequence[float]], badges: Mapping[str, Sequence[str]]
) -> None:
    """Draw the cadences of one window in order of `rate`; a click on a name opens its page.

    Args:
        engagements: The range shown.
        rate: Key of the registry.
        weeks: Replies of the last weeks, by cadence.
        badges: What else there is to know, by cadence: a test that is won, an alert.
    """
    table = calculations.leaderboard(engagements, rate)
    for note in calculations.ranking_notes(table, events="events", trials="trials"):
        st.caption(plain(note))
    shown = _shown(table, "cadence").assign(
        weeks=pd.Series([list(weeks.get(name, ())) or None for name in table["cadence"]], dtype="object"),
        badges=pd.Series([_badges(row, badges) for row in table.to_dict("records")], dtype="object"),
    )
    with st.container(key="overview_ranking"):
        st.dataframe(
            shown,
            key="overview_ranking_rows",
            hide_index=True,
            height=min(_HEIGHT, 36 * (len(shown) + 1) + 2),
            column_order=["cadence", "value", "interval", "weeks", "badges", "counts"],
            column_config=_columns(table, rate)
            | {
                "cadence": st.column_config.ButtonColumn(
                    "Cadence", type="tertiary", alignment="left", width=178, pinned=True, key=_CLICK,
                    on_click=_open, args=(table["cadence"].tolist(),), help="A click opens the cadence.",
                ),
                "weeks": st.column_config.BarChartColumn("12 weeks", y_min=0, width=84, help="Replies of each week."),
                "badges": st.column_config.MultiselectColumn(
                    "", options=list(_COLOURS), color=list(_COLOURS.values()), width=100,
                    help=METRICS["standing"].formula,
                ),
            },
            placeholder="–",
            alt=f"{len(shown)} cadences by {METRICS[rate].label.lower()}: {_alt(table, 'cadence')}",
        )  # fmt: skip


def owners(engagements: pd.DataFrame, rate: str, paces: pd.DataFrame | None = None) -> None:
    """Draw the same of the cadences' owners, with how many cadences each has, and their goals where there are any.

    Args:
        engagements: the tidy frame `engagements`, one window.
        rate: key of the rate that is ranked.
        paces: of the owners' goals.
    """
    table = calculations.leaderboard(engagements, rate, by="owner")
    st.dataframe(
        goals.owner_columns(_shown(table, "owner"), paces),
        key="overview_owners",
        hide_index=True,
        height=min(_HEIGHT, 36 * (len(table) + 1) + 2),
        column_order=[
            "owner",
            "value",
            *(goals.OWNER_COLUMNS if paces is not None else ()),
            "interval",
            "cadences",
            "counts",
        ],
        column_config=_columns(table, rate)
        | goals.owner_config()
        | {
            "owner": st.column_config.TextColumn(
                "Owner", pinned=True, help="Sums over an owner's cadences: a person in two of them counts twice."
            ),
            "cadences": st.column_config.NumberColumn("Cadences"),
        },
        placeholder="–",
        alt=f"{len(table)} owners by {METRICS[rate].label.lower()}: {_alt(table, 'owner')}",
    )


def is_clicked() -> bool:
    """Return whether a name was clicked: a fragment then runs the page, which follows the click."""
    return _OPENED in st.session_state


def follow_click() -> None:
    """Open the cadence whose name was clicked just now. From a fragment the address would lose its filters."""
    name = st.session_state.pop(_OPENED, None)
    if name is not None:
        st.switch_page("app_pages/cadence.py", query_params={"focus": name})


def _open(names: list[str]) -> None:
    st.session_state[_OPENED] = names[st.session_state[_CLICK]["row"]]


def _shown(table: pd.DataFrame, by: str) -> pd.DataFrame:
    intervals = [
        NO_RATE if pd.isna(low) else unbroken(_interval(low, high))
        for low, high in zip(table["low"], table["high"], strict=True)
    ]
    counts = [
        NO_RATE if pd.isna(events) or pd.isna(trials) else f"{format_count(events)} of {format_count(trials)}"
        for events, trials in zip(table["events"], table["trials"], strict=True)
    ]
    names = {by: [clean(name) for name in table[by]]}
    return table.assign(**names, interval=intervals, value=100 * table["value"], counts=counts)


def _interval(low: float, high: float) -> str:
    digits = 0 if high >= 0.1 else 1
    return f"{100 * low:.{digits}f}–{100 * high:.{digits}f} %"


def _badges(row: dict[Any, Any], badges: Mapping[str, Sequence[str]]) -> list[str]:
    own = [_BADGES[row["label"]]] if row["label"] in _BADGES else []
    return [*own, *badges.get(row["cadence"], ())]


def _columns(table: pd.DataFrame, rate: str) -> dict[str, Any]:
    metric = METRICS[rate]
    top = float(table["value"].max()) if table["value"].notna().any() else 0.0
    return {
        "value": st.column_config.ProgressColumn(
            "Rate", format="%.1f\u202f%%", min_value=0, max_value=max(100 * top, 1.0), width=124,
            help=f"{metric.label}: {metric.formula} {metric.help}",
        ),
        "interval": st.column_config.TextColumn(
            "95\u202f%", width=84,
            help="The 95 % interval of the rate. Where those of two rows overlap, their order may be chance.",
        ),
        "counts": st.column_config.TextColumn("Counts", width=100, help=f"Of the rate: {metric.formula}"),
    }  # fmt: skip


def _alt(table: pd.DataFrame, by: str) -> str:
    best = table.dropna(subset=["value"]).head(3)
    return ", ".join(
        f"{clean(name)} {format_percent(value)}" for name, value in zip(best[by], best["value"], strict=True)
    )
