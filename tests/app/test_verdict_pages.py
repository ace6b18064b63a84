"""A/B options and winners: the verdicts are the files' verdicts, agree with the sandbox's truth, and cry no winner."""

import io
import json

import pandas as pd
import pytest
from click.testing import CliRunner

from dashboard.analysis.ab_tests import experiments
from dashboard.analysis.ab_tests import wording as words
from dashboard.cli import main
from dashboard.data.fetch.lifetime import lifetime_cache, load_lifetime
from dashboard.data.fetch.report_cache import list_cadences
from dashboard.exports import tables as report
from klenty_api import KlentyClient
from klenty_api.sandbox import Sandbox

GREEN = "#0B9A78"


def judged(sandbox):
    with KlentyClient(sandbox.user, sandbox.api_key, base_url=sandbox.base_url) as client:
        lives = load_lifetime(lifetime_cache(client), list_cadences(client), timezone="Europe/Berlin")
    return report.evaluate_tests(lives)


@pytest.fixture(scope="module")
def found(read_only_sandbox):
    return judged(read_only_sandbox)


def cards(app, said):
    return said(app)


def test_every_ab_step_has_its_sentence_its_counts_and_a_next_step(open_app, read_only_sandbox, said, found):
    app = open_app(read_only_sandbox, "ab_tests/Tests")
    told = said(app)
    items = {(item.cadence, item.step): item for item in found["replies"]}
    assert len(items) == 9
    shown = [element.value.replace("\\", "").replace("\u2060", "") for element in app.subheader]
    assert len(shown) == 4  # the rest is on the next pages
    for page in (2, 3):
        app.session_state["options_page"] = page
        app.run()
        shown += [element.value.replace("\\", "").replace("\u2060", "") for element in app.subheader]
        told += said(app)
    assert len(shown) == 9
    for item in items.values():
        assert words.headline(item) in told
        assert words.suggestion(item) in told
    assert "nan" not in told.lower().split()


def test_no_chance_is_shown_as_certain(open_app, read_only_sandbox):
    app = open_app(read_only_sandbox, "ab_tests/Tests", cadence=["Outbound – VP Sales, North America"])
    assert not app.dataframe  # a table for each card would be a quarter of the page's time
    app.session_state["options_1_0_numbers"] = True
    app.run()
    assert app.dataframe[0].value["chance_in_words"].tolist() == ["under 1 %", "over 99 %"]


def test_no_colour_of_a_winner_but_the_winners(open_app, read_only_sandbox):
    app = open_app(read_only_sandbox, "ab_tests/Tests")
    specs = [chart.proto.spec for chart in app.get("plotly_chart")]
    assert specs
    assert not any(GREEN in spec for spec in specs)  # by whole-life counts nothing is proven
    badges = [m.value for m in app.markdown if "-badge[" in m.value]
    assert badges
    assert not any(":green-badge[" in badge for badge in badges)
    assert "Ahead, not proven" in badges[0]


def test_the_range_of_the_page_changes_no_verdict(open_app, read_only_sandbox, said):
    name = "Outbound – VP Sales, North America"
    month = open_app(read_only_sandbox, "ab_tests/Tests", cadence=[name])
    week = open_app(read_only_sandbox, "ab_tests/Tests", cadence=[name], range="Last 7 days")

    def without_times(app):
        return [line for line in said(app).splitlines() if "etched" not in line]

    assert without_times(month) == without_times(week)
    assert json.loads(month.get("plotly_chart")[0].proto.spec)["data"]


def test_positive_replies_can_decide_and_are_in_the_url(open_app, read_only_sandbox, said, found):
    app = open_app(read_only_sandbox, "ab_tests/Tests", decide="Positive replies", cadence=["Inbound demo requests"])
    (item,) = [item for item in found["positive_replies"] if item.cadence == "Inbound demo requests"]
    assert words.headline(item) in said(app)
    assert "Positive reply rate" in app.get("plotly_chart")[0].proto.alt


def test_page_files_and_command_line_say_the_same_to_the_digit(
    open_app, read_only_sandbox, found, tmp_path, monkeypatch
):
    env = {
        "KLENTY_USER": read_only_sandbox.user, "KLENTY_API_KEY": read_only_sandbox.api_key,
        "KLENTY_BASE_URL": read_only_sandbox.base_url, "KLENTY_TIMEZONE": "Europe/Berlin", "HOME": str(tmp_path),
    }  # fmt: skip
    monkeypatch.chdir(tmp_path)
    days = ["--from", "2026-11-01", "--to", "2026-11-20", "--all", "--out", str(tmp_path / "o"), "--quiet"]
    assert CliRunner().invoke(main, ["report", *days], env=env).exit_code == 0
    tables = {
        name: pd.read_csv(io.BytesIO((tmp_path / "o" / f"{name}.csv").read_bytes()), encoding="utf-8-sig")
        for name in ("verdicts", "options")
    }
    app = open_app(read_only_sandbox, "reports", finished="true")
    for name, from_file in tables.items():
        app.session_state["table"] = name.capitalize()
        app.run()
        on_page = app.dataframe[0].value
        for column in ("verdict", "p_best", "ratio_low", "log_e", "p_value", "more_mails", "expected_loss_per_1000"):
            left, right = from_file[column], on_page[column].reset_index(drop=True)
            assert left.isna().tolist() == right.isna().tolist()
            assert left.dropna().tolist() == right.dropna().tolist(), column
    verdicts = tables["verdicts"].set_index(["judged_by", "cadence", "step"])
    for events, items in found.items():
        for item in items:
            name = f"'{item.cadence}" if item.cadence.startswith("=") else item.cadence
            row = verdicts.loc[(events, name, item.step)]
            assert row["verdict"] == item.comparison.verdict
            assert row["in_words"] == words.headline(item)
            if item.comparison.log_e is not None:
                assert row["log_e"] == item.comparison.log_e
                assert row["ratio_low"] == item.comparison.ratio_low


def test_the_winners_page_lists_what_holds_and_what_cannot_finish(open_app, read_only_sandbox, found, said):
    app = open_app(
        read_only_sandbox, "ab_tests/Winners", cadence=["Partner referrals"]
    )  # the list is of the whole account
    (stuck,) = [frame.value for frame in app.dataframe]
    assert experiments.winners(found["replies"]) == []  # they are judged by whole-life counts
    assert "No option has won over all tests yet" in said(app)
    assert set(stuck["cadence"]) == {item.cadence for item in experiments.cannot_finish(found["replies"])}
    assert (stuck["days_needed"].dropna() > 90).all()
    assert stuck["wait_in_words"].dropna().tolist() == [words.duration(days) for days in stuck["days_needed"].dropna()]


@pytest.mark.parametrize("page", ["options", "winners", "copies"])
def test_when_nothing_came_nothing_is_said_of_tests_and_copies(open_app, small_sandbox, said, page):
    for kind in ("email_engagements", "stepwise_engagements"):
        small_sandbox.faults.add("refused_json", kind)
    app = open_app(small_sandbox, page)
    assert "Nothing to show yet" in said(app)
    for claim in ("No A/B steps", "has won", "No test is under way", "Nothing in common"):
        assert claim not in said(app)


def test_a_cadence_that_fails_is_named_and_retried(open_app, small_sandbox, said):
    broken = small_sandbox.cadence_names[1]
    small_sandbox.faults.add("refused_json", cadence=broken)
    app = open_app(small_sandbox, "ab_tests/Tests")
    assert "No verdicts for 1 of 3 cadences" in said(app)
    small_sandbox.faults.clear()
    next(button for button in app.button if button.key == "retry_lives").click().run()
    assert not app.exception
    assert "No verdicts" not in said(app)


def test_no_options_says_so(open_app, read_only_sandbox, said):
    assert "No A/B steps" in said(open_app(read_only_sandbox, "ab_tests/Tests", cadence=["Partner referrals"]))


def test_details_are_there_for_those_who_want_them(open_app, read_only_sandbox, said):
    app = open_app(read_only_sandbox, "ab_tests/Tests", cadence=["Outbound – VP Sales, North America"])
    app.session_state["options_1_0_once"] = True
    app.run()
    assert "Fisher's exact test" in said(app)
    assert "right only if the mails were always split alike" in said(app)


@pytest.mark.parametrize("seed", [7, 1, 2])
def test_no_verdict_contradicts_the_truth_of_the_sandbox(seed):
    """Keep, drop or wait rightly: a winner is truly best, “no difference” is true, anything else says wait."""
    with Sandbox(seed=seed) as sandbox:
        truth = sandbox.truth
        verdicts = judged(sandbox)["replies"]
    assert len(verdicts) == 9
    for item in verdicts:
        rates = {option: truth[item.cadence, item.step, option] for option in item.comparison.counts.options}
        verdict, option = item.comparison.verdict, item.comparison.option
        if verdict == "winner":
            assert rates[option] == max(rates.values())
            assert sum(rate == rates[option] for rate in rates.values()) == 1
        elif verdict == "no_practical_difference":
            assert max(rates.values()) <= 1.25 * min(rates.values())
        else:
            assert "wins" not in words.headline(item)
    clear = next(item for item in verdicts if item.cadence.startswith("Outbound – VP"))
    assert clear.comparison.verdict == "winner"  # 2.1 % against 5.2 %, for seven months
