"""Sessions: a random token in the officer's cookie, its hash in the database, an end that comes by itself."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dispatcher.access.viewer import Viewer
from dispatcher.errors import NotSignedIn
from dispatcher.model import Officer, OfficerSession, Place
from dispatcher.settings import Settings
from dispatcher.work import Work

_TOKEN_BYTES = 32
_LONGEST_TOKEN = 128
TOUCH_EVERY = timedelta(minutes=1)


def start(work: Work, officer: Officer, settings: Settings, *, full: bool) -> tuple[str, OfficerSession]:
    """Open a session; the token is told once and kept nowhere."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    session = OfficerSession(
        officer_id=officer.id,
        token_hash=_hash(token),
        full=full,
        started_at=work.now,
        seen_at=work.now,
        expires_at=work.now + timedelta(hours=settings.session_hours),
    )
    work.session.add(session)
    work.session.flush()
    return token, session


def find(session: Session, token: str | None, now: datetime, settings: Settings) -> tuple[Viewer, datetime]:
    """The officer behind a token, and when they were last seen.

    Raises NotSignedIn when there is no such session, or it was ended, is too old, or idled too long.
    """
    row = None
    if token and len(token) <= _LONGEST_TOKEN:
        row = session.execute(
            select(OfficerSession, Officer, Place)
            .join(Officer, Officer.id == OfficerSession.officer_id)
            .join(Place, Place.id == Officer.place_id)
            .where(
                OfficerSession.token_hash == _hash(token),
                OfficerSession.ended_at.is_(None),
                OfficerSession.expires_at > now,
                OfficerSession.seen_at > now - timedelta(minutes=settings.session_idle_minutes),
                Officer.active,
            )
        ).one_or_none()
    if row is None:
        raise NotSignedIn("sign in first")
    found, officer, place = row
    return Viewer(officer, place, found.id, found.full), found.seen_at


def touch(work: Work, session_id: UUID) -> None:
    """The officer did something: the idle clock starts again. Written at most once a minute."""
    work.session.execute(
        update(OfficerSession)
        .where(OfficerSession.id == session_id, OfficerSession.seen_at <= work.now - TOUCH_EVERY)
        .values(seen_at=work.now)
    )


def renew(work: Work, session_id: UUID) -> str:
    """A new token for a session that has grown to a full one: the old token is worth nothing from here on."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    work.session.execute(
        update(OfficerSession)
        .where(OfficerSession.id == session_id)
        .values(token_hash=_hash(token), full=True, seen_at=work.now)
    )
    return token


def end(work: Work, session_id: UUID) -> None:
    """Sign out; once is enough."""
    work.session.execute(
        update(OfficerSession)
        .where(OfficerSession.id == session_id, OfficerSession.ended_at.is_(None))
        .values(ended_at=work.now)
    )


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
