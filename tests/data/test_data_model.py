"""The document of the data model names what there is; both readers give the same columns and types."""

import re
from pathlib import Path

import pytest

from dashboard.data import frames
from dashboard.data.database.tables import METADATA
from tests.data.history.conftest import cadence, day, report

DOCUMENT = (Path(__file__).parents[2] / "docs" / "data-model.md").read_text()
NAMED = set(re.findall(r"`([a-z_*]+)`", DOCUMENT))


def test_every_table_and_every_column_of_a_frame_is_in_the_document():
    assert set(METADATA.tables) <= NAMED
    assert {*frames.ENGAGEMENT_COLUMNS, *frames.STEP_COLUMNS, *frames.OPTION_COLUMNS} <= NAMED


def expected(name):
    """The type that the document promises for a column."""
    texts = {"cadence", "cadence_id", "owner", "timezone", "step_type", "template", "subject", "snippet"}
    if name in texts or name.endswith("_source"):
        return "string"
    return "datetime" if name in {"window_start", "window_end", "fetched_at"} else "Int64"


@pytest.fixture
def history(database):
    from dashboard.data.history import History  # noqa: PLC0415

    return History(database, base_url="https://api.klenty.com", user="sam@x.io")


@pytest.mark.parametrize("kind", ["engagements", "steps", "options"])
@pytest.mark.parametrize("size", [0, 1])
def test_both_readers_give_the_columns_and_types_of_the_document(history, kind, size):
    answers = [report(day("2026-11-02"), cadence("A"))][:size]
    history.save(answers)
    first = day("2026-11-02").start
    stored = getattr(history, kind)(["A"], start=first, end=first, timezone="Europe/Berlin", bucket="day")
    made = getattr(frames, f"{kind}_frame")(answers)
    for frame in (stored, made):
        assert [str(kind)[: len(expected(name))] for name, kind in frame.dtypes.items()] == [
            expected(name) for name in frame.columns
        ]
    assert list(stored.columns) == list(made.columns)
