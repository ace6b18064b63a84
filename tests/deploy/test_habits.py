"""What contributors start with names what is there: tasks, hooks, and the checks of the pipeline."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
TASKS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_every_task_says_what_it_does():
    text = (ROOT / "Makefile").read_text()
    assert {"setup", "run", "test", "browser", "lint", "fix"} <= TASKS
    for task in TASKS:
        assert re.search(rf"^{task}:  ## [A-Z].*\.$", text, re.MULTILINE), task


def test_the_pipeline_runs_the_oldest_and_newest_python_and_tasks_that_exist():
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "checks.yml").read_text())["jobs"]
    assert {"all", "mutation", "other-versions", "wheel-alone", "plain-and-zones", "other-machines"} == set(jobs)
    assert jobs["all"]["strategy"]["matrix"]["python"] == ["3.11", "3.13"]
    commands = [step.get("run", "") for job in jobs.values() for step in job["steps"]]
    assert {task for command in commands for task in re.findall(r"\bmake (\w+)", command)} <= TASKS
    assert any(".ci/run" in command for command in commands)
    assert all("timeout-minutes" in job for job in jobs.values())


def test_the_hooks_are_the_checks_of_the_task_lint():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    tools = {hook["entry"].split()[0].rpartition("/")[2] for hook in hooks}
    lint = re.search(r"^lint:.*?(?=\n\n)", (ROOT / "Makefile").read_text(), re.MULTILINE | re.DOTALL)[0]
    assert tools == set(re.findall(r"\$\(BIN\)/([a-z-]+)", lint))
