"""Below a path the dashboard's own routes answer, and only those are moved."""

import asyncio

import pytest

from dashboard.web.path_prefix import PathPrefix


@pytest.fixture
def seen(monkeypatch, tmp_path):
    """`seen(path)` is the path that the application gets."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KLENTY_PUBLIC_URL", "https://company.com/klenty/")

    def ask(path, base="/dash/"):
        found = []

        async def app(scope, _receive, _send):
            found.append(scope["path"])

        asyncio.run(PathPrefix(app, lambda: base)({"type": "http", "path": path}, None, None))
        return found[0]

    return ask


@pytest.mark.parametrize(
    ("path", "moved"),
    [
        ("/klenty/webhook/klenty/secret", "/webhook/klenty/secret"),
        ("/klenty/readyz", "/readyz"),
        ("/dash/healthz", "/healthz"),
        ("/webhook/klenty/secret", "/webhook/klenty/secret"),
        ("/klenty/", "/klenty/"),
        ("/klenty/cadence", "/klenty/cadence"),
        ("/other/readyz", "/other/readyz"),
        ("/klentyx/readyz", "/klentyx/readyz"),
    ],
)
def test_own_routes_are_found_below_the_public_path(seen, path, moved):
    assert seen(path) == moved


def test_without_a_prefix_nothing_is_moved(seen, monkeypatch):
    monkeypatch.delenv("KLENTY_PUBLIC_URL")
    assert seen("/klenty/readyz", base="") == "/klenty/readyz"
