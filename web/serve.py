"""Starts the web process under uvicorn."""

import uvicorn
from fastapi import FastAPI

from dispatcher.settings import Settings

WEBSOCKET_FRAME_BYTES = 65_536
BACKLOG = 4096


def serve(app: FastAPI, settings: Settings, host: str, port: int) -> None:
    """Serve until SIGTERM. TLS by our own certificate files when both are set, else a proxy stands in front."""
    uvicorn.run(
        app,
        host=host,
        port=port,
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=WEBSOCKET_FRAME_BYTES,
        ws_per_message_deflate=False,  # else every frame is packed again for each console
        ws_ping_interval=20,
        ws_ping_timeout=20,
        backlog=BACKLOG,
        timeout_graceful_shutdown=5,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
    )
