"""One piece of work at a time, in a thread that outlives the page: how far it is, how it ends, and that it ends."""

import threading

import pytest

from dashboard.data.job_runner import JobRunner


@pytest.fixture
def runner():
    return JobRunner("test")


def test_work_reports_how_far_it_is_and_its_result_stays(runner):
    reported, proceed = threading.Event(), threading.Event()

    def work(report, _stop):
        report(1, 4, "one")
        reported.set()
        assert proceed.wait(10)
        return "all of it"

    assert runner.start(work)
    assert reported.wait(10)
    now = runner.progress
    assert (now.running, now.done, now.total, now.doing) == (True, 1, 4, "one")
    assert not runner.start(work), "one at a time"
    assert not runner.wait(0)
    proceed.set()
    assert runner.wait(10)
    assert runner.result == "all of it"
    assert (runner.progress.running, runner.progress.done, runner.progress.failure) == (False, 1, "")


def test_a_cancelled_job_keeps_what_it_has_and_can_be_started_again(runner):
    runner.start(lambda _report, stop: stop.wait(10) and "half")
    runner.cancel()
    assert runner.wait(10)
    assert runner.cancelled
    assert runner.result == "half"
    runner.start(lambda _report, stop: stop.is_set())
    assert runner.wait(10)
    assert runner.result is False, "the next work is not stopped by the last one's cancel"
    assert not runner.cancelled


def test_a_failure_is_said_logged_and_costs_neither_the_last_result_nor_the_runner(runner, caplog):
    runner.start(lambda _report, _stop: "kept")
    runner.wait(10)
    runner.start(lambda _report, _stop: {}["sam@secret.io"])
    assert runner.wait(10)
    assert runner.progress.failure == "It ended with an error this dashboard does not know (KeyError); the log has it."
    assert "test failed" in caplog.text
    assert runner.result == "kept"
    assert runner.start(lambda _report, _stop: "again")
    assert runner.wait(10)
    assert (runner.result, runner.progress.failure) == ("again", "")
