"""uvicorn's websocket, with a short way for frames that are the same for everybody.

What goes through ASGI is framed anew for each console and wakes its task: twice the work, a thousand times an event.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.http11 import Request
from websockets.protocol import State

Write = Callable[[bytes], bool]
WRITE_FRAME = "write_frame"
"""Under this name a socket finds its `LineProtocol.write_frame` in the state of its scope."""

_LOG = logging.getLogger("uvicorn.error.sockets")
_LOG.setLevel(logging.WARNING)  # no three lines for each console that comes and goes


class LineProtocol(WebSocketsSansIOProtocol):
    """Lets the application write finished frames."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.logger = self.conn.logger = _LOG

    def handle_connect(self, event: Request) -> None:
        """The state of the scope is this connection's own; its application begins after this returned."""
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["state"][WRITE_FRAME] = self.write_frame

    def write_frame(self, frames: bytes) -> bool:
        """Write whole frames now; False, with nothing written, before the line is open, while the other end does not
        read what was written, and once either end has begun to close.
        """
        if self.conn.state is not State.OPEN or not self.writable.is_set() or self.transport.is_closing():
            return False
        self.transport.write(frames)
        return True
