"""Links from before the pages were joined lead to where their contents are now."""

import asyncio

import pytest

from dashboard.app_pages.navigation import PLACES
from dashboard.web.old_addresses import MOVED, OldAddresses


def location(path, query="", method="GET"):
    """Return where a request is sent; None when the application gets it."""
    sent = []

    async def app(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": []}
    asyncio.run(OldAddresses(app)(scope, None, send))
    headers = dict(sent[0]["headers"])
    assert sent[0]["status"] == (307 if b"location" in headers else 200)
    return headers[b"location"].decode() if headers else None


@pytest.mark.parametrize("old", MOVED)
def test_an_old_address_leads_to_a_place_that_exists(old):
    page, _, query = location(f"/{old}").partition("?")
    place = next(place for place in PLACES if place.file.removesuffix(".py").removesuffix("_page") == page)
    if query:
        key, _, title = query.partition("=")
        assert key == place.key
        assert title.replace("+", " ") in {tab.title for tab in place.tabs}


def test_filters_and_the_path_of_the_public_address_stay():
    kept = "range=Last+7+days&cadence=A%20B"
    assert location("/klenty/compare", kept) == f"explore?explore=Compare&{kept}"
    assert location("/winners", kept) == f"ab_tests?{kept}"


@pytest.mark.parametrize("path", ["/", "/cadence", "/_stcore/health", "/webhook/klenty/data", "/media/data"])
def test_other_addresses_are_served(path):
    assert location(path) is None


def test_only_reading_is_redirected():
    assert location("/data", method="POST") is None
