"""The page Bulk add: a file chosen, matched, checked, confirmed, sent, reported."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.actions import bulk_import
from dashboard.actions.batch_jobs import BULK
from dashboard.actions.context import ActionContext
from dashboard.actions.jobs import JOBS, SendJob
from dashboard.app_pages.action_forms import bulk_add
from dashboard.app_pages.action_forms.session import Choices
from klenty_api.sandbox import Sandbox

Writes = Callable[[], list[Any]]


def script(desk: object, choices: object) -> None:
    import streamlit as st  # noqa: PLC0415 - AppTest runs this function's source alone

    from dashboard.app_pages.action_forms import bulk_add, sidebar  # noqa: PLC0415

    st.session_state["person"] = desk.person
    with st.sidebar:
        sidebar.render_sidebar(desk, choices)
    bulk_add.render_bulk(desk, choices)


@pytest.fixture
def another_tab(desk: ActionContext, choices: Choices) -> Callable[[], AppTest]:
    return lambda: run(AppTest.from_function(script, args=(desk, choices), default_timeout=15))


@pytest.fixture
def page(another_tab: Callable[[], AppTest]) -> AppTest:
    return another_tab()


def run(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception
    return page


def upload(page: AppTest, text: str, name: str = "people.csv") -> AppTest:
    page.file_uploader[0].upload(name, text.encode())
    return run(page)


def words(page: AppTest) -> str:
    shown = [*page.markdown, *page.caption, *page.warning, *page.error, *page.info, *page.success]
    return "\n".join(str(element.value) for element in shown)


def confirm(page: AppTest) -> AppTest:
    page.button(key="actions.bulk.review").click()
    run(page)
    page.button(key="actions.bulk.send").click()
    return run(page)


def job_of(account: SimpleNamespace) -> SendJob:
    (job,) = JOBS.of(account.user, BULK)
    job.wait(15)
    return job


def test_a_file_is_matched_checked_shown_and_sent_once(
    page: AppTest, account: SimpleNamespace, sandbox: Sandbox, writes: Writes
) -> None:
    rows = "".join(f"page{n}@bulk.example;Ann;4{n % 9}\n" for n in range(120))
    upload(page, f"E-Mail;Given name;Shoe size\n{rows}nobody;N;1\n")
    assert [box.value for box in page.main.selectbox[1:4]] == ["email", "first_name", "Leave out"]
    assert "1 row will be left out: see why." in words(page)
    assert [metric.value for metric in page.metric] == ["121", "120", "1"]
    assert page.dataframe[0].value.to_dict("list") == {
        "row": [122],
        "column": ["E-Mail"],
        "problem": ["This is not an email address."],
    }
    page.main.selectbox[3].set_value("Custom field of this name")
    run(page)
    assert page.dataframe[1].value.iloc[0].to_dict() == {
        "Row": 2,
        "Email": "page0@bulk.example",
        "First name": "Ann",
        "Shoe size (custom)": "40",
    }
    page.button(key="actions.bulk.review").click()
    run(page)
    assert "Add **120 prospects** from `people.csv` in 2 calls." in words(page)
    assert '"page0@bulk.example"' in page.code[0].value
    assert writes() == []
    page.button(key="actions.bulk.send").click()
    run(page)
    job_of(account)
    for _ in range(3):
        run(page)
    assert [len(request.body) for request in writes()] == [100, 20]
    assert writes()[0].body[0] == {
        "Email": "page0@bulk.example",
        "FirstName": "Ann",
        "CustomFields": [{"key": "Shoe size", "value": "40"}],
    }
    report = page.dataframe[0].value
    assert report["result"].value_counts().to_dict() == {"Added": 120, "Left out": 1}
    assert report["row"].tolist() == list(range(2, 123))


def test_columns_can_be_matched_by_hand_and_must_be(page: AppTest) -> None:
    upload(page, "a,b\nhand@bulk.example,Ann\n")
    assert "No column is matched to Email" in words(page)
    page.main.selectbox[1].set_value("email")
    page.main.selectbox[2].set_value("email")
    run(page)
    assert "Two columns are matched to Email" in words(page)
    page.main.selectbox[2].set_value("first_name")
    run(page)
    assert [metric.value for metric in page.metric] == ["1", "1", "0"]


def test_defaults_for_all_rows_are_added(page: AppTest, account: SimpleNamespace, writes: Writes) -> None:
    upload(page, "Email,FirstName,Tags\ndefaults@bulk.example,Ann,own\n")
    for name, value in {"list": "leads", "owner": "av@klenty.com", "tags": "new"}.items():
        page.get_by_key(f"actions.bulk.{name}.0").set_value(value)
    run(page)
    confirm(page)
    job_of(account)
    (request,) = writes()
    assert request.body == [
        {
            "Email": "defaults@bulk.example",
            "FirstName": "Ann",
            "List": "leads",
            "Tags": "own|new",
            "Owner": "av@klenty.com",
        }
    ]


def test_a_wrong_default_owner_is_refused_at_its_field(choices: Choices, another_tab: Callable[[], AppTest]) -> None:
    choices.owners.append("me")  # AppTest cannot type into a selectbox, only choose
    page = another_tab()
    upload(page, "Email,FirstName\nowner@bulk.example,Ann\n")
    page.get_by_key("actions.bulk.owner.0").set_value("me")
    run(page)
    assert "not an email address" in words(page)
    assert not [button for button in page.button if button.key == "actions.bulk.review"]


def test_a_file_that_cannot_be_read_says_why(page: AppTest) -> None:
    upload(page, "Email,FirstName\n")
    assert "no rows below" in words(page)


def test_the_report_stays_until_another_import_is_started(
    page: AppTest, account: SimpleNamespace, sandbox: Sandbox, writes: Writes, another_tab: Callable[[], AppTest]
) -> None:
    upload(page, "Email,FirstName\nstays@bulk.example,Ann\n")
    sandbox.faults.add("reset", operation="bulk_create", times=1)
    confirm(page)
    job = job_of(account)
    run(page)
    assert "it is not known" in words(page)
    assert not page.file_uploader
    other_visit = another_tab()  # somebody else's browser: the action log is where they look, by role
    assert other_visit.file_uploader
    assert "stays@bulk.example" not in str(other_visit)
    page.button(key=f"actions.check.{job.id}").click()
    run(page)
    job_of(account)
    run(page)
    assert "it is not known" not in words(page)
    page.button(key=f"actions.bulk.again.{job.id}").click()
    run(page)
    assert page.file_uploader
    assert len(writes()) == 1


def test_the_template_can_be_uploaded_again(page: AppTest) -> None:
    upload(page, bulk_import.template().decode("utf-8-sig"))
    assert "template's example row" in str(page.dataframe[0].value["problem"].tolist())
    assert "No row can be sent" in words(page)


def test_a_second_click_on_send_starts_nothing(
    page: AppTest, desk: ActionContext, account: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, writes: Writes
) -> None:
    """A click that was queued while the first one was served runs the same dialog again."""
    upload(page, "Email,FirstName\ntwice@bulk.example,Ann\n")
    page.button(key="actions.bulk.review").click()
    run(page)
    asked = page.session_state["actions.bulk.asked"]
    page.button(key="actions.bulk.send").click()
    run(page)
    job_of(account)
    monkeypatch.setattr(bulk_add, "st", SimpleNamespace(session_state={}, rerun=lambda: None))
    bulk_add._start(desk, asked)
    assert len(JOBS.of(account.user, BULK)) == 1
    job_of(account)
    assert len(writes()) == 1
