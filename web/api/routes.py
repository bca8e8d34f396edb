"""All routes of the console's API, under `/api`."""

from typing import Any

from fastapi import APIRouter, Depends

from web.api import (
    about,
    acts,
    cases,
    checks,
    desk,
    freeze_pages,
    freezes,
    guidance,
    handover,
    offers,
    records,
    session,
)
from web.api.fields import Problem
from web.session import own_site

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": meaning}
    for status, meaning in {
        401: "not signed in",
        403: "signed in, and not allowed to; or a request from another site",
        404: "there is no such thing, or it lies outside the officer's places",
        409: "somebody else was first, or the state does not allow it",
        413: "over 64 kB",
        422: "not the shape asked for; `field` says where",
        429: "too many tries; Retry-After says when to come back",
        503: "the database cannot be written to at the moment; nothing was changed",
    }.items()
}

router = APIRouter(prefix="/api", dependencies=[Depends(own_site)], responses=_PROBLEMS)
for part in (about, session, cases, acts, freezes, freeze_pages, offers, handover, desk, records, checks, guidance):
    router.include_router(part.router)
