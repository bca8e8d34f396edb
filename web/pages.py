"""The console's screens: the files that `make console` built, served as they are (contract: Console).

One page runs them all; every path that is no file and belongs to nobody else is a place inside it.
"""

import hashlib
import re
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from starlette.convertors import Convertor, register_url_convertor

from dispatcher.errors import NotFound
from dispatcher.settings import Settings
from web.home import home
from web.services import Services

router = APIRouter(include_in_schema=False)

DIST: Final = Path(__file__).parent / "console" / "dist"

_TYPES: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".wav": "audio/wav",
    ".txt": "text/plain; charset=utf-8",
}
"""What is served at all, whatever else a build leaves lying there."""

_NAME: Final = re.compile(r"[\w./-]{1,200}", re.ASCII)
_PACKED: Final = (("br", ".br"), ("gzip", ".gz"))
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"
_FEATURES: Final = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"
)


class _ConsolePath(Convertor[str]):
    """Paths that belong to nobody else: another surface's door stays a door, or nothing."""

    regex = r"(?!(?:api|hooks|ws|t|t-static|check|healthz|readyz|metrics|openapi\.json)(?:/|$)).+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("console", _ConsolePath())


@router.api_route("/", methods=["GET", "HEAD"])
def start(request: Request) -> Response:
    """The console; where it was not built, what this address is and how to build it."""
    index = _file(request, "index.html", _ASK_AGAIN)
    return index or home(request)


@router.api_route("/{path:console}", methods=["GET", "HEAD"])
def page(path: str, request: Request) -> Response:
    """A file of the console, or the console at a place of its own. Names with a hash in them never change."""
    found = _file(request, path, _FOR_EVER if path.startswith("assets/") else _ASK_AGAIN)
    if found is None and "." not in path.rsplit("/", 1)[-1] and not path.startswith("assets/"):
        found = _file(request, "index.html", _ASK_AGAIN)
    if found is None:
        raise NotFound("there is no such page")
    return found


def _file(request: Request, name: str, caching: str) -> Response | None:
    """The file of this name below the built folder, packed if the browser takes it so; None when there is none."""
    dist: Path = request.app.state.console
    path = dist / name
    kind = _TYPES.get(path.suffix)
    if kind is None or not _NAME.fullmatch(name) or not path.resolve().is_relative_to(dist.resolve()):
        return None
    if not path.is_file():
        return None
    services: Services = request.app.state.services
    headers = {"Cache-Control": caching, "Vary": "Accept-Encoding"} | page_headers(services.settings)
    content = path.read_bytes()
    for encoding, suffix in _PACKED:
        packed = path.with_name(path.name + suffix)
        if encoding in _accepted(request.headers.get("accept-encoding", "")) and packed.is_file():
            headers["Content-Encoding"] = encoding
            content = packed.read_bytes()
            break
    headers["ETag"] = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    if headers["ETag"] in re.split(r",\s*(?:W/)?", request.headers.get("if-none-match", "").removeprefix("W/")):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(content, media_type=kind, headers=headers)


def _accepted(header: str) -> set[str]:
    """The encodings a browser takes; `q=0` says that it does not."""
    accepted = set()
    for part in header.lower().split(","):
        name, _, weight = part.partition(";")
        if not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", weight):
            accepted.add(name.strip())
    return accepted


def page_headers(settings: Settings) -> dict[str, str]:
    """Nothing but our own files runs, is shown or is asked; the socket is named for browsers whose 'self' has none."""
    public = urlsplit(settings.public_url)
    socket = f"{'wss' if settings.secure else 'ws'}://{public.netloc}"
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "font-src": "'self'",
        "connect-src": f"'self' {socket}",
        "media-src": "'self'",
        "manifest-src": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Permissions-Policy": _FEATURES,
        "X-Content-Type-Options": "nosniff",
    }
