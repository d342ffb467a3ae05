"""ULIDs: 48 bits of time, 80 bits of chance, in Crockford's base 32."""

from __future__ import annotations

import re
import secrets
import time
from datetime import UTC, datetime, timedelta

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_FORM = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}\Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new_id(milliseconds: int | None = None) -> str:
    """A new id, for an aggregate or as the key of a command; of now, where no time is given."""
    now = time.time_ns() // 1_000_000 if milliseconds is None else milliseconds
    number = now << 80 | secrets.randbits(80)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def time_of(ident: str) -> datetime | None:
    """The time that an id carries; `None` where it is no ULID."""
    if not _FORM.match(ident):
        return None
    milliseconds = 0
    for char in ident[:10]:
        milliseconds = milliseconds * 32 + _ALPHABET.index(char)
    return _EPOCH + timedelta(milliseconds=milliseconds)
