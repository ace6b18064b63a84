"""What the pages say and do, with full, partial, empty and failing answers."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from dashboard.app_pages.navigation import PLACES
from dashboard.app_pages.session.filters import View
from dashboard.data.windows import Window, preset_window
from dashboard.services.account import Account
from klenty_api import Cadence
from klenty_api.sandbox import FAULT_KINDS, Sandbox

PAGES = [place.file.removesuffix(".py") for place in PLACES]
ASK_MORE = {"explore", "alerts"}  # single days, and all cadences
REPORTS = {"email_engagements", "stepwise_engagements"}


def asked(sandbox):
    return Counter(r.operation for r in sandbox.requests if r.operation in REPORTS)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_runs_on_the_whole_company(open_app, read_only_sandbox, page):
    app = open_app(read_only_sandbox, page, finished="true")
    assert app.title


@pytest.mark.parametrize("page", PAGES)
def test_a_name_that_klenty_cut_within_an_emoji_stops_no_page(open_app, small_sandbox, page):
    for cadence in small_sandbox.account.cadences[:2]:
        cadence.plan = replace(cadence.plan, name=f"{cadence.plan.name} \ud83d", owner="Sam \ud83d")
    app = open_app(small_sandbox, page)
    assert not app.exception
    assert app.title


def test_no_rerun_and_no_other_page_asks_again(open_app, small_sandbox, no_weeks):
    app = open_app(small_sandbox)
    before = sum(asked(small_sandbox).values())
    # Two reports of this period and the one before, and a whole-life answer for the verdicts, of three cadences.
    assert before == 2 * 2 * 3 + 3
    app.run()
    for page in 2 * [page for page in PAGES if page not in ASK_MORE]:
        app.switch_page(f"app_pages/{page}.py").run()
        assert not app.exception
    after = asked(small_sandbox)
    assert sum(after.values()) == before
    assert after["email_engagements"] == 2 * 3


def test_every_card_has_its_counts_interval_definition_and_freshness_under_the_pointer(open_app, read_only_sandbox):
    app = open_app(read_only_sandbox)
    assert [metric.label for metric in app.metric] == ["Reply rate", "Positive", "Negative", "Bounced", "Unsubscribed"]
    for metric in app.metric:
        about = metric.proto.help.replace("\\", "").replace("\u202f", " ")
        assert re.search(r"^[\d.]+ % \([\d,]+ of [\d,]+ [a-z]", about)
        assert re.search(r"95 % interval [\d.]+ % to [\d.]+ %", about)
        assert "÷" in about
        assert "Fetched" in about


def test_what_klenty_did_not_report_says_so(open_app, read_only_sandbox, go, said):
    app = open_app(read_only_sandbox, cadence=["Partner referrals"])
    assert {m.label: m.value for m in app.metric}["Positive"] == "not reported"
    go(app, "cadence")
    assert "**not reported**" in said(app)


@pytest.mark.parametrize("kind", [kind for kind in FAULT_KINDS if kind not in {"latency", "slow_body", "wrong_key"}])
def test_one_cadence_in_five_failing_in_any_way_is_named_and_the_rest_is_right(open_app, said, kind):
    with Sandbox(cadences=5) as sandbox:
        broken = sandbox.cadence_names[2]
        others = [name for name in sandbox.cadence_names if name != broken]
        right = {m.label: m.value for m in open_app(sandbox, cadence=others, range="Last 14 days").metric}
        sandbox.faults.add(kind, cadence=broken)
        app = open_app(sandbox, cadence=sandbox.cadence_names, range="Last 14 days")
        assert {m.label: m.value for m in app.metric} == right
        assert "1 of 5 cadences did not load" in said(app)
        assert f"{broken}: no figures" in said(app)
        assert set(app.dataframe[0].value["cadence"]) == set(others)


def test_what_arrived_in_part_is_not_said_to_be_missing(open_app, small_sandbox, said):
    part, missing, _ = small_sandbox.cadence_names
    small_sandbox.faults.add("refused_json", cadence=part, operation="stepwise_engagements")
    small_sandbox.faults.add("refused_json", cadence=missing)
    assert "1 of 3 cadences did not load, 1 came in part" in said(open_app(small_sandbox))
    both_periods = open_app(small_sandbox, "explore/Compare", compare="Two periods of one", cadence=[missing])
    assert "This cadence did not load" in said(both_periods)


def test_many_failures_do_not_push_the_page_away(open_app, said):
    with Sandbox(cadences=10) as sandbox:
        for operation in REPORTS:
            sandbox.faults.add("refused_json", operation=operation)
        app = open_app(sandbox, finished="true")
        assert "10 of 10 cadences did not load" in said(app)
        (more,) = [fold for fold in app.expander if fold.label == "4 more"]
        assert len(more.button) == 4
        assert "Nothing to show yet" in said(app)


def test_retry_asks_only_what_failed(open_app, small_sandbox, said, no_weeks):
    broken = small_sandbox.cadence_names[1]
    small_sandbox.faults.add("refused_json", cadence=broken)
    app = open_app(small_sandbox)
    assert broken in said(app)
    small_sandbox.faults.clear()
    app.run()
    assert "did not load" in said(app)  # a rerun alone does not ask again
    before = sum(asked(small_sandbox).values())
    next(button for button in app.button if button.label == "Retry").click().run()
    assert not app.exception
    assert "did not load" not in said(app)
    assert sum(asked(small_sandbox).values()) == before + 5  # this period, the one before, and the whole life


def test_retry_asks_for_the_period_before_too(open_app, small_sandbox, said):
    name = small_sandbox.cadence_names[0]
    first = open_app(small_sandbox, cadence=[name], range="Last 14 days")
    small_sandbox.faults.add("refused_json", cadence=name)
    first.selectbox(key="range").set_value("Last 7 days").run()
    assert "This cadence did not load" in said(first)
    small_sandbox.faults.clear()
    next(button for button in first.button if button.label == "Retry").click().run()
    assert "did not load" not in said(first)
    assert "no earlier figure" not in said(first)


def test_steps_missing_alone_is_partial(open_app, small_sandbox, said):
    broken = small_sandbox.cadence_names[0]
    small_sandbox.faults.add("refused_json", operation="stepwise_engagements", cadence=broken)
    app = open_app(small_sandbox, "cadence", focus=broken, cadence=[broken])
    assert "This cadence came in part" in said(app)
    assert "figures, but no steps" in said(app)
    assert "**not reported**" not in said(app)


def test_an_empty_cadence_says_that_there_is_nothing(open_app, read_only_sandbox, said):
    app = open_app(read_only_sandbox, "cadence", cadence=["Empty: not started yet"])
    assert "**–**" in said(app)
    assert "All counts are 0" in said(app)


def test_an_unknown_typed_name_is_not_reported_as_zero(open_app, read_only_sandbox):
    app = open_app(read_only_sandbox, cadence=["Nope"])
    assert {m.value for m in app.metric} <= {"not reported"}


def test_a_shared_name_is_told(open_app, read_only_sandbox, said):
    app = open_app(read_only_sandbox, "cadence", cadence=["Follow-up"])
    assert "Two or more cadences have this name" in said(app)


def test_filters_come_from_the_url(open_app, read_only_sandbox, said):
    app = open_app(
        read_only_sandbox, cadence=["Inbound demo requests"], range="Custom", dates=["2026-10-01", "2026-10-31"],
        tz="America/New_York",
    )  # fmt: skip
    assert "1–31 Oct vs 1–30 Sep" in said(app)
    assert app.dataframe[0].value["cadence"].tolist() == ["Inbound demo requests"]
    bodies = [r.body for r in read_only_sandbox.requests if r.operation == "email_engagements"]
    asked_for = {"startDate": "2026-10-01T04:00:00Z", "endDate": "2026-11-01T03:59:59.999Z"}
    assert asked_for | {"cadenceName": "Inbound demo requests"} in bodies


def test_the_cadence_in_sight_comes_from_the_url(open_app, read_only_sandbox, said):
    names = ["Inbound demo requests", "Free-trial nudges"]
    app = open_app(read_only_sandbox, "cadence", cadence=names, focus=names[1])
    assert app.selectbox(key="focus").value == names[1]
    assert "· arjun.mehta@" in said(app)


@pytest.mark.parametrize(
    ("query", "what", "shown"),
    [
        ({"range": "bogus"}, "date range", "Last 28 days"),
        ({"tz": "Mars"}, "time zone", "Europe/Berlin"),
        ({"per": "foo"}, "denominator", "prospect contacted"),
        ({"against": "nothing"}, "comparison", "Period before"),
    ],
)
def test_a_link_that_names_what_does_not_exist_says_so(open_app, small_sandbox, said, query, what, shown):
    app = open_app(small_sandbox, **query)
    (asked,) = query.values()
    assert f"The link names the {what} “{asked}”, which does not exist. You see {shown}." in said(app)
    assert app.run()
    assert "which does not exist" not in said(app)


def test_filters_are_drawn_only_where_they_act_and_are_kept(open_app, small_sandbox, go):
    app = open_app(small_sandbox, range="Last 7 days", tz="America/New_York", per="email sent")
    drawn = {box.key for box in app.sidebar.selectbox}
    assert {"range", "against"} <= drawn
    assert not {"tz", "per"} & drawn
    go(app, "alerts")
    assert not {"range", "against", "cadence"} & {box.key for box in app.sidebar.selectbox}
    view = app.session_state["view"]
    assert (view.window.days, view.window.timezone, view.per) == (7, "America/New_York", "email")
    go(app, "settings_page/Zone and denominator")
    assert app.selectbox(key="preference.tz.field").value == "America/New_York"
    app.selectbox(key="preference.per.field").set_value("prospect contacted").run()
    assert app.session_state["view"].per == "contacted"


def test_days_the_wrong_way_round_are_turned_and_one_day_is_a_range(open_app, small_sandbox):
    one = open_app(small_sandbox, range="Custom", dates=["2026-10-02", "2026-10-02"]).session_state["view"]
    assert one.window.days == 1
    turned = open_app(small_sandbox, range="Custom", dates=["2026-10-09", "2026-10-02"])
    assert turned.session_state["view"].window.days == 8


def test_a_half_picked_range_asks_for_the_rest(open_app, read_only_sandbox):
    app = open_app(read_only_sandbox, range="Custom")
    assert any("Pick the first and the last day" in info.value for info in app.sidebar.info)
    assert any("Pick the first and the last day" in info.value for info in app.main.info)  # the sidebar may be folded
    assert not app.metric


def test_when_the_list_fails_names_can_be_typed(open_app, small_sandbox, said):
    small_sandbox.faults.add("refused_json", operation="list_cadences")
    app = open_app(small_sandbox)
    assert said(app).count("The list of cadences did not come") == 2
    assert any("typed in the sidebar" in error.value for error in app.main.error)  # which may be folded
    small_sandbox.faults.clear()
    app.button("no_cadences_again").click().run()
    assert "did not come" not in said(app)
    assert app.metric
    small_sandbox.faults.add("refused_json", operation="list_cadences")
    app = open_app(small_sandbox, cadence=[small_sandbox.cadence_names[0]])
    assert app.metric


@pytest.mark.parametrize(
    ("env", "headline"),
    [
        ({"KLENTY_API_KEY": "wrong"}, "Klenty refuses the API key"),
        ({"KLENTY_USER": "who@x.io"}, "Klenty does not know this user"),
        ({"KLENTY_BASE_URL": "http://127.0.0.1:9"}, "The API cannot be reached"),
        ({"KLENTY_API_KEY": ""}, "The settings need a look"),
        ({"KLENTY_BASE_URL": "nonsense"}, "The settings need a look"),
    ],
)
def test_what_is_wrong_with_the_connection_has_a_page(open_app, small_sandbox, said, env, headline):
    app = open_app(small_sandbox, env=env)
    assert headline in said(app)
    assert "KLENTY_" in said(app)
    assert "sandbox-key" not in said(app)
    assert not app.metric


@pytest.mark.parametrize(
    ("fault", "headline"),
    [
        ("html", "What answers is not Klenty's API"),
        ("redirect", "What answers is not Klenty's API"),
        ("reset", "The connection to Klenty breaks off"),
    ],
)
def test_no_usable_answer_at_all_has_a_page(open_app, small_sandbox, said, fault, headline):
    small_sandbox.faults.add(fault)
    assert headline in said(open_app(small_sandbox))


def test_the_sandbox_is_marked_on_every_page(open_app, said):
    app = open_app()
    for page in PAGES:
        app.switch_page(f"app_pages/{page}.py").run()
        assert not app.exception
        assert "Sandbox: invented data" in said(app)


def test_a_real_account_is_not_marked(open_app, small_sandbox, said):
    assert "Sandbox: invented" not in said(open_app(small_sandbox))


def test_hostile_names_are_shown_letter_by_letter(open_app, read_only_sandbox):
    odd = next(name for name in read_only_sandbox.cadence_names if name.startswith("=HYPERLINK"))
    app = open_app(read_only_sandbox, "ab_tests/Tests", cadence=[odd])
    (heading,) = [link.proto.label for link in app.get("page_link")]
    assert "\\=HYPERLINK\\(" in heading
    assert "http://" not in heading.replace("\\", "")  # taken apart, so that it does not become a link
    assert not [m for m in app.markdown if m.allow_html]


def test_compare_two_periods_of_one(open_app, read_only_sandbox):
    name = "Inbound demo requests"
    app = open_app(read_only_sandbox, "explore/Compare", compare="Two periods of one", cadence=[name])
    table = app.table[0].value
    assert table.shape == (10, 2)
    assert not any("badge" in cell for cell in table.iloc[:, 0])  # the later period is held against the earlier one
    assert table.iloc[0, 1].count("-badge[") == 1
    assert len(app.get("plotly_chart")) == 1


def test_two_periods_need_something_to_compare_with(open_app, read_only_sandbox):
    query = {"compare": "Two periods of one", "against": "No comparison", "cadence": ["Inbound demo requests"]}
    app = open_app(read_only_sandbox, "explore/Compare", **query)
    assert "Choose in the sidebar" in app.info[0].value
    assert not app.table


def test_definitions_and_raw_data_are_there(open_app, read_only_sandbox):
    app = open_app(read_only_sandbox, "reports", cadence=["Inbound demo requests"])
    app.session_state["table"] = "Definitions"
    app.run()
    assert "reply_rate" in app.dataframe[0].value["metric"].tolist()
    app.session_state["table"] = "Raw data"
    app.run()
    assert not app.exception
    assert '"mailSentCount"' in "".join(element.value for element in app.json)


def test_the_table_holds_the_tidy_frame(open_app, read_only_sandbox):
    app = open_app(read_only_sandbox, "reports", cadence=["Inbound demo requests", "Partner referrals"])
    frame = app.dataframe[0].value
    assert isinstance(frame, pd.DataFrame)
    assert frame["cadence"].tolist() == ["Inbound demo requests", "Partner referrals"]
    assert frame["positive_replies"].isna().tolist() == [False, True]


def test_the_filter_says_what_all_means(open_app, read_only_sandbox):
    app = open_app(read_only_sandbox)
    assert app.multiselect(key="cadence").placeholder == "All 18 active"
    app.toggle(key="finished").set_value(True).run()
    assert app.multiselect(key="cadence").placeholder == "All 19"
    app.multiselect(key="cadence").set_value(["Follow-up"]).run()
    app.toggle(key="finished").set_value(False).run()
    assert app.multiselect(key="cadence").value == ["Follow-up"]


def test_the_denominator_of_the_rates_is_chosen_and_named(open_app, read_only_sandbox, said, go):
    name = "Outbound – VP Sales, North America"
    for per, words in (("prospect contacted", "prospects contacted"), ("email sent", "emails sent")):
        app = open_app(read_only_sandbox, cadence=[name], per=per, range="Last 90 days")
        rates = re.findall(r"% \([\d,]+ of [\d,]+ ([a-z ]+)\)", said(app))
        assert set(rates) - {"replies"} == {words}
        go(app, "cadence")
        helps = " ".join(caption.help or "" for caption in app.caption).replace("\\", "")
        assert set(re.findall(r"% \([\d,]+ of [\d,]+ ([a-z ]+)\)", helps)) - {"replies"} == {words}


def test_changes_compare_the_range_with_the_period_before_or_a_year_ago(open_app, read_only_sandbox, said):
    name = "Outbound – VP Sales, North America"
    app = open_app(read_only_sandbox, cadence=[name])
    today = datetime.now(ZoneInfo("Europe/Berlin")).date()
    shown = preset_window("28d", today, "Europe/Berlin")
    assert f"{shown.short(year=today.year)} vs {shown.back(28).short(year=today.year)}" in said(app)
    app.selectbox(key="against").select("Same period a year ago").run()
    assert not app.exception
    assert f"{shown.short(year=today.year)} vs {shown.back(364).short(year=today.year)}" in said(app)
    app.selectbox(key="against").select("No comparison").run()
    assert not app.exception
    assert " vs " not in said(app)
    assert not any(metric.delta for metric in app.metric if metric.label == "Reply rate")


def test_owners_can_be_ranked(open_app, read_only_sandbox):
    app = open_app(read_only_sandbox, rows="Owners", rank="Replies", finished="true")
    table = app.dataframe[0].value
    assert table["owner"].is_unique
    assert table["cadences"].sum() == 18  # of twenty, two share the name of which nobody knows whose answer it is
    assert table["score"].dropna().is_monotonic_decreasing


def test_the_ranking_leads_with_positive_replies_and_can_be_switched(open_app, read_only_sandbox):
    app = open_app(read_only_sandbox)
    assert app.selectbox(key="rank").value == "Positive replies"
    first = app.dataframe[0].value
    assert first["cadence"].is_unique
    assert len(first) == 18
    app.selectbox(key="rank").set_value("Replies").run()
    assert not app.exception
    second = app.dataframe[0].value
    assert (second["value"].dropna().max(), second["trials"].sum()) > (first["value"].dropna().max(), 0)


def test_a_small_company_hears_that_a_ranking_says_little(open_app, small_sandbox, said):
    assert "a ranking of so few says little" in said(open_app(small_sandbox))


def test_the_number_of_cadences_counts_names_and_says_how_many_share_one():
    window = Window(date(2026, 11, 1), date(2026, 11, 28), "UTC")
    for names, told in (
        (["A"], "1 cadence"),
        (["A", "B", None], "2 cadences"),
        (["A", "B", "A"], "2 cadences (1 more shares a name)"),
        (["A", "A", "A"], "1 cadence (2 more share a name)"),
    ):
        chosen = tuple(Cadence(str(place), name, None, True, None) for place, name in enumerate(names))
        assert View(Account("", "", "", False), chosen, window, None, "email").number_text == told
