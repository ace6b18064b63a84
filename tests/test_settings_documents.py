"""What the documents say about settings is what the code reads."""

from pathlib import Path

import pytest

from dashboard.settings import MailServer, Settings, _variables, settings_table

ROOT = Path(__file__).parent.parent
NAMES = [name for kind in (Settings, MailServer) for name in _variables(kind)]


def test_the_table_of_settings_is_current():
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert text.endswith(settings_table()), "python -m dashboard.settings prints the tables for docs/settings.md"


@pytest.mark.parametrize("name", NAMES)
def test_the_example_of_a_secrets_file_shows_every_setting(name):
    assert f"{name} = " in (ROOT / ".streamlit" / "secrets.toml.example").read_text("utf-8")
