"""Goals where they are looked at: a mark and a word for each goal of the account."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from dashboard.analysis.goals import in_words
from dashboard.analysis.metrics import METRICS
from dashboard.app_pages.session.text import plain

_COLOURS: Final = {"behind": "red", "ahead": "green", "on pace": "gray", "cannot tell yet": "gray"}
_MOST: Final = 4
OWNER_COLUMNS: Final = ("pace", "goal", "due")


def draw_goals(table: pd.DataFrame | None) -> None:
    """Draw the account's goals in a row: how far each is, what is due, and the word. Nothing without goals."""
    if table is None:
        return
    shown = table.head(_MOST).to_dict("records")
    with st.grid(len(shown), min_column_width=220, key="goals"):
        for row in shown:
            st.progress(
                0.0 if pd.isna(row["done"]) else min(1.0, row["done"] / row["target"]),
                text=f":small[{plain(in_words(row))}] {badge(row['pace'])}",
            )


def badge(word: str) -> str:
    """Return the word as Markdown; coloured only where it is sure."""
    return f":{_COLOURS[word]}-badge[{word}]"


def owner_columns(table: pd.DataFrame, paces: pd.DataFrame | None) -> pd.DataFrame:
    """Return a table of owners with the columns goal, due and pace of each one's first goal; as it is without goals."""
    if paces is None:
        return table
    first = paces.drop_duplicates("subject").set_index("subject")
    rows = [first.loc[owner] if owner in first.index else None for owner in table["owner"]]
    return table.assign(
        goal=pd.array([None if row is None else _goal(row) for row in rows], "string"),
        due=pd.array([None if row is None else round(row["due"]) for row in rows], "Int64"),
        pace=pd.array([None if row is None else row["pace"] for row in rows], "string"),
    )


def owner_config() -> dict[str, Any]:
    """Return how those columns are shown."""
    return {
        "goal": st.column_config.TextColumn("Goal", width=170, help="What is in, of the owner's goal."),
        "due": st.column_config.NumberColumn("Due", width=56, help="The part of the goal for the days that are over."),
        "pace": st.column_config.TextColumn(
            "Pace",
            width=104,
            help="Whether the 80 % interval of the period's end holds the goal. Behind and ahead are sure.",
        ),
    }


def _goal(row: Any) -> str:  # a row of the table
    done = "?" if pd.isna(row["done"]) else f"{row['done']:,}"
    return f"{done} of {row['target']:,} {METRICS[row['metric']].label.lower()} / {row['period']}"
