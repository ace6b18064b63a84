"""Goals in the pack, the workbook and the mail: there with goals, and no trace of them without."""

import io
from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest
from openpyxl import load_workbook

from dashboard.analysis.goals import pace_table
from dashboard.data.goals import Goal, GoalKey
from dashboard.exports import mail
from dashboard.exports.formats import files
from dashboard.exports.review import review

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def with_goals(gathered):
    days = pd.DataFrame(
        [("account", "", TODAY - timedelta(days=back), 10) for back in range(1, 150)],
        columns=["scope", "subject", "day", "emails_sent"],
    ).astype({"emails_sent": "Int64"})
    goals = [
        Goal(GoalKey("account", "", "emails_sent", "month"), 1_000),
        Goal(GoalKey("owner", "<b>ann@x.io", "emails_sent", "week"), 7),
    ]
    table = pace_table(goals, days, TODAY).assign(name=pd.array(["", "<b>ann@x.io"], "string"))
    return replace(gathered, asked=replace(gathered.asked, goals=table))


def sheets(content):
    return load_workbook(io.BytesIO(content)).sheetnames


def test_goals_are_in_every_file_of_the_review(with_goals, made_at):
    made = files(with_goals, ["html", "xlsx"], made_at=made_at)
    (pack,) = (content.decode() for name, content in made.items() if name.endswith("html"))
    said = "230 of 1,000 emails sent this month, 767 due"
    assert f"Behind the goal with {said}." in pack
    assert "<h3>Goals</h3>" in pack
    assert "<b>ann@x.io" not in pack
    (book,) = (content for name, content in made.items() if name.endswith("xlsx"))
    assert "Goals" in sheets(book)
    message = mail.compose(review(with_goals, made_at=made_at), {}, sender="a@x.io", to=["b@x.io"])
    for kind in ("plain", "html"):
        body = message.get_body((kind,)).get_content()
        assert "(behind)" in body.split(said, 1)[1]


def test_without_goals_there_is_no_trace_of_them(gathered, made_at):
    for without in (gathered, replace(gathered, asked=replace(gathered.asked, goals=pace_table([], _NO_DAYS, TODAY)))):
        made = files(without, ["html", "xlsx"], made_at=made_at)
        (pack,) = (content.decode() for name, content in made.items() if name.endswith("html"))
        assert "<h3>Goals" not in pack
        (book,) = (content for name, content in made.items() if name.endswith("xlsx"))
        assert "Goals" not in sheets(book)


_NO_DAYS = pd.DataFrame(columns=["scope", "subject", "day", "emails_sent"])
