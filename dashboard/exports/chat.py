"""A short report as a message of a chat: Slack, Microsoft Teams or Google Chat, through the address of its hook.

The address is a secret: no text or error of this module holds it.
"""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import NewConnectionError

from dashboard.charts.text import clean, shorten
from klenty_api.retries import parse_retry_after

_PATIENCE: Final = (5.0, 20.0)
_WAITS: Final = (2.0, 10.0)  # seconds before the second and the third try
_LONGEST_WAIT: Final = 60.0
_MOST_DECISIONS: Final = 5
_LONGEST: Final = 280
_TAKEN: Final = 2  # hundred and something
_TOO_MANY: Final = 429
_SECRET_PART: Final = 6  # letters from which a part of the address is taken for secret
_SERVER_ERROR: Final = 500


@dataclass(frozen=True)
class Message:
    """What a message says: the sentence, figures (label, value, change), decisions with their address, and a link."""

    title: str
    sentence: str
    figures: Sequence[tuple[str, str, str]] = ()
    decisions: Sequence[tuple[str, str]] = ()
    link: str = ""


class ChatError(Exception):
    """The chat did not take the message.

    `outcome_known` is False where it may have taken it all the same. `again_after` are the seconds after which it may
    be tried again; None where that would be of no use.
    """

    def __init__(self, text: str, *, outcome_known: bool = True, again_after: float | None = None) -> None:
        super().__init__(text)
        self.outcome_known = outcome_known
        self.again_after = again_after


def payload(channel: str, message: Message) -> dict[str, Any]:
    """Return the body that the hook of a channel takes: Block Kit, an adaptive card, or text."""
    return {"slack": _slack, "teams": _teams, "google": _google}[channel](message)


def post(url: str, body: dict[str, Any], *, wait: Callable[[float], object] = time.sleep) -> None:
    """Hand a message to a hook; a refusal that may pass (429, 5xx, no connection) is tried three times, unless the
    chat asks for more than a minute.

    Args:
        url: The secret address.
        body: Of `payload`.
        wait: Called with seconds between two tries.

    Raises:
        ChatError: It was not taken, or nobody knows whether it was.
    """
    for number in range(len(_WAITS) + 1):
        pause = 0.0
        try:
            answer = requests.post(url, json=body, timeout=_PATIENCE, allow_redirects=False)
        except (requests.ConnectionError, requests.Timeout) as error:
            if not _never_left(error):
                raise ChatError(
                    "The chat's server did not answer. Whether the message arrived is not known.", outcome_known=False
                ) from None
            problem = "The chat's server could not be reached."
        except requests.RequestException as error:
            raise ChatError(f"The message could not be sent ({type(error).__name__}).") from None
        else:
            if answer.status_code // 100 == _TAKEN:
                return
            problem = f"The chat refused the message: {answer.status_code} {_said(answer, url)}".strip()
            if answer.status_code != _TOO_MANY and answer.status_code < _SERVER_ERROR:
                raise ChatError(problem)
            pause = parse_retry_after(answer.headers.get("Retry-After"), answer.headers.get("Date")) or 0.0
        if pause > _LONGEST_WAIT:
            raise ChatError(problem, again_after=pause)
        if number < len(_WAITS):
            wait(max(pause, _WAITS[number]))
    raise ChatError(f"{problem} It was tried {len(_WAITS) + 1} times.", again_after=0.0)


def _never_left(error: requests.RequestException) -> bool:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, (requests.ConnectTimeout, requests.exceptions.SSLError)) or isinstance(
        reason, NewConnectionError
    )


def _said(answer: requests.Response, url: str) -> str:
    """Return the chat's words; none where they repeat a part of the secret address."""
    words = clean(shorten(answer.text[:1_000], 160))
    parts = (part for part in re.split(r"[/?&=]", urlsplit(url)._replace(scheme="", netloc="").geturl()))
    return "" if any(part in words for part in parts if len(part) >= _SECRET_PART) else words


def _cut(text: str) -> str:
    return clean(shorten(text, _LONGEST))


def _lines(message: Message) -> list[str]:
    return [f"{label}: {value}{f' ({change})' if change else ''}" for label, value, change in message.figures]


def _slack(message: Message) -> dict[str, Any]:
    def safe(text: str) -> str:
        return _cut(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    def plain(text: str) -> dict[str, Any]:
        return {"type": "plain_text", "text": _cut(text), "emoji": False}

    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": plain(shorten(message.title, 140))},
        {"type": "section", "text": plain(message.sentence)},
    ]
    if message.figures:
        blocks.append({"type": "section", "fields": [plain(line) for line in _lines(message)]})
    told = [f"• <{url}|{safe(text)}>" if url else f"• {safe(text)}" for text, url in _decisions(message)]
    if told:
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": "\n".join(told)}})
    if message.link:
        blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": f"<{message.link}|Open the view>"}]})
    return {"text": _cut(f"{message.title}: {message.sentence}"), "blocks": blocks}


def _teams(message: Message) -> dict[str, Any]:
    def block(text: str, **more: Any) -> dict[str, Any]:
        return {"type": "TextBlock", "text": _literal(_cut(text)), "wrap": True, **more}

    body = [block(message.title, weight="Bolder", size="Medium"), block(message.sentence)]
    if message.figures:
        facts = [{"title": label, "value": f"{value} {change}".strip()} for label, value, change in message.figures]
        body.append({"type": "FactSet", "facts": facts})
    for text, url in _decisions(message):
        body.append(
            {**block(text), "text": f"- [{_literal(_cut(text))}]({url})" if url else f"- {_literal(_cut(text))}"}
        )
    card: dict[str, Any] = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.4",
        "body": body,
    }
    if message.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Open the view", "url": message.link}]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _literal(text: str) -> str:
    """Return a text whose signs are no Markdown of a card."""
    return "".join(f"\\{sign}" if sign in "\\*_[]()`#" else sign for sign in text)


def _google(message: Message) -> dict[str, Any]:
    def safe(text: str) -> str:
        return _cut(text).translate(str.maketrans("<>|*_`~", "‹›¦∗＿'∼"))

    told = [f"• <{url}|{safe(text)}>" if url else f"• {safe(text)}" for text, url in _decisions(message)]
    lines = [f"*{safe(message.title)}*", safe(message.sentence), *map(safe, _lines(message)), *told]
    return {"text": "\n".join([*lines, *([f"<{message.link}|Open the view>"] if message.link else [])])}


def _decisions(message: Message) -> Sequence[tuple[str, str]]:
    return message.decisions[:_MOST_DECISIONS]
