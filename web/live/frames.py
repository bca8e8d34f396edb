"""Frames of the contract as the bytes they are sent as, made once for everybody."""

import json
from dataclasses import dataclass
from typing import Any

_FINAL_TEXT = 0x81
_SHORT, _MIDDLING = 126, 1 << 16
_TWO_BYTES, _EIGHT_BYTES = 126, 127


@dataclass(frozen=True)
class Frame:
    """One event or snapshot: the number a console stands at afterwards, and the finished websocket frame."""

    seq: int
    wire: bytes

    @classmethod
    def of(cls, message: dict[str, Any]) -> "Frame":
        """A message that carries its number."""
        return cls(message["seq"], wire(encode(message)))

    @property
    def text(self) -> str:
        """What is in the frame, for a server that makes its own."""
        head = {_TWO_BYTES: 4, _EIGHT_BYTES: 10}.get(self.wire[1], 2)
        return self.wire[head:].decode()


def encode(message: dict[str, Any]) -> str:
    """A message as the text it is sent as."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def wire(text: str) -> bytes:
    """A server's text frame, whole, unmasked and unpacked (RFC 6455, 5.2)."""
    payload = text.encode()
    size = len(payload)
    if size < _SHORT:
        return bytes((_FINAL_TEXT, size)) + payload
    if size < _MIDDLING:
        return bytes((_FINAL_TEXT, _TWO_BYTES)) + size.to_bytes(2, "big") + payload
    return bytes((_FINAL_TEXT, _EIGHT_BYTES)) + size.to_bytes(8, "big") + payload
