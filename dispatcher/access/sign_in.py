"""Signing in: the same time and the same answer whatever was wrong, and a pause after too many tries."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from dispatcher.access import sessions, totp
from dispatcher.access.audit import record_of
from dispatcher.access.officers import normal_name
from dispatcher.access.passwords import verify_password
from dispatcher.db import Database
from dispatcher.errors import DispatcherError, NotSignedIn, TooMany
from dispatcher.model import AuditEntry, Officer, OfficerSession
from dispatcher.protection.keys import current_keys
from dispatcher.settings import SecondFactor, Settings
from dispatcher.work import Work

WRONG = "the name or the password is not right"
TOTP_MISSING = "a one-time password is needed as well"
TOTP_WRONG = "that one-time password is not right, or was used already"

SIGNED_IN, FAILED, LOCKED, TOTP_ASKED = "sign_in", "sign_in.failed", "sign_in.locked", "sign_in.totp_asked"


@dataclass(frozen=True)
class SignedIn:
    """A new session; `token` goes into the cookie and is kept nowhere else."""

    token: str
    session: OfficerSession
    officer: Officer


@dataclass(frozen=True)
class _Try:
    name: str
    password_fits: bool
    hash_seen: str | None
    totp: str | None
    address: str | None


def sign_in(
    database: Database, name: str, password: str, code: str | None, address: str | None, settings: Settings
) -> SignedIn:
    """Open a session for the officer called `name`; every try is audited, the refused ones too.

    Raises NotSignedIn (`field` is "totp" when only the one-time password is missing or wrong), TooMany while
    the name is locked: after `sign_in_attempts` failures for `sign_in_lock_minutes`.
    """
    name = normal_name(name)
    kept = database.read(lambda session: session.scalar(select(Officer.password_hash).where(Officer.name == name)))
    # Outside of any transaction: it takes a tenth of a second, and orders need the connections.
    attempt = _Try(name, verify_password(password, kept), kept, code, address)
    answer = database.transact(_deciding(attempt, settings))
    if isinstance(answer, DispatcherError):
        raise answer
    return answer


def _deciding(attempt: _Try, settings: Settings) -> Callable[[Work], SignedIn | DispatcherError]:
    """The refusal is a result and not an exception: what it counts and records must be committed."""

    def decide(work: Work) -> SignedIn | DispatcherError:
        officer = work.session.scalar(select(Officer).where(Officer.name == attempt.name).with_for_update())
        if officer is None:
            return _stranger(work, attempt, settings)
        return _officer(work, officer, attempt, settings)

    return decide


def _officer(work: Work, officer: Officer, attempt: _Try, settings: Settings) -> SignedIn | DispatcherError:
    if officer.locked_until and officer.locked_until > work.now:
        record_of(work, officer, LOCKED, address=attempt.address)
        return _locked(officer.locked_until - work.now)
    if not attempt.password_fits or attempt.hash_seen != officer.password_hash or not officer.active:
        return _failed(work, officer, attempt, settings, NotSignedIn(WRONG))
    if officer.totp_secret and officer.totp_confirmed_at:
        if not attempt.totp:
            record_of(work, officer, TOTP_ASKED, address=attempt.address)
            return NotSignedIn(TOTP_MISSING, field="totp")
        step = totp.matching_step(officer.totp_secret, attempt.totp, work.now, officer.totp_last_step)
        if step is None:
            return _failed(work, officer, attempt, settings, NotSignedIn(TOTP_WRONG, field="totp"))
        officer.totp_last_step = step
    officer.failed_attempts = 0
    officer.locked_until = None
    full = officer.totp_confirmed_at is not None or settings.second_factor == SecondFactor.OPTIONAL
    token, session = sessions.start(work, officer, settings, full=full)
    record_of(work, officer, SIGNED_IN, subject=session.id, address=attempt.address)
    return SignedIn(token, session, officer)


def _failed(work: Work, officer: Officer, attempt: _Try, settings: Settings, answer: NotSignedIn) -> DispatcherError:
    officer.failed_attempts += 1
    record_of(work, officer, FAILED, address=attempt.address)
    if officer.failed_attempts >= settings.sign_in_attempts:
        officer.failed_attempts = 0
        officer.locked_until = work.now + timedelta(minutes=settings.sign_in_lock_minutes)
    return answer


def _stranger(work: Work, attempt: _Try, settings: Settings) -> DispatcherError:
    """A name nobody has is locked as an officer's would be, or the lock would tell which names there are.

    The name is recorded as its blind index: people type their password into the wrong field.
    """
    subject = current_keys().blind_index("sign_in.name", attempt.name).hex()
    span = timedelta(minutes=settings.sign_in_lock_minutes)
    failures = work.session.scalars(
        select(AuditEntry.at)
        .where(AuditEntry.act == FAILED, AuditEntry.subject == subject, AuditEntry.at > work.now - span)
        .order_by(AuditEntry.at.desc())
        .limit(settings.sign_in_attempts)
    ).all()
    if len(failures) >= settings.sign_in_attempts:
        record_of(work, None, LOCKED, subject=subject, address=attempt.address)
        return _locked(failures[0] + span - work.now)
    record_of(work, None, FAILED, subject=subject, address=attempt.address)
    return NotSignedIn(WRONG)


def _locked(rest: timedelta) -> TooMany:
    return TooMany("too many failed sign-ins: wait before trying again", max(1, round(rest.total_seconds())))
