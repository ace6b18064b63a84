"""The HTTP side of the sandbox: the gate, faults and limits, and its own addresses."""

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Literal, Self
from urllib.parse import parse_qsl, urlsplit

from klenty_api.sandbox import catalogue, faults, routes
from klenty_api.sandbox.behaviour import Behaviour
from klenty_api.sandbox.limits import Limit
from klenty_api.sandbox.routes import Asked, Route
from klenty_api.sandbox.rules import RefusedError
from klenty_api.sandbox.simulation import Event
from klenty_api.sandbox.state import SandboxAccount

API_KEY = "sandbox-key"
_MOST_RECORDED = 20_000


@dataclass(frozen=True)
class Recorded:
    """A request as it arrived. The key is not kept, only whether it was right (`headers["x-API-key"]`)."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    operation: str
    at: float


class Sandbox:
    """A local Klenty on 127.0.0.1, with invented data that its own simulation explains.

        with Sandbox(seed=7) as sandbox:
            client = KlentyClient(sandbox.user, sandbox.api_key, base_url=sandbox.base_url)

    `today` is the last day of the simulation (default: the real one), `cadences` how many (default: the ordinary set).
    What no document says is in `behaviour`; `extras`, `end_day_included` and `unknown_cadence` are short for its
    fields. `limit` may be set at any time.
    """

    def __init__(
        self,
        *,
        seed: int = 7,
        today: date | None = None,
        port: int = 0,
        cadences: int | None = None,
        extras: bool | None = None,
        end_day_included: bool | None = None,
        unknown_cadence: Literal["nothing_found", "zeros", "refused", "missing"] | None = None,
        behaviour: Behaviour | None = None,
        limit: Limit | None = None,
    ) -> None:
        self.user = catalogue.SAM
        self.api_key = API_KEY
        given = {"extras": extras, "end_day_included": end_day_included, "unknown_cadence": unknown_cadence}
        changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        behaviour = replace(behaviour or Behaviour(), **changes)
        self.account = SandboxAccount(
            catalogue.plans(cadences, seed), seed, today or datetime.now(UTC).date(), behaviour
        )
        self.faults = faults.Faults(seed)
        self.limit = limit
        self.requests: deque[Recorded] = deque(maxlen=_MOST_RECORDED)
        self._port = port
        self._server: _Server | None = None

    @property
    def base_url(self) -> str:
        """Where it answers."""
        if self._server is None:
            raise RuntimeError("the sandbox is not started")
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def cadence_names(self) -> list[str]:
        """The names of its cadences; one occurs twice."""
        return [cadence.plan.name for cadence in self.account.cadences]

    @property
    def truth(self) -> dict[tuple[str, int, int], float]:
        """The true reply rate per (cadence, step, option)."""
        return {
            (cadence.plan.name, number, index): option.reply
            for cadence in self.account.cadences
            for number, step in enumerate(cadence.plan.steps, start=1)
            for index, option in enumerate(step.options, start=1)
        }

    def events(self, cadence: str) -> list[Event]:
        """Return everything that happened in a cadence, for counting it again independently."""
        found = self.account.find_cadence(cadence)
        return list(found.events) if found else []

    def start(self) -> Self:
        """Answer in the background from now on."""
        self._server = _Server(("127.0.0.1", self._port), _Handler)
        self._server.sandbox = self
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="sandbox", daemon=True).start()
        return self

    def stop(self) -> None:
        """Answer no more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    allow_reuse_address = True
    sandbox: Sandbox

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass over a client that leaves."""


def serve(
    *,
    port: int = 8600,
    seed: int = 7,
    today: date | None = None,
    cadences: int | None = None,
    latency: float = 0.0,
    faults: Iterable[str] = (),
    limit: str | None = None,
) -> None:
    """Answer until interrupted; says once where, for whom and with which key.

    Args:
        port: 0 for a free one.
        seed: of the simulation.
        today: its last day.
        cadences: how many.
        latency: in seconds.
        faults: as on the command line.
        limit: as on the command line.
    """
    sandbox = Sandbox(
        seed=seed, today=today, port=port, cadences=cadences, limit=Limit.from_text(limit) if limit else None
    )
    if latency:
        sandbox.faults.add("latency", seconds=latency)
    for text in faults:
        sandbox.faults.add_text(text)
    with sandbox:
        lines = [
            f"Sandbox at {sandbox.base_url}",
            f"  KLENTY_BASE_URL={sandbox.base_url} KLENTY_USER={sandbox.user} KLENTY_API_KEY={sandbox.api_key}",
            f"  help and faults: {sandbox.base_url}/sandbox",
        ]
        print("\n".join(lines), flush=True)  # noqa: T201  # the command's own words
        threading.Event().wait()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server
    server_version = "KlentySandbox"
    sys_version = ""

    def log_message(self, *_: Any) -> None:
        """Print nothing."""

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_DELETE(self) -> None:
        self._answer("DELETE")

    def _answer(self, method: str) -> None:
        parts = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if parts.path.startswith("/sandbox"):
            self._control(method, parts.path, raw)
            return
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = None
        route = routes.find(method, parts.path, query, body)
        name = route.operation if route else "unknown"
        self._record(method, parts.path, query, body, name)
        cadence = body.get("cadenceName") if isinstance(body, dict) else None
        met = self.server.sandbox.faults.for_call(name, cadence if isinstance(cadence, str) else None)
        limit = self.server.sandbox.limit
        refusal = limit.enter() if limit else None
        if limit and refusal is not None:
            if not limit.late or not self._fails_before(met):
                self._send(429, _TOO_MANY, headers=refusal)
            return
        try:
            done = self._prepare(route, query, body, met)
        finally:
            # Before the answer goes out: its receiver may send the next call at once.
            if limit:
                limit.leave()
        if done is not None:
            self._deliver(*done, met)

    def _prepare(
        self, route: Route | None, query: dict[str, str], body: Any, met: list[faults.Fault]
    ) -> tuple[int, bytes] | None:
        """Return status and body of the answer; None when something else was sent instead."""
        if self._fails_before(met):
            return None
        if route is None:
            self._send(404, b"<html><title>404</title>Cannot find it</html>", kind="text/html")
            return None
        status, answer = self._carry_out(route, Asked(route.user, query, body, route.parts))
        try:
            return status, json.dumps(answer, ensure_ascii=False).encode()
        except UnicodeEncodeError:  # half an emoji in a name: only its escape can be sent
            return status, json.dumps(answer).encode()

    def _carry_out(self, route: Route, asked: Asked) -> tuple[int, Any]:
        """Pass the gate and do it: HTTP status and answer."""
        sandbox = self.server.sandbox
        if self.headers.get("x-API-key") != sandbox.api_key:
            return 401, {"status": False, "reason": "invalidAPIKey", "message": "Invalid API key"}
        if asked.user not in sandbox.account.users:
            return 403, {"status": False, "message": f"Invalid user: {asked.user}"}
        is_json = (self.headers.get("Content-Type") or "").split(";")[0].strip() == "application/json"
        if self.command == "POST" and (not is_json or asked.body is None):
            return 400, routes.refusal_answer(route.operation, RefusedError("K1000", "a JSON body is required"))
        try:
            with sandbox.account.lock:
                return 200, route.do(sandbox.account, asked)
        except RefusedError as refusal:
            return refusal.status, routes.refusal_answer(route.operation, refusal)

    def _record(self, method: str, path: str, query: dict[str, str], body: Any, name: str) -> None:
        sandbox = self.server.sandbox
        headers = {key: value for key, value in self.headers.items() if key.lower() != "x-api-key"}
        key = self.headers.get("x-API-key")
        headers["x-API-key"] = "right" if key == sandbox.api_key else "wrong" if key else "missing"
        sandbox.requests.append(Recorded(method, path, query, headers, body, name, time.time()))

    def _fails_before(self, met: list[faults.Fault]) -> bool:
        """Return whether a fault was sent instead of the answer; nothing is done then."""
        for fault in met:
            options = fault.options
            if fault.kind == "latency":
                time.sleep(float(options.get("seconds", 1.0)))
            elif fault.kind == "reset" and not options.get("after_processing"):
                self._break()
                return True
            elif fault.kind in _INSTEAD:
                status, body, kind, headers = _INSTEAD[fault.kind](options)
                self._send(status, body, kind=kind, headers=headers)
                return True
        return False

    def _deliver(self, status: int, body: bytes, met: list[faults.Fault]) -> None:
        """Send the answer, unless a fault spoils it on its way; what was asked is done by then."""
        kinds = {fault.kind: fault.options for fault in met}
        if "reset" in kinds:
            self._break()
        elif "cut_json" in kinds:
            self._send(status, body[: len(body) // 2], length=len(body))
            self.close_connection = True
        elif "slow_body" in kinds:
            head = self._head(status, "application/json", len(body), {})
            faults.drip(self.connection, head, body, float(kinds["slow_body"].get("seconds", 5.0)))
        else:
            self._send(status, body)

    def _break(self) -> None:
        self.close_connection = True
        faults.reset(self.connection)

    def _send(
        self,
        status: int,
        body: bytes,
        *,
        kind: str = "application/json",
        headers: dict[str, str] | None = None,
        length: int | None = None,
    ) -> None:
        """Send head and body in one write, so that neither waits for the other's acknowledgement."""
        head = self._head(status, kind, len(body) if length is None else length, headers or {})
        self.wfile.write(head + body)

    def _head(self, status: int, kind: str, length: int, headers: dict[str, str]) -> bytes:
        said = self.responses.get(status, ("Unknown",))[0]
        lines = [f"HTTP/1.1 {status} {said}", f"Content-Type: {kind}; charset=utf-8", f"Content-Length: {length}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode()

    def _control(self, method: str, path: str, raw: bytes) -> None:
        """Answer the sandbox's own addresses: help, faults, what was asked."""
        sandbox = self.server.sandbox
        if path == "/sandbox/faults":
            try:
                self._change_faults(method, raw)
            except (ValueError, TypeError) as error:
                self._send(400, json.dumps({"error": str(error)}).encode())
                return
            self._send(200, json.dumps(sandbox.faults.as_json()).encode())
        elif path == "/sandbox/limit":
            try:
                self._change_limit(method, raw)
            except (ValueError, TypeError) as error:
                self._send(400, json.dumps({"error": str(error)}).encode())
                return
            self._send(200, json.dumps(sandbox.limit.as_json() if sandbox.limit else None).encode())
        elif path == "/sandbox/requests" and method == "GET":
            recent = [vars(known) for known in list(sandbox.requests)[-200:]]
            self._send(200, json.dumps(recent, ensure_ascii=False).encode())
        elif path == "/sandbox" and method == "GET":
            self._send(200, _help(sandbox).encode(), kind="text/plain")
        else:
            self._send(404, b"{}")

    def _change_faults(self, method: str, raw: bytes) -> None:
        known = self.server.sandbox.faults
        if method == "DELETE":
            known.clear()
        elif method == "POST":
            wanted = json.loads(raw or b"{}")
            known.add(**wanted)

    def _change_limit(self, method: str, raw: bytes) -> None:
        if method == "DELETE":
            self.server.sandbox.limit = None
        elif method == "POST":
            self.server.sandbox.limit = Limit(**json.loads(raw or b"{}"))

    timeout: ClassVar[float] = 300


_Instead = tuple[int, bytes, str, dict[str, str]]
_PAGE = b"<!DOCTYPE html><html><head><title>Attention Required!</title></head><body>Blocked</body></html>"
_TOO_MANY = b'{"message": "Too many requests"}'
_INSTEAD: dict[str, Callable[[dict[str, Any]], _Instead]] = {
    "rate_limited": lambda options: (
        429, _TOO_MANY, "application/json",
        {"Retry-After": str(options.get("retry_after", 1))},
    ),
    "server_error": lambda options: (
        int(options.get("status", 500)), b'{"message": "Internal server error"}', "application/json", {}
    ),
    "html": lambda options: (int(options.get("status", 200)), _PAGE, "text/html", {}),
    "wrong_key": lambda _: (401, b'{"status": false, "reason": "invalidAPIKey"}', "application/json", {}),
    "refused_json": lambda _: (
        200, b'{"status": false, "errors": [{"code": "K5000", "errorMessage": "something went wrong"}]}',
        "application/json", {},
    ),
    "missing": lambda _: (
        404, b'{"status": false, "errors": [{"code": "K4004", "errorMessage": "not found"}]}', "application/json", {}
    ),
    "redirect": lambda _: (302, b"", "text/html", {"Location": "https://elsewhere.example/"}),
}  # fmt: skip


def _help(sandbox: Sandbox) -> str:
    names = "\n".join(f"  {name}" for name in sandbox.cadence_names)
    return f"""A local Klenty with invented data. Nobody is mailed.

user   {sandbox.user}
key    {sandbox.api_key}

curl -H 'x-API-key: {sandbox.api_key}' {sandbox.base_url}/apis/v1/user/{sandbox.user}/cadences

Faults ({", ".join(faults.KINDS)}), for all calls or for one operation or cadence:

curl {sandbox.base_url}/sandbox/faults -d '{{"kind": "server_error", "cadence": "Partner referrals"}}'
curl {sandbox.base_url}/sandbox/faults -d '{{"kind": "latency", "seconds": 2}}'
curl -X DELETE {sandbox.base_url}/sandbox/faults
curl {sandbox.base_url}/sandbox/requests

A limit (token: calls a second; window: calls in any second; in_flight: calls at once), and what it refused:

curl {sandbox.base_url}/sandbox/limit -d '{{"kind": "token", "number": 20}}'
curl {sandbox.base_url}/sandbox/limit
curl -X DELETE {sandbox.base_url}/sandbox/limit

Cadences:
{names}
"""
