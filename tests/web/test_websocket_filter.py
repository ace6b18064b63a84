"""What can be asked over a page's connection by someone who speaks its protocol themselves, without any sign-in."""

import re

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from dashboard.web.file_gate import COOKIE
from dashboard.web.websocket_filter import NEEDED, NEEDED_OPERATIONS, is_needed
from klenty_api.sandbox import Sandbox

KINDS = [field.name for field in BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields]


def asking(kind: str) -> BackMsg:
    """A message of that kind, otherwise empty."""
    message = BackMsg()
    if BackMsg.DESCRIPTOR.fields_by_name[kind].message_type is None:
        setattr(message, kind, True)
    else:
        getattr(message, kind).SetInParent()
    return message


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_pages_need_passes(kind):
    assert is_needed(asking(kind).SerializeToString()) == (kind in NEEDED)
    # Of several in one message the last one counts, as it does for Streamlit.
    twice = asking("rerun_script").SerializeToString() + asking(kind).SerializeToString()
    assert is_needed(twice) == (kind in NEEDED)


def test_of_the_operations_without_a_run_two_pass():
    request = BackMsg.DESCRIPTOR.fields_by_name["backend_operation_request"].message_type
    names = [field.name for field in request.oneofs_by_name["payload"].fields]
    assert set(names) > NEEDED_OPERATIONS
    for name in names:
        message = BackMsg()
        getattr(message.backend_operation_request, name).SetInParent()
        assert is_needed(message.SerializeToString()) == (name in NEEDED_OPERATIONS)


def test_what_is_no_message_is_not_passed_on():
    assert not is_needed(b"\xff\xff")
    assert not is_needed(b"")


def run(connection) -> None:
    """Let the page run once, to its end."""
    connection.send(asking("rerun_script").SerializeToString())
    while ForwardMsg.FromString(connection.recv(timeout=30)).WhichOneof("type") != "script_finished":
        pass


def test_a_visitor_cannot_drop_what_all_share(start_server, tmp_path):
    with Sandbox(cadences=1) as sandbox:
        env = {"KLENTY_USER": sandbox.user, "KLENTY_API_KEY": sandbox.api_key, "KLENTY_BASE_URL": sandbox.base_url}
        with start_server(tmp_path, **env) as server:
            url = server.url.replace("http", "ws") + "/_stcore/stream"
            with connect(url, origin=server.url, subprotocols=["streamlit"], max_size=None) as connection:
                run(connection)
                asked = len(sandbox.requests)
                assert asked
                for kind in sorted(set(KINDS) - NEEDED):
                    connection.send(asking(kind).SerializeToString())
                run(connection)  # what was asked once is still there for everyone
                assert len(sandbox.requests) == asked
        assert "Traceback" not in server.log.read_text()


def test_garbage_ends_the_connection_in_silence_and_a_strange_origin_gets_none(start_server, tmp_path):
    with Sandbox(cadences=1) as sandbox:
        env = {"KLENTY_USER": sandbox.user, "KLENTY_API_KEY": sandbox.api_key, "KLENTY_BASE_URL": sandbox.base_url}
        with start_server(tmp_path, **env) as server:
            url = server.url.replace("http", "ws") + "/_stcore/stream"
            for garbage in ("text", b"\xff\xff", b"\x0a" * 100):
                with connect(url, origin=server.url, subprotocols=["streamlit"]) as connection:
                    connection.send(garbage)
                    with pytest.raises(ConnectionClosed):
                        connection.recv(timeout=30)
            for origin in ("http://localhost:3000", "https://evil.example"):
                with pytest.raises(InvalidStatus):
                    connect(url, origin=origin, subprotocols=["streamlit"])
        assert "Traceback" not in server.log.read_text()


def test_a_session_can_be_resumed_by_the_browser_that_opened_it(start_server, tmp_path):
    with Sandbox(cadences=1) as sandbox:
        env = {"KLENTY_USER": sandbox.user, "KLENTY_API_KEY": sandbox.api_key, "KLENTY_BASE_URL": sandbox.base_url}
        with start_server(tmp_path, **env) as server:
            url = server.url.replace("http", "ws") + "/_stcore/stream"

            def session(browser: str, resumed: str = "") -> str:
                protocols = ["streamlit", "token", resumed] if resumed else ["streamlit"]
                headers = {"Cookie": f"{COOKIE}={browser}"}
                with connect(
                    url, origin=server.url, subprotocols=protocols, additional_headers=headers, max_size=None
                ) as connection:
                    connection.send(asking("rerun_script").SerializeToString())
                    # Streamlit may first pass on what the resumed session still had to say.
                    while True:
                        message = ForwardMsg.FromString(connection.recv(timeout=30))
                        if message.WhichOneof("type") == "new_session":
                            return message.new_session.initialize.session_id

            first = session("mine")
            assert first
            assert session("mine", first) == first
            assert session("another", first) != first
            assert session("mine", first) == first


def test_values_that_cannot_be_read_are_a_line_of_the_log_and_stop_nobody_else(start_server, tmp_path):
    with Sandbox(cadences=1) as sandbox:
        env = {"KLENTY_USER": sandbox.user, "KLENTY_API_KEY": sandbox.api_key, "KLENTY_BASE_URL": sandbox.base_url}
        with start_server(tmp_path, **env) as server:
            url = server.url.replace("http", "ws") + "/_stcore/stream"

            def seen(crafted: BackMsg | None = None) -> str:
                with connect(url, origin=server.url, subprotocols=["streamlit"], max_size=None) as connection:
                    connection.send((crafted or asking("rerun_script")).SerializeToString())
                    parts = []
                    while True:
                        message = ForwardMsg.FromString(connection.recv(timeout=60))
                        if message.WhichOneof("type") == "script_finished":
                            return "".join(parts)
                        parts.append(str(message.delta))

            widgets = set(re.findall(r'id: "(\$\$ID[^"]+)"', seen()))
            assert len(widgets) > 3
            for widget in sorted(widgets):
                crafted = BackMsg()
                state = crafted.rerun_script.widget_states.widgets.add()
                state.id, state.json_value = widget, "{bad"
                assert "Something went wrong" not in seen(crafted)
        log = server.log.read_text()
        assert "a browser sent a value" in log
        assert "Traceback" not in log
