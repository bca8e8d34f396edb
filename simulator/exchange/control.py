"""What tests, the page and the simulated volunteers do with the exchange: `/control/…`."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, status
from pydantic import BaseModel, ConfigDict, Field

from simulator.exchange.claims import Claim
from simulator.exchange.drafts import MAX_BODY
from simulator.exchange.faults import Fault
from simulator.exchange.switchboard import Board
from simulator.phones import e164

router = APIRouter(prefix="/control")
LONGEST_WAIT = 25.0


class Text(BaseModel):
    """A text typed on a handset."""

    model_config = ConfigDict(extra="forbid")
    body: str = Field(min_length=1, max_length=MAX_BODY)


class InboundAddress(BaseModel):
    """Where texts from handsets are posted; null to post nowhere."""

    model_config = ConfigDict(extra="forbid")
    url: str | None


@router.post("/faults")
async def put_faults(given: Fault | list[Fault], board: Board) -> dict[str, Any]:
    """Put one fault or several in force, each in the place of its number's earlier one."""
    for fault in given if isinstance(given, list) else [given]:
        board.faults.put(fault)
    return await faults(board)


@router.get("/faults")
async def faults(board: Board) -> dict[str, Any]:
    """The faults in force."""
    return {"faults": [fault.model_dump(exclude_defaults=True) for fault in board.faults.listed()]}


@router.post("/claims")
async def claim(given: Claim, board: Board) -> dict[str, Any]:
    """From now on texts with these words are the player's: the simulated volunteers leave them alone."""
    board.claims.put(given, time.monotonic())
    return {"player": given.player}


@router.delete("/claims/{player}", status_code=status.HTTP_204_NO_CONTENT)
async def drop_claim(player: str, board: Board) -> None:
    """The player claims no further texts."""
    board.claims.drop(player)


@router.post("/reset")
async def reset(board: Board) -> dict[str, Any]:
    """Forget texts, faults and opt-outs."""
    board.reset()
    return {"epoch": board.ledger.epoch}


@router.get("/ledger")
async def ledger(
    board: Board,
    epoch: str = "",
    after: Annotated[int, Query(ge=0)] = 0,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT)] = 0,
) -> dict[str, Any]:
    """What changed after version `after` of `epoch`, in the order of the texts; everything for another epoch.

    With `wait` the answer comes when something changed, at the latest after so many seconds.
    """
    book = board.ledger
    if epoch == book.epoch and wait:
        await book.wait(after, wait)
    known = after if epoch == book.epoch else 0
    return {
        "epoch": book.epoch,
        "version": book.version,
        "forgotten": book.forgotten,
        "entries": [entry.as_json() for entry in book.since(known)],
    }


@router.post("/handsets/{phone}/send", status_code=status.HTTP_202_ACCEPTED)
async def send(phone: str, text: Text, board: Board) -> dict[str, Any]:
    """The handset sends a text to the service. 409 while the phone is off, 422 for a number that is none."""
    number = e164(phone)
    if number is None:
        raise HTTPException(status.HTTP_422_UNPROCESSABLE_CONTENT, "no phone number in E.164")
    if board.faults.peek(number).phone_off:
        raise HTTPException(status.HTTP_409_CONFLICT, "the phone is off")
    if board.busy():
        raise HTTPException(status.HTTP_429_TOO_MANY_REQUESTS, "too many texts are under way")
    return {"sid": board.hand_in(number, text.body).sid}


@router.post("/inbound")
async def set_inbound(address: InboundAddress, board: Board) -> dict[str, Any]:
    """Post texts from handsets to this address from now on."""
    board.inbound_url = address.url
    return {"url": board.inbound_url}


@router.get("/line")
async def line(board: Board) -> dict[str, Any]:
    """The service's number, its account and where its texts are posted."""
    wanted = board.settings
    return {"account_sid": wanted.account_sid, "from": wanted.from_number, "inbound_url": board.inbound_url}
