"""`POST /hooks/{source}/alerts`: who is it, is it theirs, is it an order; and only once it is durable, 202."""

import hashlib
import time
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import ClientDisconnect

from dispatcher.errors import NotFound, NotSignedIn, TooMany
from dispatcher.intake.incoming import Incoming, Outcome
from dispatcher.intake.order import AlertRaised, AlertWithdrawn, read_order
from dispatcher.intake.signing import check_signature
from dispatcher.intake.sources import KnownSource
from web.hooks.batcher import Batcher
from web.problems import problem
from web.services import Services

LONGEST_BODY: Final = 1024 * 1024
_RETRY_AFTER_S: Final = 1

router = APIRouter()


class Limits:
    """Orders a second of each source, in this process."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def check(self, source: KnownSource) -> None:
        """Count one order. Raises TooMany when the source has had its share of this second."""
        if not self._limiter.hit(RateLimitItemPerSecond(source.limit_per_second), source.id.hex):
            raise TooMany(f"more than {source.limit_per_second} orders in a second", _RETRY_AFTER_S)


limits = Limits()


class _TooLong(Exception):
    """The body is longer than it may be."""


_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {}}}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The same webhook-id and body came before: the same ids, duplicate true"},
    202: {"description": "The order is durable"},
    401: _PROBLEM | {"description": "Signature or timestamp"},
    404: _PROBLEM | {"description": "Unknown source"},
    409: _PROBLEM | {"description": "The webhook-id came before with another body"},
    413: _PROBLEM | {"description": "Over 1 MiB"},
    422: _PROBLEM | {"description": "Not a warning order"},
    429: _PROBLEM | {"description": "Over the source's limit"},
    503: _PROBLEM | {"description": "It could not be made durable"},
}


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """The schema with its references written out: `#/$defs` means nothing inside the API's description."""
    if isinstance(schema, list):
        return [_inlined(one, definitions) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {key: _inlined(value, definitions) for key, value in schema.items() if key != "$defs"}


def _schema(shape: type[AlertRaised] | type[AlertWithdrawn]) -> Any:
    schema = shape.model_json_schema()
    return _inlined(schema, schema.get("$defs", {}))


_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"anyOf": [_schema(AlertRaised), _schema(AlertWithdrawn)]}}},
    }
}


@router.post("/hooks/{source}/alerts", status_code=202, responses=_RESPONSES, openapi_extra=_BODY, tags=["hooks"])
async def take_order(source: str, request: Request) -> Response:
    """A warning order (预警指令) from an anti-fraud centre, signed as Standard Webhooks 1.0.0 says."""
    asked_at = time.monotonic()
    batcher: Batcher = request.app.state.batcher
    services: Services = request.app.state.services
    now = services.database.clock.now()
    known = batcher.sources.at_hand(source) or await batcher.look_up(source, asked_at)
    if known is None:
        raise NotFound("there is no source of this name", field="source")
    try:
        body = await _read(request)
    except _TooLong:
        return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body: longer than 1 MiB", field="body")
    except ClientDisconnect:
        return Response(status_code=400)
    webhook_id, text = await _checked(batcher, known, body, request, asked_at, now)
    limits.check(known)
    incoming = Incoming(
        source_id=known.id,
        desk_id=known.desk_id,
        webhook_id=webhook_id,
        body_sha256=hashlib.sha256(body).digest(),
        order=read_order(text),
        day=now.astimezone(services.settings.zone).date(),
    )
    return _answered(await batcher.accept(incoming))


async def _read(request: Request) -> bytes:
    """The body, never more than 1 MiB of it in memory."""
    length = request.headers.get("content-length", "0")
    if length.isascii() and length.isdigit() and int(length) > LONGEST_BODY:
        raise _TooLong
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > LONGEST_BODY:
            raise _TooLong
        parts.append(part)
    return b"".join(parts)


async def _checked(
    batcher: Batcher, known: KnownSource, body: bytes, request: Request, asked_at: float, now: datetime
) -> tuple[str, str]:
    """The id and text, signed by a key of the source; the key may be newer than what we had at hand."""
    try:
        return check_signature(known.keys_at(now), body, request.headers)
    except NotSignedIn:
        newest = await batcher.look_up(known.name, asked_at)
        if newest is None or newest.keys_at(now) == known.keys_at(now):
            raise
        return check_signature(newest.keys_at(now), body, request.headers)


def _answered(outcome: Outcome) -> Response:
    ids = {
        "alert_id": str(outcome.alert_id),
        "case_id": str(outcome.case_id) if outcome.case_id else None,
        "duplicate": outcome.duplicate,
    }
    return JSONResponse(ids, HTTPStatus.OK if outcome.duplicate else HTTPStatus.ACCEPTED)
