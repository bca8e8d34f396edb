"""Sends many requests as fast as they are answered: bytes made beforehand, so that little of the sender is measured."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import uvloop

_HEAD_END = b"\r\n\r\n"


@dataclass
class Answers:
    """`seconds` from the first request to the last answer; how often each status came; milliseconds of each.

    `said` is what came back, each with the monotonic clock's seconds at that moment.
    """

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    took_ms: list[float] = field(default_factory=list)
    said: list[tuple[float, bytes]] = field(default_factory=list)

    def rate(self, status: int) -> float:
        """Answers a second. Raises RuntimeError when any request was answered otherwise."""
        if set(self.statuses) != {status}:
            raise RuntimeError(f"not all were answered {status}: {dict(self.statuses)}")
        return self.statuses[status] / self.seconds


def request(path: str, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    """One POST of JSON on a line that stays open."""
    lines = [f"POST {path} HTTP/1.1", "host: bench", "content-type: application/json", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + _HEAD_END + body


def order(number: int, station: str | None, run: str) -> dict[str, Any]:
    """A warning order of its own case and resident."""
    return {
        "alert_no": f"{run}-{number:06d}",
        "station": station,
        "level": "high",
        "kind": "fund",
        "fraud_type": "fake_investment",
        "resident": {
            "name": "测某试",
            "phone": f"+86137{number % 10**8:08d}",
            "location": {
                "lon": 113.845 + 0.07 * (number % 97) / 97,
                "lat": 22.555 + 0.05 * (number % 89) / 89,
                "crs": "wgs84",
            },
        },
    }


def signed(
    source: str, secret: str, orders: Sequence[dict[str, Any]], run: str, *, path: str | None = None
) -> Iterator[bytes]:
    """Each order as the centre sends it, signed now (Standard Webhooks 1.0.0); `path` sends it elsewhere."""
    key, now = base64.b64decode(secret.removeprefix("whsec_")), int(time.time())
    for number, data in enumerate(orders):
        webhook_id = f"msg_{run}_{source}_{number}"
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
        body = json.dumps({"type": "alert.raised", "timestamp": stamp, "data": data}, ensure_ascii=False).encode()
        mac = hmac.digest(key, f"{webhook_id}.{now}.".encode() + body, hashlib.sha256)
        headers = {
            "webhook-id": webhook_id,
            "webhook-timestamp": str(now),
            "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
        }
        yield request(path or f"/hooks/{source}/alerts", body, headers)


def send(port: int, requests: Sequence[bytes], lines: int, *, a_second: float | None = None) -> Answers:
    """All of them over so many open lines; as fast as they are answered, or evenly `a_second`."""
    return uvloop.run(_send(port, requests, lines, a_second))


async def _send(port: int, requests: Sequence[bytes], lines: int, a_second: float | None) -> Answers:
    answers = Answers()
    waiting = iter(enumerate(requests))
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(lines)]
    began = time.perf_counter()

    async def work(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number, one in waiting:
            if a_second:
                await asyncio.sleep(began + number / a_second - time.perf_counter())
            asked = time.perf_counter()
            writer.write(one)
            status, body = await _answer(reader)
            answers.said.append((time.monotonic(), body))
            answers.statuses[status] += 1
            answers.took_ms.append((time.perf_counter() - asked) * 1000)

    await asyncio.gather(*(work(*pair) for pair in opened))
    answers.seconds = time.perf_counter() - began
    for _, writer in opened:
        writer.close()
    return answers


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(_HEAD_END)).lower()
    length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
    body = await reader.readexactly(int(length))
    return int(head.split(b" ", 2)[1]), body
