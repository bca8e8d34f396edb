"""Connections that give a call a limit as a whole: a centre that sends a byte now and then holds nobody up.

The client's own timeouts begin anew with every byte.
"""

import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx
from httpcore import SOCKET_OPTION, NetworkBackend, NetworkStream, SyncBackend

_KEEP_ALIVE_S = 2.0  # shorter than servers wait before they hang up, so that a call rarely meets that moment


class _Deadline(threading.local):
    """When the call of this thread must be over, by time.monotonic()."""

    at = float("inf")

    def left(self, timeout: float | None) -> float:
        """The shorter of `timeout` and what is left.

        Raises httpcore.ReadTimeout when nothing is.
        """
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the call took too long as a whole")
        return left if timeout is None else min(timeout, left)


class _Stream(NetworkStream):
    def __init__(self, stream: NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        inner = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _Stream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(NetworkBackend):
    def __init__(self, deadline: _Deadline) -> None:
        self._deadline = deadline
        self._sockets = SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> NetworkStream:
        left = self._deadline.left(timeout)
        return _Stream(self._sockets.connect_tcp(host, port, left, local_address, socket_options), self._deadline)


class PatientTransport(httpx.HTTPTransport):
    """Pooled HTTP/1.1 whose calls end after `whole_s` seconds, the answer's body included; threads may share it.

    Looking a name up is the one step without a limit here: the resolver has its own.
    """

    def __init__(self, whole_s: float, connections: int) -> None:
        context = _trust()
        super().__init__(verify=context, trust_env=False)
        self._whole_s = whole_s
        self._deadline = _Deadline()
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=_KEEP_ALIVE_S,
            network_backend=_Backend(self._deadline),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; the clock of this thread's call starts now."""
        self._deadline.at = time.monotonic() + self._whole_s
        return super().handle_request(request)


def _trust() -> ssl.SSLContext:
    """The public authorities, and those the machine trusts: a closed network has one of its own."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context
