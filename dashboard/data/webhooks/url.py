"""The address that Klenty sends to. Its last part is a secret: whoever knows it can post deliveries."""

import re
from typing import Any

PATH = "/webhook/klenty/"
_IN_TEXT = re.compile(re.escape(PATH) + r"[^\s\"'<>?#]+")


def address(public_url: str, secret: str) -> str:
    """The whole address below `public_url`."""
    return f"{public_url.rstrip('/')}{PATH}{secret}"


def masked(text: str) -> str:
    """`text` with the secret of every such address in it left out: for logs, records and screens."""
    return _IN_TEXT.sub(f"{PATH}…", text)


def masked_json(value: Any) -> Any:  # any JSON
    """`value` with the secret of every such address in its texts left out."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {name: masked_json(one) for name, one in value.items()}
    return [masked_json(one) for one in value] if isinstance(value, list) else value
