"""The job the dashboard is for, from opening it to a prospect stopped, each number recounted over plain HTTP."""

import csv
import io
import re
import urllib.parse
import zipfile
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

CADENCES = ("Free-trial nudges", "Outbound – VP Sales, North America")
ZONE = ZoneInfo("Europe/Berlin")


def last_month():
    """Return the first and the last instant of the calendar month before this one."""
    end = datetime.now(ZONE).date().replace(day=1) - timedelta(days=1)
    return tuple(
        datetime.combine(day, at, ZONE).astimezone(ZoneInfo("UTC")).isoformat().replace("+00:00", "Z")
        for day, at in ((end.replace(day=1), time.min), (end, time(23, 59, 59, 999_000)))
    )


def choose(page, label, *options):
    box = page.get_by_role("combobox", name=re.compile(label))
    for option in options:
        box.fill(option)
        page.get_by_role("option", name=option, exact=True).click()
    page.keyboard.press("Escape")


def is_shown_as(count, base, text):
    """Return whether `text` begins with the percentage of `count` in `base`, as exactly as it is written."""
    shown = re.search(r"([\d.]+)\s*%", text).group(1)
    digits = len(shown.partition(".")[2])
    return abs(float(shown) - 100 * count / base) <= 0.5 * 10**-digits + 1e-9


def charts(page):
    """Return the texts drawn in each chart of the page."""
    return page.evaluate(
        "() => [...document.querySelectorAll('.js-plotly-plot')].map("
        "plot => [...plot.querySelectorAll('text')].map(text => text.textContent))"
    )


def after(texts, label):
    return texts[texts.index(label) + 1]


def test_the_main_job(page, settle, sandbox, ask):
    page.goto("/")
    settle(page)
    choose(page, "Cadences", *CADENCES)
    choose(page, "Date range", "Last month")
    settle(page)
    expect(page.get_by_text("· 2 cadences ·")).to_be_visible()

    start, end = last_month()
    reports = [ask("emailEngagements", {"cadenceName": name, "startDate": start, "endDate": end}) for name in CADENCES]

    def total(key):
        return sum(report[key] for report in reports)

    # Five figures, a funnel stage, the sentiment.
    figures = {
        "Reply rate": ("replyCount", "contactedCount"),
        "Positive": ("positiveCount", "contactedCount"),
        "Negative": ("negativeCount", "replyCount"),
        "Bounced": ("bounceCount", "contactedCount"),
        "Unsubscribed": ("unsubscribeCount", "contactedCount"),
    }
    cards = {card.split("\n")[0]: card for card in page.get_by_test_id("stMetric").all_inner_texts()}
    assert set(cards) == set(figures)
    for label, (events, base) in figures.items():
        assert is_shown_as(total(events), total(base), cards[label]), (label, cards[label])
    page.wait_for_function("() => document.querySelectorAll('.js-plotly-plot').length >= 3")
    funnel = next(texts for texts in charts(page) if "Prospects contacted" in texts)
    assert after(funnel, "Prospects contacted") == f"{total('contactedCount'):,}"
    assert after(funnel, "Replies").startswith(f"{total('replyCount')} · ")
    sentiment = next(texts for texts in charts(page) if "All chosen cadences" in texts)
    for label, key in (("Positive", "positiveCount"), ("Negative", "negativeCount")):
        assert f"({total(key)} of {total('replyCount')})" in after(sentiment, label)

    # A step with options.
    name = CADENCES[0]
    steps = ask("stepWiseEngagements", {"cadenceName": name, "startDate": start, "endDate": end})
    number = next(index for index, step in enumerate(steps, 1) if len(step["options"]) > 1)
    page.get_by_role("link", name="Cadence", exact=True).first.click()
    page.get_by_role("heading", name=name, level=1).wait_for()
    settle(page)
    page.locator(f".st-key-open_step_{number}").get_by_role("button").click()
    opened = page.locator(".st-key-open_step")
    for option in steps[number - 1]["options"]:
        expect(opened.get_by_role("row", include_hidden=True).filter(has_text=option["subject"])).to_contain_text(
            f"{option['mailCount']}{option['replyCount']}"
        )

    # The same as a file.
    page.get_by_role("link", name="Reports", exact=True).first.click()
    page.get_by_role("heading", name="Reports", level=1).wait_for()
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Tables (CSV)").click()
    archive = zipfile.ZipFile(download.value.path())
    rows = list(csv.DictReader(io.StringIO(archive.read("engagements.csv").decode("utf-8-sig"))))
    assert [row["cadence"] for row in rows] == list(CADENCES)
    for row, report in zip(rows, reports, strict=True):
        assert [int(row[key]) for key in ("replies", "contacted", "positive_replies", "bounces")] == [
            report[key] for key in ("replyCount", "contactedCount", "positiveCount", "bounceCount")
        ]

    # One person less.
    email = "one.person@example.com"
    ask("prospects", {"Email": email})
    ask("startcadence", {"Email": email, "cadenceName": name})
    status = f"prospects/{urllib.parse.quote(email, safe='')}/status"
    assert ask(status)["cadenceStatus"] == "In Cadence"
    page.get_by_role("link", name="Cadence", exact=True).first.click()
    page.get_by_role("heading", name=name, level=1).wait_for()
    settle(page)
    page.get_by_role("button", name=re.compile("Stop")).first.click()
    sidebar = page.get_by_test_id("stSidebar")
    sidebar.get_by_label(re.compile("Email")).first.fill(email)
    sidebar.get_by_role("button", name=re.compile("Stop cadence")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=re.compile("Stop")).click()
    expect(page.get_by_text(re.compile("done", re.IGNORECASE)).first).to_be_attached()
    assert [call.body for call in sandbox.requests if call.operation == "stop_cadence"] == [
        {"Email": email, "cadenceName": name}
    ]
    assert ask(status)["cadenceStatus"] == "Manually stopped"
    assert email not in page.url
