"""Identifiers: UUID version 7 (RFC 9562 §5.7), so that new rows lie side by side in an index."""

import secrets
import time
from uuid import UUID


def new_id() -> UUID:
    """A new identifier: 48 bits of milliseconds, then 74 random bits."""
    millis = time.time_ns() // 1_000_000
    value = millis << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return UUID(int=value)
