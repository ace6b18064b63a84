"""The page of a cadence: which one it shows, its ladder against Klenty's own numbers, and what a step opens to."""

import re
from itertools import accumulate
from urllib.parse import unquote

import pytest

from dashboard.analysis.metrics import format_percent
from dashboard.app_pages.session import step_cost
from klenty_api.sandbox import Sandbox

VP = "Outbound – VP Sales, North America"
FINISHED = "Q2 re-activation (finished)"


def cells(app):
    """The text after each mark of the ladder, and the titles of the marks."""
    texts = [markdown.value for markdown in app.markdown if markdown.value.startswith("![")]
    return [
        re.fullmatch(r'!\[([^\]]*)\]\(data:image/svg\+xml;base64,\S+ "([^"]*)"\) ?(.*)', text, re.DOTALL)
        for text in texts
    ]


def title(app):
    return app.title[0].value.replace("\\", "")


def test_every_mail_step_has_its_emails_its_rate_and_its_positives(open_app, read_only_sandbox, make_client):
    app = open_app(read_only_sandbox, "cadence", cadence=[VP])
    found = cells(app)
    assert all(found)
    window = app.session_state["view"].window
    with make_client(read_only_sandbox) as client:
        steps = client.engagements.stepwise(VP, window.first_instant, window.last_instant)
    mails = [step for step in steps if step.step_type == "email"]
    emails = [match[3] for match in found if match[1].endswith("emails sent")]
    rates = [match for match in found if match[1].startswith("Reply rate")]
    so_far = [match[3] for match in found if "positive replies so far" in match[1]]
    assert emails == [str(step.emails_sent) for step in mails]
    assert so_far == list(map(str, accumulate(step.positive_replies for step in mails)))
    for step, match in zip(mails, rates, strict=True):
        counts = f"{format_percent(step.replies / step.emails_sent)} ({step.replies} of {step.emails_sent} emails sent)"
        assert match[2].startswith(f"{counts}; 95 % interval")
        assert match[3].replace("\\", "").replace("\u202f", " ") == format_percent(step.replies / step.emails_sent)


def test_a_link_opens_a_cadence_that_is_not_among_the_chosen(open_app, read_only_sandbox, said):
    app = open_app(read_only_sandbox, "cadence", cadence=[VP], focus=FINISHED)
    assert title(app) == FINISHED
    assert "does not hold" not in said(app)
    assert app.selectbox(key="focus").options == [VP, FINISHED]  # not first, as the URL leaves out the first


def test_a_name_that_the_account_does_not_hold_is_said(open_app, read_only_sandbox, said):
    app = open_app(read_only_sandbox, "cadence", cadence=[VP], focus="No such *cadence*")
    assert title(app) == VP
    assert "“No such *cadence*”" in said(app)


def test_previous_and_next_walk_through_the_chosen_and_close_the_step(open_app, small_sandbox):
    app = open_app(small_sandbox, "cadence", step="1")
    names = app.selectbox(key="focus").options
    assert set(names) == set(small_sandbox.cadence_names)
    assert app.button(key="cadence_previous").disabled
    app.button(key="cadence_next").click().run()
    assert title(app) == names[1]
    app.button(key="cadence_next").click().run()
    assert title(app) == names[2]
    assert app.button(key="cadence_next").disabled
    assert not app.dataframe  # no step is open any more
    app.button(key="cadence_previous").click().run()
    assert title(app) == names[1]


@pytest.mark.parametrize("focus", [VP, FINISHED])
def test_coming_back_shows_the_same_cadence_until_others_are_chosen(open_app, read_only_sandbox, go, focus):
    others = ["Follow-up", "Inbound demo requests", VP]
    app = open_app(read_only_sandbox, "cadence", cadence=others, focus=focus)

    def leave():
        go(app, "ab_tests")
        for kept in (app.query_params, app.session_state):  # the browser lets both go where there is no such widget
            if "focus" in kept:
                del kept["focus"]

    assert title(app) == focus
    leave()
    assert title(go(app, "cadence")) == focus
    leave()
    app.multiselect(key="cadence").set_value(others[:2]).run()
    go(app, "cadence")
    assert title(app) == others[0]


def test_a_step_opens_to_its_copy_and_options_and_closes_again(open_app, read_only_sandbox, said):
    app = open_app(read_only_sandbox, "cadence", focus=VP)
    assert not app.dataframe
    app.button(key="open_step_1").click().run()
    assert not app.exception
    table = app.dataframe[0].value
    assert table["option"].tolist() == [1, 2]
    for subject in table["subject"]:
        assert f":** {subject}" in said(app)
    app.button(key="open_step_1").click().run()
    assert not app.dataframe


def test_a_step_without_options_opens_to_its_counts(open_app, read_only_sandbox, said):
    app = open_app(read_only_sandbox, "cadence", focus=VP, step="3")
    assert not app.exception
    assert "This step sends no emails" in said(app)


@pytest.mark.parametrize("step", ["99", "x", ""])
def test_a_step_that_is_not_there_opens_nothing(open_app, read_only_sandbox, step):
    app = open_app(read_only_sandbox, "cadence", focus=VP, step=step)
    assert not app.exception
    assert not app.dataframe


def test_the_table_has_all_steps_and_their_columns(open_app, read_only_sandbox):
    app = open_app(read_only_sandbox, "cadence", focus=VP)
    app.segmented_control(key="steps_as").set_value("Table").run()
    assert app.dataframe[0].value["step"].tolist() == [1, 2, 3, 4, 5, 6]


def test_the_mark_follows_the_setting(open_app, read_only_sandbox, said):
    app = open_app(read_only_sandbox, "cadence", focus=VP)
    marked = [line for line in said(app).splitlines() if "From here on" in line]
    assert len(marked) == 1
    step_cost.set_step_cost(100_000)
    app.run()
    assert "From here on" not in said(app)
    with pytest.raises(ValueError, match="between"):
        step_cost.set_step_cost(1)


def test_a_failing_cadence_says_so_under_its_name(open_app, said):
    with Sandbox(cadences=3) as sandbox:
        name = sandbox.cadence_names[0]
        sandbox.faults.add("refused_json", cadence=name)
        app = open_app(sandbox, "cadence", focus=name)
        assert title(app) == unquote(name)
        assert "This cadence did not load" in said(app)
