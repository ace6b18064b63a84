"""Every chart on the pages shows Klenty's own numbers: asked again over plain HTTP and recomputed by hand."""

import http.client
import json
import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from click.testing import CliRunner

from dashboard.analysis.metrics import format_percent
from dashboard.cli import main

RANGE = {"startDate": "2026-09-30T22:00:00Z", "endDate": "2026-10-31T22:59:59.999Z"}  # October in Berlin
QUERY = {"range": "Custom", "dates": ["2026-10-01", "2026-10-31"], "tz": "Europe/Berlin"}
NAMES = ["Inbound demo requests", "Outbound – VP Sales, North America", "Outbound – Heads of RevOps, DACH"]


def klenty(sandbox, path, name, within=RANGE):
    host = sandbox.base_url.removeprefix("http://")
    with closing(http.client.HTTPConnection(host, timeout=5)) as connection:
        headers = {"x-API-key": sandbox.api_key, "Content-Type": "application/json"}
        body = json.dumps(within | {"cadenceName": name})
        connection.request("POST", f"/apis/v1/user/{quote(sandbox.user)}/{path}", body, headers)
        with connection.getresponse() as answer:
            return json.loads(answer.read(), parse_int=int)


def engagement(sandbox, name, within=RANGE):
    answer = klenty(sandbox, "emailEngagements", name, within)
    return {k: int(v) for k, v in answer.items() if not isinstance(v, dict)}


def steps(sandbox, name):
    answer = klenty(sandbox, "stepWiseEngagements", name)
    numbers = {
        "stepNumber",
        "mailCount",
        "replyCount",
        "positiveReply",
        "openCount",
        "linkCount",
        "callCount",
        "taskCount",
    }
    return [step | {key: int(step[key]) for key in numbers} for step in answer]


def traces(app, key):
    """The traces of the chart in the card of this key."""
    (chart,) = [c for c in app.get("plotly_chart") if c.proto.id.endswith(f"-{key}")]
    return json.loads(chart.proto.spec)["data"], chart.proto.alt


def bars(data):
    """{first line of the hover: x} of all bars that stand for something (not the ghosts behind them)."""
    found = {}
    for trace in data:
        for x, hover in zip(trace.get("x", []), trace.get("hovertext") or [], strict=False):
            label = re.match(r"<b>(.*?)</b>", hover)
            if label:
                found[label[1]] = x  # the ghost comes first, the real bar or dot after it
    return found


@pytest.mark.parametrize("name", NAMES)
def test_funnel_sentiment_and_steps_of_a_cadence(open_app, read_only_sandbox, name):
    app = open_app(read_only_sandbox, "cadence", cadence=[name], **QUERY)
    truth = engagement(read_only_sandbox, name)
    data, _ = traces(app, "cadence_funnel")
    shown = bars(data)
    assert shown["Prospects added"] == truth["prospectsAdded"]
    assert shown["Prospects contacted"] == truth["contactedCount"]
    assert shown["Replies"] == truth["replyCount"]
    assert shown["Positive replies"] == truth["positiveCount"]
    assert shown["Completed, no reply"] == truth["prospectsCompleted"]
    assert shown["Bounced"] == truth["bounceCount"]
    assert shown["Unsubscribed"] == truth["unsubscribeCount"]
    assert shown["In cadence now"] == truth["inCadenceCount"]

    app.session_state["cadence_tabs"] = "Sentiment"
    app.run()
    data, _ = traces(app, "cadence_sentiment")
    shares = {trace["name"]: trace["x"][0] for trace in data if trace["type"] == "bar"}
    assert shares["Positive"] == pytest.approx(truth["positiveCount"] / truth["replyCount"])
    assert shares["Negative"] == pytest.approx(truth["negativeCount"] / truth["replyCount"])
    unmarked = truth["replyCount"] - truth["positiveCount"] - truth["negativeCount"]
    assert shares["Unmarked"] == pytest.approx(unmarked / truth["replyCount"])


def test_the_cards_and_the_funnel_of_all_are_sums_over_cadences(open_app, read_only_sandbox):
    app = open_app(read_only_sandbox, cadence=NAMES, **QUERY)
    truths = [engagement(read_only_sandbox, name) for name in NAMES]
    sums = {key: sum(truth[key] for truth in truths) for key in truths[0] if isinstance(truths[0][key], int)}
    contacted = sums["contactedCount"]
    rates = {
        "Reply rate": (sums["replyCount"], contacted), "Positive": (sums["positiveCount"], contacted),
        "Negative": (sums["negativeCount"], sums["replyCount"]), "Bounced": (sums["bounceCount"], contacted),
        "Unsubscribed": (sums["unsubscribeCount"], contacted),
    }  # fmt: skip
    for metric in app.metric:
        events, trials = rates[metric.label]
        assert f"({events:,} of {trials:,} " in metric.proto.help.replace("\\", "")
        assert float(metric.value.split("\u202f")[0]) == pytest.approx(100 * events / trials, abs=0.05)
    data, _ = traces(app, "overview_funnel")
    assert bars(data)["Prospects contacted"] == contacted
    table = app.dataframe[0].value.set_index("cadence")
    for name, truth in zip(NAMES, truths, strict=True):
        assert table.loc[name, "events"] == truth["positiveCount"]
        assert table.loc[name, "value"] == pytest.approx(100 * truth["positiveCount"] / truth["contactedCount"])


def test_options_of_a_step(open_app, read_only_sandbox):
    name = NAMES[1]
    app = open_app(read_only_sandbox, "ab_tests/Tests", cadence=[name], decide="Replies", **QUERY)
    today = datetime.now(ZoneInfo("Europe/Berlin")).replace(hour=0, minute=0, second=0, microsecond=0)
    end = (today - timedelta(milliseconds=1)).astimezone(UTC).isoformat(timespec="milliseconds")
    life = {"startDate": "2020-01-01T00:00:00Z", "endDate": end.replace("+00:00", "Z")}  # never the page's October
    truth = klenty(read_only_sandbox, "stepWiseEngagements", name, life)[0]["options"]
    app.button(key=f"open_test_{name}, step 1").click().run()
    alts = [match[1] for m in app.markdown if (match := re.match(r"!\[(Reply rate: [^\]]*)\]", m.value))]
    counts = [m.value.replace("\\", "") for m in app.markdown if m.value.startswith("![Reply rate: ")]
    assert len(alts) == len(truth)
    for option, alt, text in zip(truth, alts, counts, strict=True):
        low, high = wilson(option["replyCount"], option["mailCount"])
        assert f"({option['replyCount']:,} of {option['mailCount']:,} emails sent)" in text
        assert alt.endswith(f"95 % interval {format_percent(low)} to {format_percent(high)}")


def wilson(x, n, z=1.959963984540054):
    """The Wilson interval from its textbook formula."""
    p, centre = x / n, (x + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * (p * (1 - p) * n + z * z / 4) ** 0.5
    return centre - half, centre + half


def compared(app):
    """The table of Compare: by metric and column, the number in the cell."""
    table = app.table[0].value
    numbers = table.map(lambda cell: found[1] if (found := re.match(r"\*\*([^*]*)\*\*", cell)) else None)
    return numbers.map(lambda text: text and float(re.sub(r"[\\,]|\u202f%", "", text)))


def test_comparison_of_cadences(open_app, read_only_sandbox):
    app = open_app(read_only_sandbox, "explore/Compare", cadence=NAMES, **QUERY)
    table = compared(app)
    for label, upper, lower, times in (
        ("Reply rate of contacted", "replyCount", "contactedCount", 100),
        ("Bounce rate", "bounceCount", "contactedCount", 100),
        ("Opens per email", "openCount", "mailSentCount", 1),
    ):  # fmt: skip
        for number, name in enumerate(NAMES):
            truth = engagement(read_only_sandbox, name)
            assert f"cadence?focus={quote(name)}" in table.columns[number]
            rate = times * truth[upper] / truth[lower]
            assert table.iloc[:, number][label] == pytest.approx(rate, abs=0.051 if rate >= 1 else 0.0051)
    assert table.loc["Emails sent"].tolist() == [engagement(read_only_sandbox, n)["mailSentCount"] for n in NAMES]


def test_the_ranking_on_the_page_in_the_csv_and_in_the_report_has_the_same_digits(
    open_app, read_only_sandbox, tmp_path, go
):
    for per, per_label in (("contacted", "prospect contacted"), ("email", "email sent")):
        open_app(read_only_sandbox, cadence=NAMES, **QUERY)  # the command line asks the same sandbox
        arguments = ["report", "--from", "2026-10-01", "--to", "2026-10-31", "--timezone", "Europe/Berlin", "--quiet"]
        arguments += ["--per", per, "--out", str(tmp_path / per)]
        assert CliRunner().invoke(main, [*arguments, *(f"--cadence={name}" for name in NAMES)]).exit_code == 0
        written = pd.read_csv(tmp_path / per / "engagements.csv", encoding="utf-8-sig").set_index("cadence")
        rank = "Positive replies" if written["ranked_by"].iloc[0].startswith("positive") else "Replies"
        app = open_app(read_only_sandbox, cadence=NAMES, per=per_label, rank=rank, **QUERY)
        shown = app.dataframe[0].value.set_index("cadence")
        assert shown["position"].tolist() == [1, 2, 3]  # best score first
        go(app, "reports")
        table = app.dataframe[0].value.set_index("cadence")
        for name in NAMES:
            for column in ("score", "score_low", "score_high"):
                assert table.loc[name, column] == 100 * written.loc[name, column]
                assert shown.loc[name, column] == written.loc[name, column]
            assert shown.loc[name, "position"] == written.loc[name, "position"]
            assert shown.loc[name, "label"] == written.loc[name, "standing"]
        facts = pd.read_csv(tmp_path / per / "parameters.csv", encoding="utf-8-sig").set_index("parameter")["value"]
        assert facts["rates_per"] == per_label


def test_comparison_step_by_step(open_app, read_only_sandbox):
    app = open_app(read_only_sandbox, "explore/Compare", cadence=NAMES[:2], **QUERY)
    data, _ = traces(app, "compare_steps")
    shown = {}
    for trace in data:
        for x, hover in zip(trace["x"], trace.get("hovertext") or [], strict=False):
            name, step = re.match(r"<b>(.*?)</b><br>Step (\d+)<br>", hover).groups()
            shown[name, int(step)] = x
    truth = {
        (name, step["stepNumber"]): step["replyCount"] / step["mailCount"]
        for name in NAMES[:2]
        for step in steps(read_only_sandbox, name)
        if step["mailCount"]
    }
    assert shown == pytest.approx(truth)


def test_comparison_of_two_periods(open_app, read_only_sandbox):
    name = NAMES[0]
    before = len(read_only_sandbox.requests)
    app = open_app(read_only_sandbox, "explore/Compare", compare="Two periods of one", cadence=[name], **QUERY)
    asked = [r.body for r in list(read_only_sandbox.requests)[before:] if r.operation == "email_engagements"]
    for label, field in (("Emails sent", "mailSentCount"), ("Replies", "replyCount")):
        earlier, later = compared(app).loc[label]
        assert later == engagement(read_only_sandbox, name)[field]
        assert earlier in {engagement(read_only_sandbox, name, body)[field] for body in asked} - {later}
