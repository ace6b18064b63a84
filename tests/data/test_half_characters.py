"""A text that Klenty cut in the middle of an emoji is no Unicode text, and no reason for a page to fail."""

from datetime import UTC, date, datetime

from dashboard.data import frames
from dashboard.data.cadence_report import CadenceReport
from dashboard.data.windows import Window
from dashboard.exports.csv import to_csv
from klenty_api import Cadence, EmailEngagement, Step

WINDOW = Window(date(2026, 11, 2), date(2026, 11, 8), "UTC")


def test_half_an_emoji_is_shown_as_such_and_the_rest_is_kept():
    step = Step.read({"stepNumber": 1, "options": [{"option": 1, "snippet": "Hi \ud83d", "subject": "whole 🚀"}, {}]})
    cadence = Cadence("c", "name \ud83d", None, None, None)
    answered = CadenceReport(
        cadence, WINDOW, EmailEngagement.read({}), (step,), None, None, datetime(2026, 11, 9, tzinfo=UTC), 0.1
    )
    options = frames.options_frame([answered])
    assert options["snippet"].tolist()[0] == "Hi \ufffd"
    assert options["snippet"].isna().tolist() == [False, True]
    assert options["subject"].tolist()[0] == "whole 🚀"
    assert frames.engagements_frame([answered])["cadence"].tolist() == ["name \ufffd"]
    assert "Hi \ufffd" in to_csv(options).decode("utf-8-sig")
