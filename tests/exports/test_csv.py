"""CSV: what spreadsheets and pandas read is what was there, and nothing in it runs."""

import io
import shutil
import subprocess
import zipfile
from datetime import UTC, datetime

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.exports.csv import defuse, to_csv
from dashboard.exports.formats import files

ODD = ["plain", 'comma, and "quotes"', "two\nlines", "emoji 🚀 é", "שלום", "a;b\tc", "<b>x</b>", "'quoted'", " x "]
FORMULAS = ["=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", " =1", "\r=cmd|' /C calc'!A0", "＝1+1", "'=1"]


def frame(texts):
    return pd.DataFrame(
        {
            "cadence": pd.array(texts, "string"),
            "change": pd.array([-5] * len(texts), "Int64"),
            "replies": pd.array([None] * len(texts), "Int64"),
            "rate": pd.array([0.1 + 0.2] * len(texts), "Float64"),
            "at": pd.to_datetime([datetime(2026, 11, 8, 22, 59, 59, 999000, tzinfo=UTC)] * len(texts)).tz_convert(
                "Europe/Berlin"
            ),
        }
    )


def read(content):
    return pd.read_csv(io.BytesIO(content), encoding="utf-8-sig", dtype={"cadence": "string"}, keep_default_na=False)


def test_odd_names_survive_pandas():
    assert read(to_csv(frame(ODD)))["cadence"].tolist()[:8] == [*ODD[:7], defuse(ODD[7])]


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_are_defused_in_texts_and_headers(text):
    cell = read(to_csv(frame([text])))["cadence"][0]
    assert cell == f"'{text}"
    header = to_csv(pd.DataFrame({text: [1]})).decode("utf-8-sig")
    assert header.lstrip('"').startswith("'")


def test_numbers_stay_numbers_and_empty_is_not_reported():
    content = to_csv(frame(["x"]))
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig").splitlines()[1] == "x,-5,,0.30000000000000004,2026-11-08T23:59:59.999+01:00"
    assert read(content)["change"][0] == -5


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=20), min_size=1, max_size=5)
)
def test_any_text_round_trips(texts):
    assert read(to_csv(frame(texts)))["cadence"].tolist() == [defuse(text) for text in texts]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_odd_names_survive_a_spreadsheet(tmp_path):
    texts = [*ODD[:7], *FORMULAS]
    (tmp_path / "odd.csv").write_bytes(to_csv(frame(texts)))
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx",
         "--infilter=CSV:44,34,76,1", "--outdir", str(tmp_path), str(tmp_path / "odd.csv")],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    sheet = openpyxl.load_workbook(tmp_path / "odd.xlsx").active
    rows = list(sheet.iter_rows(min_row=2))
    for row, text in zip(rows, texts, strict=True):
        cell = row[0]
        assert cell.data_type != "f"
        shown = str(cell.value)
        assert shown.lstrip("'").replace("\r", "\n") in {defuse(text).lstrip("'").replace("\r", "\n"), text.lstrip("'")}
        assert row[1].value == -5
        assert row[2].value is None


def test_a_zip_is_the_same_every_time(read_only_sandbox, make_client):
    from datetime import date  # noqa: PLC0415

    from dashboard.data.fetch.report_cache import ReportCache, list_cadences  # noqa: PLC0415
    from dashboard.data.windows import Window  # noqa: PLC0415
    from dashboard.exports import tables  # noqa: PLC0415

    client = make_client(read_only_sandbox)
    window = Window(date(2026, 10, 1), date(2026, 10, 31), "Europe/Berlin")
    reports = ReportCache(client).load(list_cadences(client), window)
    facts = {"account": "Sandbox", "base_url": client.base_url}
    files = tables.report_files(reports, **facts)
    content = tables.zipped(files)
    assert content == tables.zipped(tables.report_files(reports, **facts))
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert {name: archive.read(name) for name in archive.namelist()} == files
    assert set(files) == {
        "engagements.csv", "steps.csv", "options.csv", "funnel.csv", "sentiment.csv", "parameters.csv",
        "definitions.csv", "verdicts.csv", "same_copy.csv",
    }  # fmt: skip
    everything = b"".join(files.values())
    assert read_only_sandbox.api_key.encode() not in everything
    parameters = read(files["parameters.csv"]).set_index("parameter")["value"]
    assert parameters["first_day"] == "2026-10-01"
    assert parameters["last_instant"] == "2026-10-31T23:59:59.999+01:00"
    engagements = read(files["engagements.csv"])
    assert len(engagements) == len(read_only_sandbox.cadence_names)
    assert any(name.startswith("'=HYPERLINK") for name in engagements["cadence"])
    definitions = read(files["definitions.csv"])
    assert {"reply_rate", "opens_per_email"} <= set(definitions["metric"])


def test_a_zip_holds_the_tables_that_come_one_by_one(gathered, made_at):
    tables = files(gathered, ["csv"], made_at=made_at)
    (packed,) = files(gathered, ["zip"], made_at=made_at).values()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == tables
    assert b"https://api.klenty.com" in b"".join(tables.values())
