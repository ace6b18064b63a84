"""The one module that speaks HTTP: a call goes out once, and comes back as JSON or as a `KlentyError`."""

import json
import socket
import ssl
import time
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3

from klenty_api import deadline
from klenty_api.errors import (
    ConnectionFailed,
    ConnectionKind,
    DeadlineExceeded,
    KlentyError,
    ValidationError,
)
from klenty_api.operations import Call
from klenty_api.response import Answer, read_answer

LARGEST_ANSWER = 64 * 1024 * 1024


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

    def _request(self, call: Call[Any], until: float) -> Answer:
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
