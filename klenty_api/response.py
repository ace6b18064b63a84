"""Read an HTTP answer: JSON of a success, None for nothing found, a `KlentyError` for everything else."""

import re
from dataclasses import dataclass
from typing import Any, NoReturn

from requests.structures import CaseInsensitiveDict

from klenty_api.decode import as_flag, parse_json
from klenty_api.errors import (
    AuthenticationError,
    NotFoundError,
    RateLimitedError,
    RequestRefusedError,
    ServiceError,
    UnexpectedAnswerError,
    UnknownItemError,
    UnknownUserError,
)
from klenty_api.operations import Call
from klenty_api.retries import parse_retry_after

NOTHING_FOUND = "K2003"
_LONGEST_DETAIL = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered over HTTP."""

    status: int
    headers: CaseInsensitiveDict[str]
    body: bytes
    too_large: bool = False


def read_answer(answer: Answer, call: Call[Any]) -> Any:  # any JSON
    """Return the JSON of a successful answer, None for "nothing found"; raise `KlentyError` for everything else.

    HTTP 200 is no success by itself: failures come as `{"status": false, "errors": […]}` or with a numeric status.
    """
    payload, fault = _parse(answer)
    code, said = _klentys_words(payload)
    status, operation = answer.status, call.operation
    facts: dict[str, Any] = {"operation": operation.title, "status": status, "code": code, "detail": said}
    if status == 429 or status >= 500:
        wait = parse_retry_after(answer.headers.get("Retry-After"), answer.headers.get("Date"))
        if status == 429:
            raise RateLimitedError("Klenty asks for fewer calls", outcome="refused", retry_after=wait, **facts)
        raise ServiceError(_service_message(status), outcome="unknown", retry_after=wait, **facts)
    if 300 <= status < 400:
        message = "the answer points to another address, which is not followed"
        raise UnexpectedAnswerError(message, outcome="refused", **facts)
    has_reason = isinstance(payload, dict) and ("status" in payload or bool(code or said))
    if status == 404 and not has_reason:
        raise NotFoundError("nothing of Klenty's answers at this address", outcome="refused", **facts)
    if fault is not None:
        _raise_unreadable(fault, facts)
    if status >= 400 or _says_no(payload):
        nothing_found = code == NOTHING_FOUND or (status == 404 and operation.finds)
        if nothing_found and not operation.is_write:
            return None
        _raise_refusal(facts)
    return payload


def _parse(answer: Answer) -> tuple[Any, str | None]:
    """Return the body as JSON, or why it is none: "large", "page", "cut", "empty", "foreign"."""
    if answer.too_large:
        return None, "large"
    start = answer.body.lstrip()[:200].lower()
    if start.startswith(b"<"):
        return None, "page"
    if not start:
        return None, "empty"
    try:
        return parse_json(answer.body), None
    except (ValueError, RecursionError):
        return None, "cut" if start[:1] in b"{[" else "foreign"


def _raise_unreadable(fault: str, facts: dict[str, Any]) -> NoReturn:
    if facts["status"] == 401:
        raise AuthenticationError("Klenty refuses the API key", outcome="refused", **facts)
    message = {
        "large": "the answer is too large to be one of Klenty's",
        "page": "a web page came instead of an answer",
        "empty": "an empty answer came",
        "cut": "the answer is incomplete",
        "foreign": "the answer is not JSON",
    }[fault]
    raise UnexpectedAnswerError(message, outcome="unknown", cut=fault in {"cut", "empty"}, **facts)


def _raise_refusal(facts: dict[str, Any]) -> NoReturn:
    status, code, said = facts["status"], facts["code"] or "", facts["detail"] or ""
    if status == 401 or "invalidapikey" in (code + said).lower():
        raise AuthenticationError("Klenty refuses the API key", outcome="refused", **facts)
    if "invalid user" in said.lower() or (status == 403 and "user" in said.lower()):
        raise UnknownUserError("Klenty does not know this user", outcome="refused", **(facts | {"detail": None}))
    if status == 403:
        # Not for this call: the key may still do others, as a personal key may for the cadences of its owner.
        raise RequestRefusedError("Klenty does not allow this with this key", outcome="refused", **facts)
    if status == 404 or code == NOTHING_FOUND:
        message = "Klenty knows nothing of that name or id; it may have been renamed or deleted"
        raise UnknownItemError(message, outcome="refused", **facts)
    raise RequestRefusedError("Klenty refused", outcome="refused", **facts)


def _says_no(payload: Any) -> bool:  # any JSON
    if not isinstance(payload, dict):
        return False
    status = payload.get("status")
    said = as_flag(status)  # also when it comes as a text
    if said is not None or status in (0, 1):
        return not (status if said is None else said)
    if isinstance(status, int | float):
        return not 200 <= status < 300
    return bool(payload.get("errors")) or payload.get("error") not in (None, False, "")


def _klentys_words(payload: Any) -> tuple[str | None, str | None]:  # any JSON
    """Return code and text of the first error, in either shape that Klenty uses."""
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
    """Return a text of Klenty's for people: without markup or addresses, cut."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        return None
    plain = " ".join(re.sub(r"<[^>]*>", " ", str(value)).split())
    plain = _EMAIL.sub("…", plain)
    return (plain if len(plain) <= _LONGEST_DETAIL else plain[: _LONGEST_DETAIL - 1] + "…") or None


def _service_message(status: int) -> str:
    if 520 <= status <= 530:
        return "the network in front of Klenty cannot reach it"
    return "Klenty's service failed"
