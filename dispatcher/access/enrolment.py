"""Enrolling the second factor: a secret, then a first code that proves it arrived."""

from sqlalchemy import select

from dispatcher.access import sessions, totp
from dispatcher.access.audit import record
from dispatcher.access.viewer import Viewer
from dispatcher.db import Database
from dispatcher.errors import BadInput, Conflict
from dispatcher.model import Officer
from dispatcher.work import Work


def enrol(work: Work, viewer: Viewer) -> tuple[str, str]:
    """A new secret for the officer and its otpauth address; it counts once it is confirmed.

    Raises Conflict when the officer has a confirmed one.
    """
    officer = _locked(work, viewer)
    officer.totp_secret = totp.new_secret()
    officer.totp_last_step = None
    record(work, viewer, "totp.enrolled")
    return officer.totp_secret, totp.otpauth_url(officer.totp_secret, officer.name)


def confirm(database: Database, viewer: Viewer, code: str) -> str:
    """The officer's first code; from here on it is asked for at every sign-in. Gives the session's new token.

    Raises BadInput for a wrong code (which is recorded), Conflict when nothing waits to be confirmed.
    """

    def act(work: Work) -> str | None:
        officer = _locked(work, viewer)
        if officer.totp_secret is None:
            raise Conflict("start the enrolment first", field="totp")
        step = totp.matching_step(officer.totp_secret, code, work.now, officer.totp_last_step)
        record(work, viewer, "totp.confirmed" if step is not None else "totp.confirm_failed")
        if step is None:
            return None
        officer.totp_last_step = step
        officer.totp_confirmed_at = work.now
        return sessions.renew(work, viewer.session_id)

    token = database.transact(act)
    if token is None:
        raise BadInput("that one-time password is not right", field="totp")
    return token


def _locked(work: Work, viewer: Viewer) -> Officer:
    officer = work.session.scalars(select(Officer).where(Officer.id == viewer.officer.id).with_for_update()).one()
    if officer.totp_confirmed_at:
        raise Conflict("a second factor is enrolled already", field="totp")
    return officer
