"""The address that Klenty posts deliveries to. Its last part is a secret."""

import re
from typing import Any

PATH = "/webhook/klenty/"
_IN_TEXT = re.compile(re.escape(PATH) + r"[^\s\"'<>?#]+", re.IGNORECASE)


def address(public_url: str, secret: str) -> str:
    """Return the whole address below `public_url`."""
    return f"{public_url.rstrip('/')}{PATH}{secret}"


def masked(text: str) -> str:
    """Return `text` without the secrets of such addresses: for logs, records and screens."""
    return _IN_TEXT.sub(f"{PATH}…", text)


def masked_json(value: Any) -> Any:  # any JSON
    """Return `value` without the secrets of such addresses in its texts."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {name: masked_json(one) for name, one in value.items()}
    return [masked_json(one) for one in value] if isinstance(value, list) else value
