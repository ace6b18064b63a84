"""Ten tabs are not ten times the load: equal requests under way are one request, counted at the server."""

import threading
from collections import Counter

import pytest

from dashboard.app_pages.session import connection


@pytest.fixture
def together():
    def run(*works):
        threads = [threading.Thread(target=work, daemon=True) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert not any(thread.is_alive() for thread in threads)

    return run


@pytest.mark.filterwarnings("ignore:.*ScriptRunContext.*")
def test_lists_that_many_sessions_want_at_once_are_asked_once(open_app, small_sandbox, together):
    open_app(small_sandbox)
    connection.listing_of.clear()
    connection._list_names.clear()
    small_sandbox.requests.clear()
    small_sandbox.faults.add("latency", seconds=0.1)
    listings, names = [], []
    together(
        *[lambda: listings.append(connection.listing())] * 10,
        *[lambda: names.append(connection._list_names(""))] * 10,
    )
    assert len({id(listing) for listing in listings}) == 1
    assert len(listings[0].cadences) == 3
    assert len(names) == 10
    assert Counter(request.operation for request in small_sandbox.requests) == {"list_cadences": 1, "list_lists": 1}


def test_all_sessions_wait_in_one_queue(open_app, small_sandbox):
    open_app(small_sandbox, env={"KLENTY_WORKERS": "3", "KLENTY_CALLS_PER_SECOND": "200"})
    first, second = connection.connect(), connection.connect()
    assert first.client.throttle is second.client.throttle
    assert first.client.workers == 3
    assert first.settings.calls_per_second == 200
