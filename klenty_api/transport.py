"""Send a call over HTTP once, and return JSON or raise a `KlentyError`. The only module that sends."""

import importlib.util
import ipaddress
import json
import os
import socket
import ssl
import time
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from klenty_api import deadline
from klenty_api.errors import (
    ConnectionFailed,
    ConnectionKind,
    DeadlineExceeded,
    EnvironmentVariableError,
    KlentyError,
    ValidationError,
)
from klenty_api.operations import Call
from klenty_api.response import Answer, read_answer

LARGEST_ANSWER = 4 * 1024 * 1024  # bytes, unpacked
_PIECE = 16 * 1024


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: for a connection, between two bytes, and for one call with all its repeats."""

    connect: float = 10.0
    read: float = 30.0
    call: float = 60.0


class Transport:
    """One shared session. Safe to use from many threads: it is set up once and only read afterwards."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        user_agent: str,
        workers: int,
        session: requests.Session | None = None,
        proxy: str | None = None,
    ) -> None:
        self._base = base_url
        self._problem: str | None = None
        if session is None:
            session = _session(workers)
            self._problem = _use_environment(session, base_url, proxy)
        self._session = session
        self._headers = {"x-API-key": api_key, "Accept": "application/json", "User-Agent": user_agent}
        self._ready: dict[str, tuple[str, requests.PreparedRequest]] = {}  # by operation: its latest path and request

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def send(self, call: Call[Any], until: float, timeouts: Timeouts) -> Any:  # any JSON
        """Send `call` once and return the JSON of a successful answer, None for "nothing found".

        Args:
            call: what to send.
            until: the deadline, on the monotonic clock.
            timeouts: for the connection and between two bytes.

        Raises:
            KlentyError: with `outcome` set for this one sending; its cause is dropped, because it holds the address
                and the key.
        """
        if self._problem is not None:
            raise EnvironmentVariableError(self._problem)
        try:
            request = self._prepared(call)
        except (requests.RequestException, TypeError, ValueError):
            error: KlentyError = ValidationError(
                "this cannot be sent: check the base URL and the characters of all texts"
            )
        else:
            try:
                answer = self._request(request, until, timeouts)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, UnicodeError) as failure:
                error = _connection_error(failure, until)
            else:
                return read_answer(answer, call)
        raise error from None

    def _request(self, request: requests.PreparedRequest, until: float, timeouts: Timeouts) -> Answer:
        left = deadline.begin_at(until)
        response = self._session.send(
            request,
            timeout=(min(timeouts.connect, left), min(timeouts.read, left)),
            allow_redirects=False,
            stream=True,
        )
        # Unpacked piece by piece, so that a small answer cannot fill the memory.
        declared = response.headers.get("Content-Length", "")
        size, parts = int(declared) if declared.isdecimal() else 0, []
        with response:
            if size <= LARGEST_ANSWER:
                size = 0
                for part in response.iter_content(_PIECE):
                    size += len(part)
                    if size > LARGEST_ANSWER:
                        break
                    parts.append(part)
        body = b"" if size > LARGEST_ANSWER else b"".join(parts)
        return Answer(response.status_code, response.headers, body, too_large=size > LARGEST_ANSWER)

    def _prepared(self, call: Call[Any]) -> requests.PreparedRequest:
        """Return the request; of a fan-out only the bodies differ, so address and headers are made once."""
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


def _session(workers: int) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # read once, in `_use_environment`; and a `.netrc` is nothing to send
    adapter = deadline.DeadlineAdapter(pool_connections=4, pool_maxsize=workers, max_retries=0, pool_block=False)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # what is in front of Klenty may set some
    session.headers.clear()
    session.headers["Accept-Encoding"] = "gzip, deflate"
    session.headers["Connection"] = "keep-alive"
    return session


def is_loopback(host: str | None) -> bool:
    """Return whether this host is the machine itself."""
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _use_environment(session: requests.Session, base_url: str, proxy: str | None) -> str | None:
    """Take proxy and certificates from the environment; return what is wrong with a variable, or None."""
    where = urlsplit(base_url)
    if not is_loopback(where.hostname):  # what runs on this machine is never asked through another
        found = {where.scheme: proxy} if proxy else dict(requests.utils.get_environ_proxies(base_url))
        chosen = found.get(where.scheme) or found.get("all")
        if (chosen or "all" in found or where.scheme in found) and (problem := _proxy_problem(chosen or "")):
            name = "the proxy" if proxy else _variable(f"{where.scheme}_proxy", "all_proxy")
            return f"{name} {problem}"
        session.proxies = {where.scheme: chosen} if chosen else {}
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        if bundle := os.environ.get(name):
            session.verify = bundle
            return _bundle_problem(name, bundle)
    return None


_NO_PROXY = "is no address of a proxy, such as http://proxy.example:3128"


def _proxy_problem(proxy: str) -> str | None:
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    except ValueError:
        return _NO_PROXY
    if parts.scheme.startswith("socks"):
        if importlib.util.find_spec("socks") is None:
            return "names a SOCKS proxy, for which the package PySocks has to be installed; an HTTP proxy needs nothing"
        return None if parts.hostname else "names no host"
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return _NO_PROXY
    return None


def _bundle_problem(name: str, bundle: str) -> str | None:
    try:
        if Path(bundle).is_dir():
            return None
        ssl.create_default_context(cafile=bundle)
    except FileNotFoundError:
        return f"{name} names a file that does not exist"
    except (OSError, ValueError):  # ssl.SSLError is an OSError
        return f"{name} names a file that holds no certificates or cannot be read"
    return None


def _variable(*names: str) -> str:
    """Return the name, as it is spelled, of the first of these environment variables that is set."""
    return next((v for name in names for v in (name, name.upper()) if v in os.environ), names[0].upper())


def _connection_error(failure: Exception, until: float) -> KlentyError:
    if isinstance(failure, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return ValidationError("the base URL is not one")
    kind, sent = _what_broke(failure)
    if time.monotonic() >= until:
        message = "no answer within the time for one call"
        return DeadlineExceeded(message, outcome="unknown" if sent else "not_sent", kind="timeout")
    message = {
        "dns": "the address of the API cannot be found",
        "refused": "nothing accepts the connection",
        "tls": "no secure connection",
        "timeout": "no answer in time",
        "other": "the connection broke",
    }[kind]
    return ConnectionFailed(message, outcome="unknown" if sent else "not_sent", kind=kind)


def _what_broke(failure: Exception) -> tuple[ConnectionKind, bool]:
    """Return what kind of failure, and whether the call may have reached Klenty."""
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
