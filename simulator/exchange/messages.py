"""Twilio's Messages resource: create, list, fetch."""

import asyncio
import base64
import binascii
import hmac
import time
from email.utils import format_datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from simulator.exchange.drafts import Draft, read_draft
from simulator.exchange.faults import Fault
from simulator.exchange.ledger import Entry
from simulator.exchange.listing import page_of
from simulator.exchange.refusals import Refusal, refusal, wording
from simulator.exchange.segments import segments
from simulator.exchange.switchboard import Board, Switchboard

router = APIRouter()
_MESSAGES = "/2010-04-01/Accounts/{account}/Messages"
_LARGEST_FORM = 64 * 1024


def resource(entry: Entry, account: str) -> dict[str, Any]:
    """The message as Twilio's JSON resource; times in RFC 2822."""
    uri = f"{_MESSAGES.format(account=account)}/{entry.sid}"
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": entry.body,
        "date_created": format_datetime(entry.created_at),
        "date_sent": format_datetime(entry.sent_at) if entry.sent_at else None,
        "date_updated": format_datetime(entry.updated_at),
        "direction": entry.direction,
        "error_code": entry.error_code,
        "error_message": "Simulated failure" if entry.error_code else None,
        "from": entry.sender,
        "messaging_service_sid": entry.messaging_service_sid,
        "num_media": "0",
        "num_segments": str(segments(entry.body)),
        "price": None,
        "price_unit": "USD",
        "sid": entry.sid,
        "status": entry.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": entry.to,
        "uri": f"{uri}.json",
    }


@router.post(_MESSAGES + ".json", status_code=201)
async def create(request: Request, account: str, board: Board) -> JSONResponse:
    """Accept a message and send it on its way."""
    _authenticate(request, account, board)
    draft = read_draft(await _form(request), board.settings.from_number, board.opted_out)
    if board.busy():
        raise refusal(20429)
    fault = board.faults.take(draft.to)
    await asyncio.sleep(fault.delay_ms / 1000)
    if fault.refuse:
        given = fault.refuse
        raise Refusal(given.status, given.code, given.message or wording(given.code), given.retry_after)
    created = resource(await _accept(board, draft, fault), account) if fault.taken else None
    await asyncio.sleep(fault.hang_seconds)
    if created is None or fault.hang_seconds:
        raise Refusal(504, 20504, "Gateway Timeout")
    if fault.accept_then_500:
        raise Refusal(500, 20500, "Internal Server Error")
    return JSONResponse(created, status_code=201)


@router.get(_MESSAGES + ".json")
async def list_messages(request: Request, account: str, board: Board) -> JSONResponse:
    """One page of messages, newest first."""
    _authenticate(request, account, board)
    page = page_of(board.ledger.newest_first(), request.query_params)
    here = _MESSAGES.format(account=account) + ".json"
    start = page.number * page.size
    return JSONResponse(
        {
            "messages": [resource(entry, account) for entry in page.entries],
            "page": page.number,
            "page_size": page.size,
            "start": start,
            "end": max(start, start + len(page.entries) - 1),
            "uri": f"{here}?{request.url.query}" if request.url.query else here,
            "first_page_uri": f"{here}?{page.first_query}",
            "next_page_uri": f"{here}?{page.next_query}" if page.next_query else None,
            "previous_page_uri": None,
        }
    )


@router.get(_MESSAGES + "/{sid}.json")
async def fetch(request: Request, account: str, sid: str, board: Board) -> JSONResponse:
    """One message by its sid; 404 code 20404 when it is unknown or forgotten."""
    _authenticate(request, account, board)
    entry = board.ledger.find(sid)
    if entry is None:
        raise refusal(20404, request.url.path)
    return JSONResponse(resource(entry, account))


async def _accept(board: Switchboard, draft: Draft, fault: Fault) -> Entry:
    entry = board.ledger.add(
        "outbound-api",
        draft.sender,
        draft.to,
        draft.body,
        status="accepted" if draft.messaging_service_sid else "queued",
        messaging_service_sid=draft.messaging_service_sid,
        status_callback=draft.status_callback,
        player=board.claims.player_of(draft.body, time.monotonic()),
    )
    journey = board.errands.run(board.carrier.carry(entry, fault))
    if fault.callbacks_first:
        await journey
    return entry


async def _form(request: Request) -> dict[str, str]:
    if int(request.headers.get("content-length") or 0) > _LARGEST_FORM:
        raise Refusal(413, 20413, "Request Entity Too Large")
    async with request.form(max_files=0, max_fields=100) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def _authenticate(request: Request, account: str, board: Switchboard) -> None:
    """Basic auth with the account's sid and token, for that account's own path; else 401 code 20003."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    try:
        name, _, password = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise refusal(20003) from None
    wanted = board.settings
    right = hmac.compare_digest(f"{name}:{password}".encode(), f"{wanted.account_sid}:{wanted.auth_token}".encode())
    if scheme.lower() != "basic" or not right or account != wanted.account_sid:
        raise refusal(20003)
