"""What every route may lean on, made once when the process starts and handed down."""

from dataclasses import dataclass

from fastapi import Request, WebSocket

from dispatcher.db import Database
from dispatcher.settings import Settings


@dataclass(frozen=True)
class Services:
    """Settings and the database (which knows the clock and the waker)."""

    settings: Settings
    database: Database


def services(request: Request) -> Services:
    """The process's services, for `Depends`."""
    found: Services = request.app.state.services
    return found


def socket_services(websocket: WebSocket) -> Services:
    """The process's services, for sockets."""
    found: Services = websocket.app.state.services
    return found
