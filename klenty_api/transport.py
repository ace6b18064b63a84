"""The one module that speaks HTTP: a call goes out once, and comes back as JSON or as a `KlentyError`."""

import json
import re
import socket
import ssl
import time
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NoReturn

import requests
import urllib3
from requests.structures import CaseInsensitiveDict

from klenty_api import deadline
from klenty_api.decode import decoded, flag
from klenty_api.errors import (
    AuthenticationError,
    ConnectionFailed,
    ConnectionKind,
    DeadlineExceeded,
    KlentyError,
    NotFoundError,
    RateLimitedError,
    RequestRefusedError,
    ServiceError,
    UnexpectedAnswerError,
    UnknownUserError,
    ValidationError,
)
from klenty_api.operations import Call
from klenty_api.retries import retry_after

LARGEST_ANSWER = 64 * 1024 * 1024
NOTHING_FOUND = "K2003"
_LONGEST_DETAIL = 200


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: for a connection, between two bytes, and for one call with all its repeats."""

    connect: float = 10.0
    read: float = 30.0
    call: float = 60.0


class Transport:
    """One shared session. Safe to use from many threads: it is set up once and only read afterwards."""

    def __init__(self, base_url: str, api_key: str, *, user_agent: str, workers: int, timeouts: Timeouts) -> None:
        self._base = base_url.rstrip("/")
        self._timeouts = timeouts
        self._session = _session(self._base, workers)
        self._headers = {"x-API-key": api_key, "Accept": "application/json", "User-Agent": user_agent}
        self._ready: dict[str, tuple[str, requests.PreparedRequest]] = {}  # by operation: its latest path and request

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def send(self, call: Call[Any], until: float) -> Any:  # any JSON
        """Send `call` once and return the JSON of a successful answer; `until` is on the monotonic clock.

        Returns None for “nothing found”. Raises `KlentyError` with `outcome` set for this one sending; its cause
        is dropped, because it holds the address and the key.
        """
        try:
            answer = self._request(call, until)
        except requests.RequestException as failure:
            error = _connection_error(failure, until)
        else:
            return read_answer(answer, call)
        raise error from None

    def _request(self, call: Call[Any], until: float) -> "Answer":
        left = deadline.begin_at(until)
        response = self._session.send(
            self._prepared(call),
            timeout=(min(self._timeouts.connect, left), min(self._timeouts.read, left)),
            allow_redirects=False,
            stream=True,
        )
        with response:
            size, parts = 0, []
            for part in response.iter_content(64 * 1024):
                size += len(part)
                if size > LARGEST_ANSWER:
                    break
                parts.append(part)
        return Answer(response.status_code, response.headers, b"".join(parts), too_large=size > LARGEST_ANSWER)

    def _prepared(self, call: Call[Any]) -> requests.PreparedRequest:
        """The request; of a fan-out only the bodies differ, so address and headers are not made again each time."""
        path, ready = self._ready.get(call.operation.name, (None, None))
        if ready is None or path != call.path or call.query:
            asked = requests.Request(
                call.operation.method, self._base + call.path, params=dict(call.query) or None, headers=self._headers
            )
            ready = self._session.prepare_request(asked)
            if not call.query:
                self._ready[call.operation.name] = (call.path, ready)
        made = ready.copy()
        if call.body is not None:
            made.headers["Content-Type"] = "application/json"
            made.prepare_body(json.dumps(call.body, ensure_ascii=False, allow_nan=False).encode(), None)
        return made


def _session(base_url: str, workers: int) -> requests.Session:
    """A session that reads the environment (proxies, certificates) once instead of at every call."""
    session = requests.Session()
    settings = session.merge_environment_settings(base_url, {}, stream=None, verify=None, cert=None)
    session.trust_env = False
    session.proxies = settings["proxies"]
    session.verify = settings["verify"]
    adapter = deadline.DeadlineAdapter(pool_connections=4, pool_maxsize=workers, max_retries=0, pool_block=False)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # what stands in front of Klenty may set some
    session.headers.clear()
    session.headers["Accept-Encoding"] = "gzip, deflate"
    session.headers["Connection"] = "keep-alive"
    return session


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP."""

    status: int
    headers: CaseInsensitiveDict[str]
    body: bytes
    too_large: bool = False


def read_answer(answer: Answer, call: Call[Any]) -> Any:  # any JSON
    """The JSON of a successful answer, None for “nothing found”; raises `KlentyError` for everything else.

    HTTP 200 is no success by itself: failures come as `{"status": false, "errors": […]}` or with a numeric status.
    """
    title = call.operation.title
    payload, fault = _parse(answer)
    code, said = _klentys_words(payload)
    status = answer.status
    facts: dict[str, Any] = {"operation": title, "status": status, "code": code, "detail": said}
    if status == 429:
        error = RateLimitedError("Klenty asks for fewer calls", outcome="refused", **facts)
        error.retry_after = retry_after(answer.headers.get("Retry-After"))
        raise error
    if status >= 500:
        failure = ServiceError(_service_message(status), outcome="unknown", **facts)
        failure.retry_after = retry_after(answer.headers.get("Retry-After"))
        raise failure
    if 300 <= status < 400:
        message = "the answer points to another address, which is not followed"
        raise UnexpectedAnswerError(message, outcome="refused", **facts)
    if fault is not None:
        _raise_unreadable(fault, answer, facts)
    if status >= 400 or _says_no(payload):
        if code == NOTHING_FOUND and not call.operation.is_write:
            return None
        _raise_refusal(facts)
    return payload


def _parse(answer: Answer) -> tuple[Any, str | None]:
    """The body as JSON, or why it is none: “large”, “page”, “cut”, “empty”, “foreign”."""
    if answer.too_large:
        return None, "large"
    start = answer.body.lstrip()[:200].lower()
    if start.startswith(b"<"):
        return None, "page"
    if not start:
        return None, "empty"
    try:
        return decoded(answer.body), None
    except (ValueError, RecursionError):
        return None, "cut" if start[:1] in b"{[" else "foreign"


def _raise_unreadable(fault: str, answer: Answer, facts: dict[str, Any]) -> NoReturn:
    if answer.status == 401:
        raise AuthenticationError("Klenty refuses the API key", outcome="refused", **facts)
    if answer.status == 404:
        raise NotFoundError("nothing answers at this address", outcome="refused", **facts)
    message = {
        "large": "the answer is too large to be one of Klenty's",
        "page": "a web page came instead of an answer",
        "empty": "an empty answer came",
        "cut": "the answer is incomplete",
        "foreign": "the answer is not JSON",
    }[fault]
    error = UnexpectedAnswerError(message, outcome="unknown", **facts)
    error.cut = fault in {"cut", "empty"}
    raise error


def _raise_refusal(facts: dict[str, Any]) -> NoReturn:
    status, code, said = facts["status"], facts["code"] or "", facts["detail"] or ""
    if status == 401 or "invalidapikey" in (code + said).lower():
        raise AuthenticationError("Klenty refuses the API key", outcome="refused", **facts)
    if "invalid user" in said.lower() or (status == 403 and "user" in said.lower()):
        raise UnknownUserError("Klenty does not know this user", outcome="refused", **(facts | {"detail": None}))
    if status == 403:
        # Not for this call: the key may still do others, as a personal key may for the cadences of its owner.
        raise RequestRefusedError("Klenty does not allow this with this key", outcome="refused", **facts)
    if status == 404:
        raise NotFoundError("nothing answers at this address", outcome="refused", **facts)
    raise RequestRefusedError("Klenty refused", outcome="refused", **facts)


def _says_no(payload: Any) -> bool:  # any JSON
    if not isinstance(payload, dict):
        return False
    status = payload.get("status")
    said = flag(status)  # also when it comes as a text
    if said is not None or status in (0, 1):
        return not (status if said is None else said)
    if isinstance(status, int | float):
        return not 200 <= status < 300
    return bool(payload.get("errors")) or payload.get("error") not in (None, False, "")


def _klentys_words(payload: Any) -> tuple[str | None, str | None]:  # any JSON
    """Code and text of the first error, in either shape that Klenty uses."""
    if not isinstance(payload, dict):
        return None, None
    errors = payload.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else errors
    source = first if isinstance(first, dict) else payload
    code = source.get("code") or source.get("errorCode") or source.get("reason")
    said = source.get("errorMessage") or source.get("message") or source.get("error")
    if isinstance(first, str):
        said = first
    return _short(code), _short(said)


_EMAIL = re.compile(r"[^\s<>\"']+@[^\s<>\"']+")


def _short(value: Any) -> str | None:  # any JSON
    """A text of Klenty's for people: without markup or addresses, cut."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        return None
    plain = " ".join(re.sub(r"<[^>]*>", " ", str(value)).split())
    plain = _EMAIL.sub("…", plain)
    return (plain if len(plain) <= _LONGEST_DETAIL else plain[: _LONGEST_DETAIL - 1] + "…") or None


def _service_message(status: int) -> str:
    if 520 <= status <= 530:
        return "the network in front of Klenty cannot reach it"
    return "Klenty's service failed"


def _connection_error(failure: requests.RequestException, until: float) -> KlentyError:
    if isinstance(failure, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return ValidationError("the base URL is not one")
    kind, sent = _what_broke(failure)
    if time.monotonic() >= until:
        return DeadlineExceeded("no answer within the time for one call", outcome="unknown" if sent else "not_sent")
    message = {
        "dns": "the address of the API cannot be found",
        "refused": "nothing accepts the connection",
        "tls": "no secure connection",
        "timeout": "no answer in time",
        "other": "the connection broke",
    }[kind]
    error = ConnectionFailed(message, outcome="unknown" if sent else "not_sent")
    error.kind = kind
    return error


def _what_broke(failure: requests.RequestException) -> tuple[ConnectionKind, bool]:
    """What kind of failure, and whether the call may have reached Klenty."""
    chain: list[object] = [failure]
    for link in chain:
        more = [
            getattr(link, "reason", None),
            getattr(link, "__cause__", None),
            getattr(link, "__context__", None),
        ]
        more += [item for item in getattr(link, "args", ()) if isinstance(item, BaseException)]
        chain += [item for item in more if isinstance(item, BaseException) and item not in chain]

    def has(*kinds: type) -> bool:
        return any(isinstance(link, kinds) for link in chain)

    # In this order: to urllib3 a refused connection is a timeout too, and to requests a proxy's failure anything.
    known: list[tuple[tuple[type, ...], ConnectionKind, bool]] = [
        ((urllib3.exceptions.NameResolutionError, socket.gaierror), "dns", False),
        ((requests.exceptions.ProxyError,), "other", False),
        ((urllib3.exceptions.NewConnectionError,), "refused", False),
        ((requests.exceptions.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError), "timeout", False),
        ((ssl.SSLCertVerificationError,), "tls", False),
        ((requests.exceptions.SSLError,), "tls", True),
        ((TimeoutError, requests.exceptions.ReadTimeout, urllib3.exceptions.ReadTimeoutError), "timeout", True),
    ]
    return next(((kind, sent) for types, kind, sent in known if has(*types)), ("other", True))
