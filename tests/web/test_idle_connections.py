"""A thousand connections that ask nothing, against a real server."""

import contextlib
import socket
import time

from dashboard.web.slow_clients import MOST_WAITING

IDLE = 1_000


def test_health_and_the_receiver_answer_while_a_thousand_ask_nothing(start_server, tmp_path):
    with start_server(tmp_path) as server:
        clients = []
        try:
            for number in range(IDLE):
                client = socket.create_connection(("127.0.0.1", server.port), timeout=30)
                clients.append(client)
                if number % 2:
                    with contextlib.suppress(ConnectionError):  # it was closed already, to make room
                        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Half: ")
            server.wait_for("/healthz")
            server.wait_for("/webhook/klenty/unknown", 405)
            closed = 0
            for _ in range(100):
                closed = sum(_is_closed(client) for client in clients)
                if closed >= IDLE - MOST_WAITING:
                    break
                time.sleep(0.1)
            assert closed >= IDLE - MOST_WAITING
        finally:
            for client in clients:
                client.close()
        server.wait_for("/readyz")
        log = server.log.read_text()
        assert "Traceback" not in log
        assert len(log) < 20_000


def _is_closed(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        return client.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
