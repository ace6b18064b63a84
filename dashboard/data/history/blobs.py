"""Klenty's answers as they are kept: compressed JSON, under a digest of it."""

import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from klenty_api import EmailEngagement, Step
from klenty_api.decode import parse_json

_DIGEST_BYTES = 16
_FAST = 1  # the higher levels take three times as long for a tenth less


@dataclass(frozen=True, slots=True)
class Packed:
    """One answer, ready to be stored."""

    digest: bytes
    body: bytes


def digest(data: bytes) -> bytes:
    """Return what equal data share and others do not."""
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).digest()


def pack_engagement(answer: EmailEngagement) -> Packed:
    """Return the raw answer behind the counts. In a list, so that it is read back as it is and not unwrapped twice."""
    return _pack([answer.raw] if answer.raw else [])


def pack_steps(steps: Sequence[Step]) -> Packed:
    """Return the raw answers behind the steps."""
    return _pack([step.raw for step in steps])


def unpack_engagement(body: bytes) -> EmailEngagement:
    """Read again, by the same tolerant readers that read the answer when it arrived."""
    return EmailEngagement.read(parse_json(zlib.decompress(body)))


def unpack_steps(body: bytes) -> tuple[Step, ...]:
    """As `unpack_engagement`."""
    return tuple(Step.read_all(parse_json(zlib.decompress(body))))


def _pack(answer: list[Any]) -> Packed:
    try:
        text = orjson.dumps(answer)
    except TypeError:  # half an emoji, or a number beyond 64 bits
        text = json.dumps(answer, separators=(",", ":")).encode()
    return Packed(digest(text), zlib.compress(text, _FAST))
