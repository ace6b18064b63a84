"""The HTTP side of the sandbox: routes, what they demand, and faults."""

import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from klenty_api.sandbox import answers, catalogue, faults, rules
from klenty_api.sandbox.rules import RefusedError
from klenty_api.sandbox.simulation import Event
from klenty_api.sandbox.state import Account, Cadence, Prospect

API_KEY = "sandbox-key"
OK: dict[str, Any] = {"status": True}
_SECOND_SHAPE = {"stop_cadence", "stop_all_cadences", "resume_cadence"}
_MOST_RECORDED = 20_000


@dataclass(frozen=True)
class Recorded:
    """A request as it came. The key is not kept, only whether it was right (`headers["x-API-key"]`)."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    operation: str
    at: float


@dataclass(frozen=True)
class Asked:
    """A request that passed the gate: whose, and with what."""

    user: str
    query: dict[str, str]
    body: Any
    parts: tuple[str, ...]


Handler = Callable[["Sandbox", Asked], Any]


class Sandbox:
    """A local Klenty on 127.0.0.1, with invented data that its own simulation explains.

        with Sandbox(seed=7) as sandbox:
            client = KlentyClient(sandbox.user, sandbox.api_key, base_url=sandbox.base_url)

    `today` is the last day of the simulation (default: the real one), `cadences` how many (default: the ordinary set),
    `extras` whether undocumented fields come, `end_day_included` how an end date without a time is read, and
    `unknown_cadence` what a wrong name answers: “nothing_found” or “zeros”.
    """

    def __init__(
        self,
        *,
        seed: int = 7,
        today: date | None = None,
        port: int = 0,
        cadences: int | None = None,
        extras: bool = True,
        end_day_included: bool = True,
        unknown_cadence: str = "nothing_found",
    ) -> None:
        self.user = catalogue.SAM
        self.api_key = API_KEY
        self.extras = extras
        self.end_day_included = end_day_included
        self.unknown_cadence = unknown_cadence
        self.account = Account(catalogue.plans(cadences, seed), seed, today or datetime.now(UTC).date())
        self.faults = faults.Faults(seed)
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
        """Everything that happened in a cadence, for counting it again independently."""
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
        """A client that leaves is no error here."""


def serve(
    *,
    port: int = 8600,
    seed: int = 7,
    today: date | None = None,
    cadences: int | None = None,
    latency: float = 0.0,
    faults: Iterable[str] = (),
) -> None:
    """Answer until interrupted; says once where, for whom and with which key."""
    sandbox = Sandbox(seed=seed, today=today, port=port, cadences=cadences)
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


def _cadence(sandbox: Sandbox, name: str) -> Cadence:
    found = sandbox.account.find_cadence(name)
    if found is None:
        raise RefusedError("K2003", "cadence not found")
    return found


def _prospect(sandbox: Sandbox, email: str) -> Prospect:
    found = sandbox.account.find_prospect(email)
    if found is None:
        raise RefusedError("K2003", "prospect not found")
    return found


def _report_window(sandbox: Sandbox, asked: Asked) -> tuple[Cadence | None, datetime, datetime]:
    names = {"startDate": str, "endDate": str, "cadenceName": str}
    body = rules.body_object(asked.body, names)
    start, end = rules.window(body, end_included=sandbox.end_day_included)
    cadence = sandbox.account.find_cadence(body["cadenceName"])
    if cadence is None and sandbox.unknown_cadence == "nothing_found":
        raise RefusedError("K2003", "no data found")
    return cadence, start, min(end, sandbox.account.now())


def _engagements(sandbox: Sandbox, asked: Asked) -> Any:
    cadence, start, end = _report_window(sandbox, asked)
    if cadence is None:
        return dict.fromkeys(_ZERO, 0)
    return answers.engagements(cadence, start, end, sandbox.account.now(), extras=sandbox.extras)


_ZERO = (
    "prospectsAdded", "inCadenceCount", "prospectsCompleted", "openCount", "linkCount", "replyCount",
    "unsubscribeCount", "bounceCount", "positiveCount", "negativeCount",
)  # fmt: skip


def _stepwise(sandbox: Sandbox, asked: Asked) -> Any:
    cadence, start, end = _report_window(sandbox, asked)
    return [] if cadence is None else answers.steps(cadence, start, end)


def _post_prospects(sandbox: Sandbox, asked: Asked) -> Any:
    if isinstance(asked.body, list):
        return _bulk(sandbox, asked)
    fields = rules.prospect_fields(asked.body, rules.CREATE_FIELDS, needs_email=True)
    prospect, _ = sandbox.account.create(fields, asked.user)
    return OK | ({"details": answers.created(prospect)} if sandbox.extras else {})


def _bulk(sandbox: Sandbox, asked: Asked) -> Any:
    if not 1 <= len(asked.body) <= rules.BULK_LIMIT:
        raise RefusedError("K1007", f"1 to {rules.BULK_LIMIT} prospects at once")
    rows = [rules.prospect_fields(row, rules.BULK_FIELDS, needs_email=True) for row in asked.body]
    details = []
    for row in rows:
        prospect, is_new = sandbox.account.create(row, asked.user)
        said = "prospect added successfully" if is_new else "prospect already exists in Klenty"
        details.append({"prospect": prospect.email, "status": said})
    return OK | {"details": details}


def _update(sandbox: Sandbox, asked: Asked) -> Any:
    fields = rules.prospect_fields(asked.body, rules.UPDATE_FIELDS, needs_email=False)
    if "Outcome" in fields and fields["Outcome"] not in catalogue.OUTCOMES:
        raise RefusedError("K1008", "unknown outcome")
    sandbox.account.change(_prospect(sandbox, asked.parts[0]), fields)
    return OK


def _remove_tags(sandbox: Sandbox, asked: Asked) -> Any:
    body = rules.body_object(asked.body, {"tag": list})
    if not all(isinstance(tag, str) for tag in body["tag"]):
        raise RefusedError("K1004", "tag must be a list of strings")
    prospect = _prospect(sandbox, asked.parts[0])
    prospect.tags = [tag for tag in prospect.tags if tag not in body["tag"]]
    return OK


def _same_email(sandbox: Sandbox, asked: Asked) -> Prospect:
    """The prospect of the path; the body has to name the same address."""
    body = rules.body_object(asked.body, {"Email": str})
    if rules.email(body["Email"]).lower() != asked.parts[0].lower():
        raise RefusedError("K1009", "Email differs from the address in the path")
    return _prospect(sandbox, asked.parts[0])


def _unsubscribe(sandbox: Sandbox, asked: Asked) -> Any:
    prospect = _same_email(sandbox, asked)
    sandbox.account.leave(prospect, "Unsubscribed")
    prospect.status = "Unsubscribed"
    return OK


def _do_not_contact(sandbox: Sandbox, asked: Asked) -> Any:
    prospect = _same_email(sandbox, asked)
    sandbox.account.leave(prospect, "Manually stopped")
    prospect.status = "DoNotContact"
    return OK


def _revert(sandbox: Sandbox, asked: Asked) -> Any:
    prospect = _same_email(sandbox, asked)
    if prospect.status != "DoNotContact":
        raise RefusedError("K1010", "the prospect is not DoNotContact")
    prospect.status = "Manually Stopped" if prospect.was_contacted else "Not Contacted"
    return OK


def _stop_mails(sandbox: Sandbox, asked: Asked) -> Any:
    prospect = _same_email(sandbox, asked)
    prospect.mails_stopped = True
    sandbox.account.leave(prospect, "Manually stopped")
    return OK


def _start(sandbox: Sandbox, asked: Asked) -> Any:
    body = rules.body_object(asked.body, {"Email": str, "cadenceName": str})
    prospect, cadence = _prospect(sandbox, rules.email(body["Email"])), _cadence(sandbox, body["cadenceName"])
    if prospect.status in {"Unsubscribed", "DoNotContact"}:
        raise RefusedError("K1011", f"the prospect is {prospect.status}")
    if prospect.cadences.get(cadence.plan.name) == "In Cadence":
        raise RefusedError("K1012", "the prospect is already in this cadence")
    sandbox.account.start(prospect, cadence)
    return OK


def _stop(sandbox: Sandbox, asked: Asked) -> Any:
    body = rules.body_object(asked.body, {"Email": str}, frozenset({"Email", "cadenceName"}))
    name = body.get("cadenceName")
    if name is not None and (not isinstance(name, str) or not name):
        raise RefusedError("K1004", "cadenceName must be a string")
    prospect = _prospect(sandbox, rules.email(body["Email"]))
    if name is not None:
        _cadence(sandbox, name)
    if not sandbox.account.leave(prospect, "Manually stopped", name):
        raise RefusedError("K1013", "the prospect is not in this cadence")
    return OK


def _resume(sandbox: Sandbox, asked: Asked) -> Any:
    body = rules.body_object(asked.body, {"Email": str})
    if not sandbox.account.resume(_prospect(sandbox, rules.email(body["Email"]))):
        raise RefusedError("K1014", "no paused cadence")
    return OK


def _add_webhook(sandbox: Sandbox, asked: Asked) -> Any:
    body = rules.body_object(asked.body, {"subscription_url": str, "event": str})
    rules.event(body["event"], rules.EVENTS)
    known = {"_id": sandbox.account.new_id(), "url": body["subscription_url"], "event": body["event"].lower()}
    sandbox.account.webhooks[known["_id"]] = known
    extras = {"isSecured": False, "newWebhook": True, "token": ""} if sandbox.extras else {}
    return known | extras


def _update_webhook(sandbox: Sandbox, asked: Asked) -> Any:
    body = rules.body_object(asked.body, {"_id": str, "subscription_url": str, "event": str})
    rules.event(body["event"], rules.UPDATE_EVENTS)
    known = sandbox.account.webhooks.get(body["_id"])
    if known is None:
        raise RefusedError("K2003", "webhook not found")
    known |= {"url": body["subscription_url"], "event": body["event"].lower()}
    return OK


def _delete_webhook(sandbox: Sandbox, asked: Asked) -> Any:
    body = rules.body_object(asked.body, {"webhookId": str})
    if sandbox.account.webhooks.pop(body["webhookId"], None) is None:
        raise RefusedError("K2003", "webhook not found")
    return OK


def _list_cadences(sandbox: Sandbox, asked: Asked) -> Any:
    owner = asked.query.get("username")
    return [answers.cadence(known) for known in sandbox.account.cadences if owner in {None, known.plan.owner}]


def _list_lists(sandbox: Sandbox, _asked: Asked) -> Any:
    return [{"id": identity, "name": name} for name, identity in sandbox.account.lists.items()]


def _get_prospects(sandbox: Sandbox, asked: Asked) -> Any:
    query = asked.query
    if "Email" in query:
        found = sandbox.account.find_prospect(query["Email"])
        if found is None:
            raise RefusedError("K2003", "prospect not found")
        return [answers.prospect(found)]
    everyone = sandbox.account.prospects.values()
    if "listName" in query:
        found_ones = [p for p in everyone if p.list == query["listName"]]
    else:
        prefix, attribute = ("lastUpdated", "updated") if "lastUpdatedStartDate" in query else ("", "created")
        keys = (f"{prefix}StartDate", f"{prefix}EndDate") if prefix else ("startDate", "endDate")
        if not all(key in query for key in keys):
            raise RefusedError("K1002", "search by Email, listName or dates")
        first, last = (rules.slashed_day(query[key]) for key in keys)
        found_ones = [p for p in everyone if first <= getattr(p, attribute).date() <= last]
    start, limit = int(query.get("start", 1)), min(int(query.get("limit", 50)), 1000)
    return [answers.prospect(p) for p in found_ones[max(start, 1) - 1 :][:limit]]


def _status(sandbox: Sandbox, asked: Asked) -> Any:
    return answers.status(_prospect(sandbox, asked.parts[0]))


def _list_webhooks(sandbox: Sandbox, _asked: Asked) -> Any:
    return list(sandbox.account.webhooks.values())


def _list_calls(sandbox: Sandbox, asked: Asked) -> Any:
    first, last = (rules.slashed_day(asked.query.get(key, "")) for key in ("startDate", "endDate"))
    if (last - first).days > 29 or last < first:
        raise RefusedError("K2002", "at most 29 days")
    now = sandbox.account.now()
    calls = [
        {"id": f"{cadence.id}-{number}", "cadenceName": cadence.plan.name, "email": event.prospect,
         "completedAt": answers.iso(event.at)}
        for cadence in sandbox.account.cadences
        for number, event in enumerate(cadence.events)
        if event.kind == "call_done" and first <= event.at.date() < last and event.at <= now
    ]  # fmt: skip
    page = int(asked.query.get("page", 1))
    size = 100
    # A call at a page's end is told again on the next page, as was seen live.
    some = calls[max(0, (page - 1) * size - 1) : page * size]
    return OK | {"data": {"callData": some, "hasMore": page * size < len(calls)}}


_ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("POST", "emailEngagements", "email_engagements", _engagements),
    ("POST", "stepWiseEngagements", "stepwise_engagements", _stepwise),
    ("POST", "prospects", "create_prospect", _post_prospects),
    ("POST", "prospects/*", "update_prospect", _update),
    ("POST", "prospects/*/removeTags", "remove_tags", _remove_tags),
    ("POST", "prospects/*/unsubscribe", "unsubscribe", _unsubscribe),
    ("POST", "prospects/*/changeStatusToDoNotContact", "do_not_contact", _do_not_contact),
    ("POST", "prospects/*/revertStatusToDoNotContact", "revert_do_not_contact", _revert),
    ("POST", "prospects/*/stop", "stop_mails", _stop_mails),
    ("POST", "startcadence", "start_cadence", _start),
    ("POST", "stopcadence", "stop_cadence", _stop),
    ("POST", "cadences/resume", "resume_cadence", _resume),
    ("POST", "zapier/hooks", "add_webhook", _add_webhook),
    ("POST", "webhook/update", "update_webhook", _update_webhook),
    ("POST", "webhook/delete", "delete_webhook", _delete_webhook),
    ("GET", "cadences", "list_cadences", _list_cadences),
    ("GET", "lists", "list_lists", _list_lists),
    ("GET", "prospects", "search_prospects", _get_prospects),
    ("GET", "prospects/*/status", "prospect_status", _status),
    ("GET", "webhook/getall", "list_webhooks", _list_webhooks),
    ("GET", "calls", "list_calls", _list_calls),
)
_PATTERNS = [
    (method, re.compile("/".join("([^/]+)" if part == "*" else re.escape(part) for part in path.split("/"))), name, do)
    for method, path, name, do in _ROUTES
]
_USER_PATH = re.compile(r"/apis/v1/user/([^/]+)/(.+)")


def _operation(name: str, query: dict[str, str], body: Any) -> str:
    """Which of the operations that share an address this is."""
    if name == "stop_cadence" and isinstance(body, dict) and "cadenceName" not in body:
        return "stop_all_cadences"
    if name == "search_prospects" and "Email" in query:
        return "get_prospect"
    if name == "create_prospect":
        if isinstance(body, list):
            return "bulk_create"
        more = set(body) - {"Email", "FirstName"} if isinstance(body, dict) else set()
        special = {"List": "add_to_list", "Tags": "add_tags", "CustomFields": "add_custom_fields"}
        if len(more) == 1:
            return special.get(more.pop(), name)
    return name


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server
    server_version = "KlentySandbox"
    sys_version = ""

    def log_message(self, *_: Any) -> None:
        """Nothing is printed per request."""

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
        known = _USER_PATH.fullmatch(parts.path)
        found = next(
            (
                (name, do, match.groups())
                for how, pattern, name, do in _PATTERNS
                if known and how == method and (match := pattern.fullmatch(known[2]))
            ),
            None,
        )
        name = _operation(found[0], query, body) if found else "unknown"
        self._record(method, parts.path, query, body, name)
        cadence = body.get("cadenceName") if isinstance(body, dict) else None
        met = self.server.sandbox.faults.for_call(name, cadence if isinstance(cadence, str) else None)
        if self._fails_before(met):
            return
        if found is None or known is None:
            self._send(404, b"<html><title>404</title>Cannot find it</html>", kind="text/html")
            return
        asked = Asked(unquote(known[1]), query, body, tuple(unquote(part) for part in found[2]))
        status, answer = self._carry_out(name, found[1], asked, raw)
        self._deliver(status, json.dumps(answer, ensure_ascii=False).encode(), met)

    def _carry_out(self, name: str, do: Handler, asked: Asked, raw: bytes) -> tuple[int, Any]:
        """Pass the gate and do it: HTTP status and answer."""
        sandbox = self.server.sandbox
        if self.headers.get("x-API-key") != sandbox.api_key:
            return 401, {"status": False, "reason": "invalidAPIKey", "message": "Invalid API key"}
        if asked.user not in sandbox.account.users:
            return 403, {"status": False, "message": f"Invalid user: {asked.user}"}
        is_json = (self.headers.get("Content-Type") or "").split(";")[0].strip() == "application/json"
        try:
            if self.command == "POST" and (not is_json or asked.body is None or not raw):
                raise RefusedError("K1000", "a JSON body is required", 400)
            with sandbox.account.lock:
                return 200, do(sandbox, asked)
        except RefusedError as refusal:
            return refusal.status, _refusal(name, refusal)

    def _record(self, method: str, path: str, query: dict[str, str], body: Any, name: str) -> None:
        sandbox = self.server.sandbox
        headers = {key: value for key, value in self.headers.items() if key.lower() != "x-api-key"}
        key = self.headers.get("x-API-key")
        headers["x-API-key"] = "right" if key == sandbox.api_key else "wrong" if key else "missing"
        sandbox.requests.append(Recorded(method, path, query, headers, body, name, time.time()))

    def _fails_before(self, met: list[faults.Fault]) -> bool:
        """Faults that come instead of the answer; nothing is done then."""
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
        """The answer, unless a fault spoils it on its way; what was asked is done by then."""
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
        """One write for head and body, so that neither waits for the other's acknowledgement."""
        head = self._head(status, kind, len(body) if length is None else length, headers or {})
        self.wfile.write(head + body)

    def _head(self, status: int, kind: str, length: int, headers: dict[str, str]) -> bytes:
        said = self.responses.get(status, ("Unknown",))[0]
        lines = [f"HTTP/1.1 {status} {said}", f"Content-Type: {kind}; charset=utf-8", f"Content-Length: {length}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode()

    def _control(self, method: str, path: str, raw: bytes) -> None:
        """The sandbox's own addresses: help, faults, what was asked."""
        sandbox = self.server.sandbox
        if path == "/sandbox/faults":
            try:
                self._change_faults(method, raw)
            except (ValueError, TypeError) as error:
                self._send(400, json.dumps({"error": str(error)}).encode())
                return
            self._send(200, json.dumps(sandbox.faults.as_json()).encode())
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
            if not isinstance(wanted, dict) or "kind" not in wanted:
                raise ValueError("a fault is a JSON object with a kind")
            known.add(**wanted)

    timeout: ClassVar[float] = 300


def _refusal(name: str, refusal: RefusedError) -> dict[str, Any]:
    """A refusal in the shape that Klenty uses for this operation."""
    if name in _SECOND_SHAPE:
        error = {"errorCode": refusal.code, "errorMessage": refusal.text, "type": "validation"}
        return {"status": 400, "errors": [error]}
    return {"status": False, "errors": [{"code": refusal.code, "errorMessage": refusal.text}]}


_Instead = tuple[int, bytes, str, dict[str, str]]
_PAGE = b"<!DOCTYPE html><html><head><title>Attention Required!</title></head><body>Blocked</body></html>"
_INSTEAD: dict[str, Callable[[dict[str, Any]], _Instead]] = {
    "rate_limited": lambda options: (
        429, b'{"message": "Too many requests"}', "application/json", {"Retry-After": str(options.get("retry_after", 1))}
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

Cadences:
{names}
"""
