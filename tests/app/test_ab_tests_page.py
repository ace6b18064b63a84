"""A/B tests as a list: every test once, colour only for what is proven, and what a row opens to."""

import re
from urllib.parse import parse_qs

import pytest

from dashboard.analysis.ab_tests import status
from dashboard.analysis.ab_tests import wording as words
from dashboard.analysis.performance import headline
from dashboard.data.fetch.lifetime import lifetime_cache, load_lifetime
from dashboard.data.fetch.report_cache import list_cadences
from dashboard.exports import tables as report

PAGE = "ab_tests"
VP = "Outbound – VP Sales, North America"
INBOUND = "Inbound demo requests"


@pytest.fixture
def found(read_only_sandbox, make_client):
    client = make_client(read_only_sandbox)
    lives = load_lifetime(lifetime_cache(client), list_cadences(client), timezone="Europe/Berlin")
    return report.evaluate_tests(lives)


def plain(text):
    return text.replace("\\", "").replace("\u2060", "")


def rows(app):
    """The states of the rows, from top to bottom."""
    badges = [re.search(r":(\w+)-badge\[\S+ (.+)\]", m.value) for m in app.markdown]
    return [(badge[2], badge[1]) for badge in badges if badge]


def links(app):
    return [plain(link.proto.label) for link in app.get("page_link")]


def test_every_test_is_a_row_with_its_subjects_and_what_to_do(open_app, read_only_sandbox, said, found):
    app = open_app(read_only_sandbox, PAGE, decide="Replies")
    tests = status.in_order(found["replies"])
    assert links(app) == [f"{item.cadence} · step {item.step}" for item in tests]
    assert [label for label, _ in rows(app)] == [status.LABELS[status.status_of(item)] for item in tests]
    for item in tests:
        for subject in item.rows["subject"].dropna():
            assert subject in said(app)
    assert [plain(b.label) for b in app.button if str(b.key).startswith("open_test_")] == [
        status.action(item) for item in tests
    ]
    assert f"**{status.summary(tests)}**" in said(app)
    assert "nan" not in said(app).lower().split()


def test_green_is_for_what_days_have_proven_alone(open_app, read_only_sandbox):
    app = open_app(read_only_sandbox, PAGE, decide="Replies")
    assert {colour for label, colour in rows(app) if label != "Proven"} == {"gray"}
    assert all(colour == "green" for label, colour in rows(app) if label == "Proven")


def test_no_row_shows_the_best_guess_of_what_is_not_proven(open_app, read_only_sandbox, said, found):
    app = open_app(read_only_sandbox, PAGE, decide="Replies")
    for item in found["replies"]:
        if item.comparison.ratio is not None and status.status_of(item) != "proven":
            assert f" {words.change(item.comparison.ratio)} " not in said(app)


def test_a_row_opens_to_both_copies_the_counts_and_the_reason(open_app, read_only_sandbox, said, found):
    app = open_app(read_only_sandbox, PAGE, decide="Replies")
    assert not app.dataframe
    app.button(key=f"open_test_{VP}, step 1").click().run()
    assert not app.exception
    (item,) = [item for item in found["replies"] if item.cadence == VP]
    told = said(app)
    for text in (words.headline(item), words.reason(item), words.decided_on(item)):
        assert text in told
    for name in ("snippet", "template"):
        for text in item.rows[name].dropna():
            assert text in told
    table = app.dataframe[0].value
    assert table["option"].tolist() == [1, 2]
    assert table["chance_in_words"].tolist() == ["under 1 %", "over 99 %"]
    app.session_state["classic"] = True
    app.run()
    assert "Fisher's exact test" in said(app)
    app.button(key=f"open_test_{VP}, step 1").click().run()
    assert not app.dataframe


def test_the_decision_in_the_headline_opens_its_test(open_app, read_only_sandbox, said, monkeypatch):
    chip = headline.HeadlineChip("decision", VP, "keep B", "good", headline.Target("ab_tests", VP, 1))
    monkeypatch.setattr(headline, "headline", lambda *_, **__: headline.Headline("One decision is due.", (chip,)))
    overview = open_app(read_only_sandbox)
    queries = [parse_qs(link.proto.query_string) for link in overview.get("page_link")]
    (name,) = [query["test"][0] for query in queries if "test" in query]
    app = open_app(read_only_sandbox, PAGE, test=name)
    assert app.dataframe
    assert "which this account does not have" not in said(app)


def test_a_link_opens_a_test_of_a_cadence_that_is_not_chosen(open_app, read_only_sandbox):
    app = open_app(read_only_sandbox, PAGE, decide="Replies", cadence=[INBOUND], test=f"{VP}, step 1")
    assert sorted(links(app)) == [f"{INBOUND} · step 1", f"{VP} · step 1"]
    assert app.dataframe


def test_a_link_to_a_test_that_is_not_there_says_so(open_app, read_only_sandbox, said):
    app = open_app(read_only_sandbox, PAGE, decide="Replies", test="No such cadence, step 1")
    assert "“No such cadence, step 1”" in said(app)
    assert not app.dataframe


def test_chosen_cadences_are_the_filter_and_it_can_be_lifted(open_app, read_only_sandbox, found):
    app = open_app(read_only_sandbox, PAGE, decide="Replies", cadence=[INBOUND])
    assert links(app) == [f"{INBOUND} · step 1"]
    app.toggle(key="only_chosen").set_value(False).run()
    assert len(links(app)) == len(found["replies"])


def test_positive_replies_can_decide_and_are_in_the_url(open_app, read_only_sandbox, said, found):
    app = open_app(read_only_sandbox, PAGE, decide="Positive replies", test=f"{INBOUND}, step 1")
    (item,) = [item for item in found["positive_replies"] if item.cadence == INBOUND]
    assert words.headline(item) in said(app)


def test_the_range_of_the_page_changes_no_verdict(open_app, read_only_sandbox, said):
    month = open_app(read_only_sandbox, PAGE, decide="Replies", test=f"{VP}, step 1")
    week = open_app(read_only_sandbox, PAGE, decide="Replies", test=f"{VP}, step 1", range="Last 7 days")

    def without_times(app):
        return [line for line in said(app).splitlines() if "etched" not in line]

    assert without_times(month) == without_times(week)


def test_a_cadence_that_fails_is_named_and_retried(open_app, small_sandbox, said):
    broken = small_sandbox.cadence_names[1]
    small_sandbox.faults.add("refused_json", cadence=broken)
    app = open_app(small_sandbox, PAGE, decide="Replies")
    assert "No verdicts for 1 of 3 cadences" in said(app)
    small_sandbox.faults.clear()
    next(button for button in app.button if button.key == "retry_lives").click().run()
    assert not app.exception
    assert "No verdicts" not in said(app)


def test_when_nothing_arrived_nothing_is_said_of_tests(open_app, small_sandbox, said):
    for kind in ("email_engagements", "stepwise_engagements"):
        small_sandbox.faults.add("refused_json", kind)
    app = open_app(small_sandbox, PAGE, decide="Replies")
    assert "Nothing to show yet" in said(app)
    assert "No A/B steps" not in said(app)


def test_no_options_says_so(open_app, read_only_sandbox, said):
    assert "No A/B steps" in said(open_app(read_only_sandbox, PAGE, decide="Replies", cadence=["Partner referrals"]))


def test_positive_replies_decide_where_most_replies_are_marked(open_app, read_only_sandbox):
    app = open_app(read_only_sandbox, PAGE)
    assert app.segmented_control(key="decide").value == "Positive replies"
