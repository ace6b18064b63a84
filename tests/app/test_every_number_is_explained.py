"""Walks the pages: no rate stands without its counts and what they are of, and every page says how fresh it is."""

import json
import re

import pandas as pd
import pytest

from dashboard.analysis.ab_tests import wording as words
from dashboard.analysis.ab_tests.rules import DEFAULTS
from dashboard.analysis.metrics import METRICS
from dashboard.analysis.watch_list import watch_list as watch
from dashboard.app_pages.session import trend_windows, watch_list
from klenty_api.sandbox import Sandbox

PAGES = (
    "overview", "cadence", "explore/Trends", "explore/Compare", "ab_tests/Tests", "ab_tests/Copies",
    "alerts", "reports", "settings_page/Data quality",
)  # fmt: skip
DATA_TABS = ("Totals", "Steps", "Options", "Verdicts", "Funnel", "Sentiment", "Same copy")
CHOICES = {
    "rows": ("Owners",),
    "step_metric": ("positive_reply_rate", "opens_per_email"),
    "compare": ("Two periods of one",),
}

NUMBER = r"[\d,]+"
PERCENT = re.compile(r"(?<![\d+−±<.,])(?:\d[\d,]*\.)?\d+ %|\d per email")
# A rate with its counts: "8.0 % (24 of 300 prospects contacted)", "8.0 % of 300 emails", "1.35 per email (270 opens…".
EXPLAINED = re.compile(
    rf"[\d.,]+ %( of [a-z]+ are [a-z]+)? \({NUMBER} of {NUMBER}[^)]*\)|[\d.,]+ % of {NUMBER} [a-z]+"
    rf"|[\d.,]+ % against {NUMBER} of {NUMBER}|[\d.]+ per email \({NUMBER} [a-z]+, {NUMBER} emails\)"
)
# What the counts are of, once in each text.
NAMED = re.compile(rf"{NUMBER} of {NUMBER} [a-z]|% of [a-z]+ are|{NUMBER} [a-z]+, {NUMBER} emails|of {NUMBER} [a-z]+")
# No rates: intervals, levels, and what verdicts say of options whose counts stand below.
NO_RATE = re.compile(
    r"95 % (Wilson )?intervals?( \(?[\d.<> ]+ ?%? to [\d.<> ]+ ?%\)?)?|\(?[\d.<> ]+ % to [\d.<> ]+ %\)?|\(95 %\)"
    r"|\d+ % likely best|(over|under) \d+ %|[Aa]bove [\d.]+ %|\d+ % chance|(exceed|Over) 100 %"
)
SCORE = re.compile(r"Score [\d.]+ %|average of all, [\d.]+ %")  # beside the raw rate and its counts
CONSTANTS = (watch.METHOD, watch.NOT_IN_THE_DATA, *words.method(DEFAULTS), f"In force: {DEFAULTS.in_words}")


def unexplained(text, *, heading=False):
    """Whether a text tells a rate without its counts, or (unless it stands under a `heading`) not what they are of."""
    line = re.sub(r"(<br>|\s)+", " ", re.sub(r"[\\*\u2060]", "", text))
    if any(line.strip(" .") in re.sub(r"[\s*]+", " ", constant) for constant in CONSTANTS):
        return False
    rates = NO_RATE.sub("", line)
    bare = PERCENT.search(SCORE.sub("", EXPLAINED.sub("", rates)))
    return bool(bare) or bool(PERCENT.search(rates) and not (heading or NAMED.search(rates)))


IMAGE = re.compile(r'!\[[^\]]*\]\(data:\S+ "([^"]*)"\)')
NOT_THE_RATE = re.compile(r"[−+]?[\d.,]+[  ]% (to|or more|likely best)|at least [+−±][\d.,]+[  ]%|[+−±][\d.,]+[  ]%")


def under_the_pointer(app):
    """All that a page says only under the pointer: of marks, of buttons, and of the question marks."""
    texts = [title for value in [*(e.value for e in app.markdown), *cells(app)] for title in IMAGE.findall(value)]
    helps = [e.help for kind in ("markdown", "caption", "button", "metric") for e in app.get(kind)]
    return plain("  ".join([*texts, *filter(None, helps)]))


def cells(app):
    """The Markdown in the cells of tables that are texts."""
    return [cell for table in app.table for row in table.value.to_numpy().tolist() for cell in row]


def plain(text):
    return re.sub(r"[\\*\u2060]", "", text)


def told_under_the_pointer(text, hovers):
    """Whether every rate of a text is under the pointer with its counts: "5.0 % (10 of 200 emails sent)"."""
    shown = NOT_THE_RATE.sub("", plain(IMAGE.sub("", text)))
    rates = re.findall(r"[\d.,]+[  ]%", shown)
    return all(re.search(re.escape(rate) + r" \([\d,]+ of [\d,]+ [a-z]", hovers) for rate in rates)


def in_texts(app):
    """Sentences and captions that tell a rate and not its counts, which may be under the pointer."""
    hovers = under_the_pointer(app)
    texts = [e.value for kind in ("markdown", "caption", "text") for e in app.get(kind)] + cells(app)
    return [text for text in texts if unexplained(IMAGE.sub("", text)) and not told_under_the_pointer(text, hovers)]


def in_charts(app):
    """Hover texts that tell a rate and not its counts."""
    traces = [trace for chart in app.get("plotly_chart") for trace in json.loads(chart.proto.spec)["data"]]
    hovers = [text for trace in traces for text in trace.get("hovertext") or () if text]
    assert len(hovers) >= len(app.get("plotly_chart"))
    return [text for text in hovers if unexplained(text)]


def in_tables(app):
    """Rates in tables whose counts are not next to them, or whose heading does not say what they are of."""
    found = []
    for table in app.dataframe:
        shown = [column for column in table.proto.column_order or table.value.columns if column in table.value]
        configs = json.loads(table.proto.columns or "{}")
        for column in shown:
            metric = METRICS.get(column)
            if metric is None or metric.kind not in {"rate", "per"} or table.value.empty:
                continue
            rate = metric if metric.numerator else METRICS[table.value["ranked_by"].iloc[0]]
            if not set(rate.columns) <= set(shown) or metric.formula not in configs[column]["help"]:
                found.append(f"{column} in {shown}")
        if "value" in shown:  # of a ranking
            counts = table.value["counts"] if "counts" in shown else pd.Series("none")
            if "÷" not in configs["value"]["help"] or not counts.str.fullmatch(rf"{NUMBER} of {NUMBER}|–").all():
                found.append(f"value in {shown}")
        no_rate = {"Low (95 %)", "High (95 %)", "chance_in_words", "interval", "subject", "copy"}
        texts = table.value[[column for column in shown if column not in no_rate]].select_dtypes("string")
        found += [text for name in texts for text in texts[name].dropna() if unexplained(text, heading=True)]
    return found


def checked(app, where):
    """Everything on the page, its folds opened and its charts turned into their tables and back."""
    for fold in app.expander:
        if fold.label in {"Numbers", "All numbers"}:
            app.session_state[fold.proto.id.rsplit("-", 1)[-1]] = True
    app.run()
    assert not app.exception, app.exception
    assert [in_texts(app), in_charts(app), in_tables(app)] == [[], [], []], where
    assert any("etched" in element.value for kind in ("caption", "markdown") for element in app.get(kind)), where
    toggles = [control.key for control in app.segmented_control if str(control.key).endswith("_numbers")]
    for shown in ("Table", "Chart") if toggles else ():
        for key in toggles:
            app.session_state[key] = shown
        app.run()
        assert not app.exception, app.exception
        assert in_tables(app) == [], where


@pytest.fixture
def waited(monkeypatch):
    """What pages ask for in the background has come when they have begun to."""

    def wait_after(kind, name):
        begin = getattr(kind, name)

        def began(self, *what):
            found = begin(self, *what)
            self.job.wait(60)
            return found

        monkeypatch.setattr(kind, name, began)

    wait_after(trend_windows.TrendBackfill, "begin")
    wait_after(watch_list.Watcher, "days")


@pytest.mark.parametrize(("extras", "per"), [(True, "email sent"), (False, "prospect contacted")])
def test_every_rate_has_its_counts_what_they_are_of_and_when_they_arrived(open_app, waited, extras, per, go):
    with Sandbox(cadences=3, extras=extras) as sandbox:
        app = open_app(sandbox, per=per, range="Last 14 days")
        for page in PAGES:
            go(app, page)
            checked(app, page)
            for key, choices in CHOICES.items():
                for choice in choices if any(e.key == key for e in app.segmented_control) else ():
                    app.segmented_control(key=key).set_value(choice).run()
                    checked(app, (page, choice))
            for tab in DATA_TABS if page == "reports" else ():
                app.session_state["table"] = tab
                checked(app, (page, tab))


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("8.0 % (24 of 300 prospects contacted)", False),
        ("8.0 % (24 of 300)", True),
        ("Replies: 8.0 % (24 of 300 emails sent); before 7.5 %", True),
        ("The dotted line is the average, 3.4 %.", True),
        ("Reply rate: 3.0 % (6 of 200<br>emails sent)<br>95 % interval 1.4 to 6.4 %", False),
        ("<b>A</b><br>95 % interval 1.4 to 6.4 %", False),
        ("1.35 per email (270 opens, 200 emails)", False),
        ("Option 2 wins: replies +148 % (at least +40 %).", False),
    ],
)
def test_a_bare_rate_is_seen(text, bare):
    assert unexplained(text) is bare
