"""The whole app in-process, against a sandbox over HTTP as it would be against Klenty."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit.runtime.secrets import secrets_singleton
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import dashboard
from dashboard.app_pages.navigation import PLACES
from dashboard.app_pages.session import sign_in, trend_windows
from dashboard.data.fetch import daily_steps

TAB_KEYS = {place.file.removesuffix(".py"): place.key for place in PLACES}
TABS = {place.file.removesuffix(".py"): [tab.title for tab in place.tabs] for place in PLACES}
APP = Path(dashboard.__file__).with_name("app.py")


@pytest.fixture
def open_app(monkeypatch, tmp_path):
    """`open_app(sandbox, page=…, **query)` runs the app on that sandbox; settings of this machine are not seen."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KLENTY_TIMEZONE", "Europe/Berlin")
    for name in ("KLENTY_SANDBOX", "KLENTY_WORKERS"):
        monkeypatch.delenv(name, raising=False)
    # No check day by day begins by itself while a test looks at something else.
    monkeypatch.setattr(daily_steps, "MOST_CALLS_WITHOUT_ASKING", 0)
    sign_in._REQUIRED.clear()
    secrets_singleton._reset()  # Streamlit keeps what it read
    st.cache_resource.clear()
    st.cache_data.clear()

    def run(sandbox=None, page="overview", *, env=None, user=None, listens_on="127.0.0.1", **query) -> AppTest:
        monkeypatch.setattr(sign_in, "_listens_on", lambda: listens_on)
        settings = {}
        if sandbox is not None:
            settings = {
                "KLENTY_USER": sandbox.user, "KLENTY_API_KEY": sandbox.api_key, "KLENTY_BASE_URL": sandbox.base_url,
            }  # fmt: skip
        for name, value in (settings | (env or {})).items():
            monkeypatch.setenv(name, value)
        app = AppTest.from_file(str(APP), default_timeout=60)
        app.user = user if user is not None else app.user
        for name, value in query.items():
            app.query_params[name] = value
        _open_first(app, page)
        app.run()
        assert not app.exception, app.exception
        return app

    yield run
    st.cache_resource.clear()
    st.cache_data.clear()


def _open_first(app: AppTest, page: str) -> None:
    """Let the first run open `page`, as a link to it does. `switch_page` knows the pages only after a run."""
    file, _, tab = page.partition("/")
    if tab:
        app.session_state[TAB_KEYS[file]] = tab
    if file != "overview":
        app._page_hash = calc_hash(file.removesuffix("_page"))


def open_page(app: AppTest, page: str) -> AppTest:
    """Switch to `page`, the stem of its file; "explore/Compare" opens a tab of it."""
    file, _, tab = page.partition("/")
    if tab:
        app.session_state[TAB_KEYS[file]] = tab
    if not tab or app.get("tab") == [] or app.tabs[0].label not in TABS[file]:  # else it is open already
        app.switch_page(f"app_pages/{file}.py")
    return app.run()


@pytest.fixture
def go():
    return open_page


def texts(app: AppTest) -> str:
    """Everything a page says, in one string."""
    parts = [element.value for kind in ("title", "header", "markdown", "caption", "text") for element in app.get(kind)]
    parts += [
        f"{getattr(e.proto, 'title', '')} {e.value}" for kind in ("error", "warning", "info") for e in app.get(kind)
    ]
    parts += [f"{metric.label}: {metric.value}\n{metric.proto.help}" for metric in app.metric]
    text = "\n".join(str(part) for part in parts).replace("\\", "")
    return text.replace("\u2060", "").replace("\u202f", " ")


@pytest.fixture
def said():
    return texts


@pytest.fixture
def no_weeks(monkeypatch):
    """The Overview fetches no weekly windows in the background, so that requests can be counted."""
    monkeypatch.setattr(trend_windows, "MOST_CALLS_UNASKED", 0)


@pytest.fixture
def fillings(monkeypatch):
    """The fillings that pages begin, in order."""
    begun = []
    begin = trend_windows.TrendBackfill.begin

    def noted(self, *what):
        begun.append(self)
        begin(self, *what)

    monkeypatch.setattr(trend_windows.TrendBackfill, "begin", noted)
    return begun
