"""A provider that answers at once and notes when each request came: `python -m benchmarks.provider PORT FILE`.

It says what Twilio's SDK needs to read and nothing more, so that little of it is measured. A line of FILE is the
monotonic clock's seconds and the service's own id of the text, which stands in the address for callbacks.
"""

import asyncio
import json
import re
import sys
import time
from itertools import count
from pathlib import Path
from typing import Any, TextIO

import uvloop

_HEAD_END = b"\r\n\r\n"
_REFERENCE = re.compile(rb"message%3D([0-9a-f-]{36})")
_numbers = count(1)


class _Line(asyncio.Protocol):
    def __init__(self, notes: TextIO) -> None:
        self._notes = notes
        self._waiting = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        self._waiting += data
        while _HEAD_END in self._waiting:
            head, _, rest = self._waiting.partition(_HEAD_END)
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            if len(rest) < length:
                return
            body, self._waiting = rest[:length], rest[length:]
            self._answer(now, body)

    def _answer(self, now: float, body: bytes) -> None:
        found = _REFERENCE.search(body)
        self._notes.write(f"{now!r} {found[1].decode() if found else '-'}\n")
        made = json.dumps({"sid": f"SM{next(_numbers):032x}", "status": "queued", "error_code": None}).encode()
        head = f"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: {len(made)}\r\n\r\n"
        self._transport.write(head.encode() + made)


async def _serve(port: int, file: Path) -> None:
    with file.open("w", buffering=1) as notes:
        server = await asyncio.get_running_loop().create_server(lambda: _Line(notes), "127.0.0.1", port)
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1]), Path(sys.argv[2])))
