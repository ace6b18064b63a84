"""The weekly chart: the line of a goal, and none without one."""

from datetime import date, timedelta

import pandas as pd
import pytest

from dashboard.charts.weekly import weekly_chart


@pytest.fixture
def weeks():
    starts = [date(2026, 11, 2) + timedelta(weeks=number) for number in range(3)]
    counts = {key: [3, 4, 5] for key in ("positive_replies", "negative_replies", "unmarked_replies")}
    frame = pd.DataFrame(
        {"start": starts, "end": [day + timedelta(days=6) for day in starts], "replies": [9, 12, 15], **counts}
    )
    return frame.assign(emails_sent=100).astype(dict.fromkeys((*counts, "replies", "emails_sent"), "Int64"))


def drawn(weeks, **options):
    return weekly_chart(weeks, maturing_from=None, missing=0, is_coming=False, **options)


def test_a_goal_is_a_line_at_its_height_and_told_in_the_alternative_text(weeks):
    chart = drawn(weeks, goal=1_200)
    (line,) = chart.figure.layout.shapes
    assert (line.y0, line.y1) == (1_200, 1_200)
    assert [note.text for note in chart.figure.layout.annotations] == ["goal 1,200"]
    assert chart.alt.endswith("The goal is 1,200 a week.")


def test_without_a_goal_there_is_no_line(weeks):
    chart = drawn(weeks)
    assert len(chart.figure.layout.shapes) == 0
    assert "goal" not in chart.alt.lower()
