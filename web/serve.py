"""Starts the web process under uvicorn."""

import contextlib
import resource

import uvicorn
from fastapi import FastAPI

from dispatcher.settings import Settings
from web.live.line import LineProtocol
from web.patience import PatientProtocol

WEBSOCKET_FRAME_BYTES = 65_536
BACKLOG = 4096
OPEN_FILES = 65_536
_NOT_STARTED = 3


def serve(app: FastAPI, settings: Settings, host: str, port: int) -> None:
    """Serve until SIGTERM. TLS by our own certificate files when both are set, else a proxy stands in front.

    Raises SystemExit when it could not begin to serve.
    """
    _open_many_files()
    server = uvicorn.Server(configuration(app, settings, host, port))
    server.run()
    if not server.started:
        raise SystemExit(_NOT_STARTED)


def _open_many_files() -> None:
    """Every console and every stranger is an open file; the usual limit of 1,024 is soon reached."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    with contextlib.suppress(ValueError, OSError):  # where less is allowed than is said, it stays as it is
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


def configuration(app: FastAPI, settings: Settings, host: str, port: int) -> uvicorn.Config:
    """How uvicorn runs us. The client is the peer, unless that is a trusted proxy which names another."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=PatientProtocol,
        ws=LineProtocol,
        ws_max_size=WEBSOCKET_FRAME_BYTES,
        ws_per_message_deflate=False,  # else every frame is packed again for each console
        ws_ping_interval=20,
        ws_ping_timeout=20,
        backlog=BACKLOG,
        timeout_graceful_shutdown=5,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=settings.proxies,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
    )
