"""The console's socket: refused before the upgrade, started by one frame, then events without a gap (contract)."""

import asyncio
import random
from collections.abc import Coroutine
from contextlib import suppress
from typing import Annotated, Any, Literal

import structlog
from fastapi import APIRouter, Depends, Query, WebSocket
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnect

from dispatcher.access import scope, sessions
from dispatcher.access.roles import Permission
from dispatcher.errors import DispatcherError, NotAllowed, NotFound, NotSignedIn
from dispatcher.model import Place
from web import problems
from web.api.fields import Code
from web.live.frames import Frame
from web.live.hub import Hub
from web.live.line import WRITE_FRAME, Write
from web.live.reader import Reader
from web.live.subscription import Broken, Subscription, TooSlow
from web.metrics import Metrics
from web.origin import check_origin
from web.services import Services, socket_services
from web.session import token_in

router = APIRouter()
log = structlog.get_logger(__name__)

FIRST_FRAME_S = 10.0
LOOK_AGAIN_S = 15.0
CLOSING_S = 5.0
_LONGEST_FRAME = 4096

MALFORMED, AGAIN_LATER, FAULT, COME_AGAIN = 1008, 1013, 1011, 1012
SIGNED_OUT, NO_LONGER_ALLOWED = 4401, 4403


class _Start(BaseModel):
    model_config = ConfigDict(extra="ignore")
    type: Literal["start"]


class _Resume(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)
    type: Literal["resume"]
    epoch: str = Field(max_length=64)
    seq: int


class _Ping(BaseModel):
    type: Literal["ping"]


_FIRST: TypeAdapter[_Start | _Resume] = TypeAdapter(Annotated[_Start | _Resume, Field(discriminator="type")])
_LATER = TypeAdapter(_Ping)


class _Close(Exception):
    """Ends the socket with a code and a reason for the console."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@router.websocket("/ws/console")
async def console(
    websocket: WebSocket,
    context: Annotated[Services, Depends(socket_services)],
    station: Annotated[Code | None, Query()] = None,
) -> None:
    """The live feed of one station: the officer's own, or the one asked for within their scope."""
    try:
        place = await run_in_threadpool(_admit, websocket, context, station)
    except DispatcherError as error:
        await websocket.send_denial_response(problems.of_error(error))
        return
    except Exception as error:  # noqa: BLE001  # the database is away
        log.warning("socket_refused", error=type(error).__name__)
        await websocket.send_denial_response(problems.database_away())
        return
    await websocket.accept()
    metrics: Metrics = websocket.app.state.metrics
    with metrics.sockets.track_inprogress():
        await _Line(websocket, context, place, metrics).run()


def _admit(websocket: WebSocket, context: Services, station: str | None) -> Place:
    """The station to show. Raises NotSignedIn or NotAllowed; what lies outside the scope is not allowed either."""
    check_origin(websocket.headers, context.settings)
    token, now = token_in(websocket.cookies, context.settings), context.database.clock.now()

    def look(session: Session) -> Place:
        viewer, _ = sessions.find(session, token, now, context.settings)
        viewer.check(Permission.WATCH)
        return scope.desk(session, viewer, station)

    try:
        return context.database.read(look)
    except NotFound as error:
        raise NotAllowed(error.message, field="station") from None


class _Line:
    """One accepted socket."""

    def __init__(self, websocket: WebSocket, context: Services, place: Place, metrics: Metrics) -> None:
        self._socket = websocket
        self._context = context
        self._place = place
        self._metrics = metrics
        self._hub: Hub = websocket.app.state.hub
        self._write: Write | None = websocket.scope.get("state", {}).get(WRITE_FRAME)

    async def run(self) -> None:
        """Serve until somebody ends it; the console is told why."""
        try:
            first = await self._first_frame()
            async with self._hub.watch(self._place.id) as (reader, subscription):
                await _first_to_end(
                    self._send_events(reader, subscription, first),
                    self._listen(),
                    self._look_again(),
                    subscription.ended(),
                )
        except WebSocketDisconnect:
            return
        except _Close as end:
            await self._close(end.code, end.reason)
        except TooSlow:
            self._metrics.slow.inc()
            await self._close(AGAIN_LATER, "reading too slowly: come again with resume")
        except Broken:
            await self._close(COME_AGAIN, "the feed begins anew: come again with resume")
        except Exception as error:  # noqa: BLE001  # the database is away
            log.warning("socket_failed", error=type(error).__name__)
            await self._close(FAULT, "the feed cannot be read at the moment")

    async def _first_frame(self) -> _Start | _Resume:
        try:
            text = await asyncio.wait_for(self._receive(), FIRST_FRAME_S)
            return _FIRST.validate_json(text)
        except TimeoutError:
            raise _Close(MALFORMED, "no start or resume came") from None
        except ValidationError as error:
            raise _Close(MALFORMED, _fault(error)) from None

    async def _send_events(self, reader: Reader, subscription: Subscription, first: _Start | _Resume) -> None:
        """The queue is filled already: the opening reaches at least to its beginning, and what both hold is skipped."""
        if isinstance(first, _Start):
            opening = await reader.start()
        else:
            opening = await reader.resume(first.epoch, first.seq)
        for frame in opening.frames:
            await self._send(frame)
        subscription.begin(opening.reached, self._write)
        while True:
            await self._send(await subscription.next())
            self._metrics.frames.inc()

    async def _send(self, frame: Frame) -> None:
        """As it is, if the server lets us and the console reads; else through the server, which waits for it."""
        if self._write is None or not self._write(frame.wire):
            await self._socket.send_text(frame.text)

    async def _listen(self) -> None:
        """After its first frame the console may only ask whether we are there."""
        while True:
            text = await self._receive()
            try:
                _LATER.validate_json(text)
            except ValidationError as error:
                raise _Close(MALFORMED, _fault(error)) from None
            await self._socket.send_text('{"type":"pong"}')

    async def _look_again(self) -> None:
        """A session ended or expired, an officer removed or moved: the socket goes as well.

        The first look comes early by chance, so that a thousand consoles that came at once do not look at once.
        """
        wait_s = random.uniform(0, LOOK_AGAIN_S)  # noqa: S311  # spreads load, guards nothing
        while True:
            await asyncio.sleep(wait_s)
            wait_s = LOOK_AGAIN_S
            try:
                await run_in_threadpool(_admit, self._socket, self._context, self._place.code)
            except NotSignedIn as error:
                raise _Close(SIGNED_OUT, error.message) from None
            except DispatcherError as error:
                raise _Close(NO_LONGER_ALLOWED, error.message) from None

    async def _receive(self) -> str:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        text: str | None = message.get("text")
        if text is None or len(text) > _LONGEST_FRAME:
            raise _Close(MALFORMED, "frames are short JSON texts")
        return text

    async def _close(self, code: int, reason: str) -> None:
        """Say why, without waiting for ever for somebody who does not read."""
        with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
            await asyncio.wait_for(self._socket.close(code, _short(reason)), CLOSING_S)


async def _first_to_end(*parts: Coroutine[Any, Any, None]) -> None:
    """Run all until one ends, then end the others; raises what that one raised."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


def _fault(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else first["msg"]


def _short(reason: str) -> str:
    """A close frame has room for 123 bytes."""
    return reason.encode()[:123].decode(errors="ignore")
