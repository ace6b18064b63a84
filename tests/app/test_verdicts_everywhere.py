"""Verdicts on A/B tests are the same on the page and in every file, and agree with the sandbox's truth."""

import io

import pandas as pd
import pytest
from click.testing import CliRunner

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


@pytest.mark.parametrize("seed", [7, 1, 2])
def test_no_verdict_contradicts_the_truth_of_the_sandbox(seed):
    """Keep, drop or wait rightly: a winner is truly best, "no difference" is true, anything else says wait."""
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
