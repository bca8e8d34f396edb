"""The officer's session in a request: cookie, origin, permission."""

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import Depends, Request, Response, Security
from fastapi.security import APIKeyCookie
from starlette.requests import HTTPConnection

from dispatcher.access import sessions
from dispatcher.access.roles import Permission
from dispatcher.access.viewer import ENROL_FIRST, Viewer
from dispatcher.errors import NotAllowed
from dispatcher.settings import Settings
from web.origin import check_origin
from web.services import Services, services

BY_ITSELF = "X-By-Itself"
"""The header of what the console's pages ask without their officer doing anything."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

COOKIE = APIKeyCookie(
    name="bluevest", scheme_name="session", auto_error=False, description="set by POST /api/session, for browsers"
)
"""The session in the description of the interface; its name there is the one that this installation uses."""


def cookie_name(settings: Settings) -> str:
    """`__Host-` binds the cookie to this host under https; plain http on loopback cannot have it."""
    return "__Host-bluevest" if settings.secure else "bluevest"


def set_cookie(response: Response, settings: Settings, token: str) -> None:
    """Give the session's token to the browser: out of reach of scripts and of other sites."""
    response.set_cookie(
        cookie_name(settings),
        token,
        max_age=round(settings.session_hours * 3600),
        path="/",
        secure=settings.secure,
        httponly=True,
        samesite="strict",
    )


def clear_cookie(response: Response, settings: Settings) -> None:
    """Take the token away again."""
    response.delete_cookie(cookie_name(settings), path="/", secure=settings.secure, httponly=True, samesite="strict")


def token_in(cookies: Mapping[str, str], settings: Settings) -> str | None:
    """The session's token, if the request carries one."""
    return cookies.get(cookie_name(settings))


def address_of(connection: HTTPConnection) -> str | None:
    """Where the request came from, for the audit."""
    return connection.client.host if connection.client else None


def own_site(request: Request, context: Annotated[Services, Depends(services)]) -> None:
    """Unsafe methods are for the service's own pages. Raises NotAllowed."""
    if request.method not in _SAFE:
        check_origin(request.headers, context.settings)


def anybody_signed_in(
    request: Request,
    context: Annotated[Services, Depends(services)],
    _described: Annotated[str | None, Security(COOKIE)] = None,
) -> Viewer:
    """The officer of this request, with or without a second factor; what a page asks by itself is no sign of them.

    Raises NotSignedIn.
    """
    token = token_in(request.cookies, context.settings)
    return find_viewer(context, token, address_of(request), touch=BY_ITSELF not in request.headers)


def find_viewer(context: Services, token: str | None, address: str | None, *, touch: bool = True) -> Viewer:
    """The officer behind a token; `touch` says that the officer did something just now.

    Raises NotSignedIn.
    """
    database = context.database
    now = database.clock.now()
    viewer, seen_at = database.read(lambda session: sessions.find(session, token, now, context.settings))
    if touch and now - seen_at >= sessions.TOUCH_EVERY:
        database.transact(lambda work: sessions.touch(work, viewer.session_id))
    return Viewer(viewer.officer, viewer.place, viewer.session_id, viewer.full, address)


def signed_in(viewer: Annotated[Viewer, Depends(anybody_signed_in)]) -> Viewer:
    """The officer of this request, with a full session.

    Raises NotSignedIn, NotAllowed while a second factor is required and not enrolled.
    """
    if not viewer.full:
        raise NotAllowed(ENROL_FIRST)
    return viewer


def may(permission: Permission) -> Callable[[Viewer], Viewer]:
    """A dependency: the officer of this request, who has the permission. Raises as `signed_in` does."""

    def check(viewer: Annotated[Viewer, Depends(signed_in)]) -> Viewer:
        viewer.check(permission)
        return viewer

    return check


CaseReader = Annotated[Viewer, Depends(may(Permission.SEE_CASES))]
Actor = Annotated[Viewer, Depends(may(Permission.ACT))]
Unmasker = Annotated[Viewer, Depends(may(Permission.UNMASK))]
Context = Annotated[Services, Depends(services)]
