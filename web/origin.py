"""Where a browser's request comes from: other sites must not act with an officer's cookie."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from starlette.datastructures import Headers

from dispatcher.errors import NotAllowed
from dispatcher.settings import Settings

_DEFAULT_PORTS = {"http": 80, "https": 443}


def check_origin(headers: Headers, settings: Settings) -> None:
    """Programs that are no browser send no Origin and pass; the cookie's SameSite=Strict stands behind this.

    Raises NotAllowed for any origin but the service's own: its public address, or the loopback host it was asked at.
    """
    origin = headers.get("origin")
    if origin is None:
        return
    asked = _parts(origin)
    if asked is None or (asked != _parts(settings.public_url) and not _own_loopback(asked, headers.get("host"))):
        raise NotAllowed("this request comes from another site", field="Origin")


_Parts = tuple[str, str, int]


def _parts(address: str) -> _Parts | None:
    """Scheme, host and port of an http address."""
    try:
        split: SplitResult = urlsplit(address)
        port = split.port or _DEFAULT_PORTS.get(split.scheme)
    except ValueError:
        return None
    if not split.hostname or port is None:
        return None
    return split.scheme, split.hostname, port


def _own_loopback(asked: _Parts, host: str | None) -> bool:
    """A name that only resolves to loopback would pass for it, so the host itself must be loopback."""
    scheme, name, _ = asked
    return _is_loopback(name) and host is not None and asked == _parts(f"{scheme}://{host}")


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
