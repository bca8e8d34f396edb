import threading
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from dispatcher.access import enrolment, sessions
from dispatcher.access.sign_in import SignedIn, sign_in
from dispatcher.access.viewer import Viewer
from dispatcher.db import Database
from dispatcher.errors import BadInput, Conflict, NotSignedIn, TooMany
from dispatcher.model import AuditEntry, Officer, OfficerSession
from dispatcher.settings import SecondFactor, Settings
from tests.access.world import CITY, PASSWORD, World
from tests.conftest import FixedClock


@pytest.fixture
def optional(settings: Settings) -> Settings:
    return settings.model_copy(update={"second_factor": SecondFactor.OPTIONAL})


def acts(database: Database) -> list[str]:
    return list(database.read(lambda s: s.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()))


def go(
    database: Database, settings: Settings, name: str, password: str = PASSWORD, code: str | None = None
) -> SignedIn:
    return sign_in(database, name, password, code, "127.0.0.1", settings)


def viewer_of(database: Database, settings: Settings, token: str) -> Viewer:
    now = database.clock.now()
    return database.read(lambda s: sessions.find(s, token, now, settings))[0]


def enrolled(database: Database, settings: Settings, name: str) -> pyotp.TOTP:
    viewer = viewer_of(database, settings, go(database, settings, name).token)
    secret, _ = database.transact(lambda work: enrolment.enrol(work, viewer))
    totp = pyotp.TOTP(secret)
    enrolment.confirm(database, viewer, totp.at(database.clock.now()))
    return totp


def test_an_officer_signs_in_and_the_token_is_nowhere_in_the_database(world: World, optional: Settings) -> None:
    world.officer("张警官")

    signed = go(world.database, optional, " 张警官 ")

    assert viewer_of(world.database, optional, signed.token).officer.name == "张警官"
    kept = world.database.read(lambda s: s.scalars(select(OfficerSession)).one())
    assert signed.token.encode() not in kept.token_hash
    assert len(kept.token_hash) == 32
    entry = world.database.read(lambda s: s.scalars(select(AuditEntry).where(AuditEntry.act == "sign_in")).one())
    assert (entry.actor, entry.address) == ("张警官", "127.0.0.1")


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer_and_are_written_down(
    world: World, optional: Settings
) -> None:
    world.officer("zhang")
    answers = []
    for name in ("zhang", "nobody"):
        with pytest.raises(NotSignedIn) as refused:
            go(world.database, optional, name, "not the right password")
        answers.append((refused.value.message, refused.value.field))

    assert answers[0] == answers[1]
    assert acts(world.database)[-2:] == ["sign_in.failed", "sign_in.failed"]


@pytest.mark.parametrize("name", ["zhang", "nobody"])
def test_too_many_tries_lock_the_name_whether_or_not_anybody_has_it(
    world: World, optional: Settings, clock: FixedClock, name: str
) -> None:
    world.officer("zhang")
    for _ in range(optional.sign_in_attempts):
        with pytest.raises(NotSignedIn):
            go(world.database, optional, name, "not the right password")

    with pytest.raises(TooMany) as locked:
        go(world.database, optional, name)
    assert locked.value.retry_after_s == optional.sign_in_lock_minutes * 60

    clock.forward(minutes=optional.sign_in_lock_minutes, seconds=1)
    if name == "zhang":
        assert go(world.database, optional, name).session.full
    else:
        with pytest.raises(NotSignedIn):
            go(world.database, optional, name)


def test_a_name_that_may_be_a_password_is_not_written_down(world: World, optional: Settings) -> None:
    with pytest.raises(NotSignedIn):
        go(world.database, optional, "my secret pass phrase", "x")

    rows = world.database.read(lambda s: s.execute(text("SELECT row_to_json(a)::text FROM audit_entries a")).all())
    assert rows
    assert not any("my secret" in row[0] for row in rows)


def test_guesses_at_the_same_time_are_counted_one_by_one(world: World, optional: Settings) -> None:
    world.officer("zhang")
    answers: list[type[Exception]] = []

    def guess() -> None:
        try:
            go(world.database, optional, "zhang", "not the right password")
        except (NotSignedIn, TooMany) as error:
            answers.append(type(error))

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers.count(NotSignedIn) == optional.sign_in_attempts
    assert answers.count(TooMany) == 8 - optional.sign_in_attempts


def test_where_a_second_factor_is_required_the_first_session_may_only_enrol(world: World, settings: Settings) -> None:
    world.officer("zhang")
    assert settings.second_factor == SecondFactor.REQUIRED

    first = go(world.database, settings, "zhang")
    assert not first.session.full

    viewer = viewer_of(world.database, settings, first.token)
    secret, url = world.database.transact(lambda work: enrolment.enrol(work, viewer))
    assert url.startswith("otpauth://totp/")
    assert secret in url
    with pytest.raises(BadInput):
        enrolment.confirm(world.database, viewer, "000000x")
    token = enrolment.confirm(world.database, viewer, pyotp.TOTP(secret).at(world.database.clock.now()))

    assert viewer_of(world.database, settings, token).full
    with pytest.raises(NotSignedIn):
        viewer_of(world.database, settings, first.token)
    with pytest.raises(Conflict):
        world.database.transact(lambda work: enrolment.enrol(work, viewer))
    assert acts(world.database)[-3:] == ["totp.enrolled", "totp.confirm_failed", "totp.confirmed"]


def test_a_one_time_password_is_asked_for_and_used_once(world: World, optional: Settings, clock: FixedClock) -> None:
    world.officer("zhang")
    totp = enrolled(world.database, optional, "zhang")

    with pytest.raises(NotSignedIn) as missing:
        go(world.database, optional, "zhang")
    assert missing.value.field == "totp"
    assert "one-time password is needed" in missing.value.message
    with pytest.raises(NotSignedIn):
        go(world.database, optional, "zhang", code=totp.at(clock.now()))  # the one that confirmed the enrolment

    clock.forward(seconds=30)
    code = totp.at(clock.now())
    assert go(world.database, optional, "zhang", code=f"{code[:3]} {code[3:]}").session.full
    with pytest.raises(NotSignedIn):
        go(world.database, optional, "zhang", code=code)


def test_wrong_one_time_passwords_lock_as_well(world: World, optional: Settings, clock: FixedClock) -> None:
    world.officer("zhang")
    totp = enrolled(world.database, optional, "zhang")
    clock.forward(hours=1)
    wrong = "0" * 6 if totp.at(clock.now()) != "0" * 6 else "1" * 6
    for _ in range(optional.sign_in_attempts):
        with pytest.raises(NotSignedIn):
            go(world.database, optional, "zhang", code=wrong)

    with pytest.raises(TooMany):
        go(world.database, optional, "zhang", code=totp.at(clock.now()))


def test_a_session_ends_by_itself_by_idling_and_by_signing_out(
    world: World, optional: Settings, clock: FixedClock
) -> None:
    world.officer("zhang")
    database = world.database
    idle = timedelta(minutes=optional.session_idle_minutes)

    token = go(database, optional, "zhang").token
    clock.forward(seconds=idle.total_seconds())
    with pytest.raises(NotSignedIn):
        viewer_of(database, optional, token)

    token = go(database, optional, "zhang").token
    for _ in range(int(timedelta(hours=optional.session_hours) / (idle / 2)) - 1):
        clock.forward(seconds=idle.total_seconds() / 2)
        session_id = viewer_of(database, optional, token).session_id
        database.transact(lambda work, found=session_id: sessions.touch(work, found))
    clock.forward(seconds=idle.total_seconds() / 2)
    with pytest.raises(NotSignedIn):
        viewer_of(database, optional, token)

    token = go(database, optional, "zhang").token
    session_id = viewer_of(database, optional, token).session_id
    database.transact(lambda work: sessions.end(work, session_id))
    with pytest.raises(NotSignedIn):
        viewer_of(database, optional, token)


def test_an_officer_who_was_removed_is_out_at_once(world: World, optional: Settings) -> None:
    officer = world.officer("zhang")
    token = go(world.database, optional, "zhang").token

    def remove(work: object) -> None:
        found = work.session.get_one(Officer, officer.id)  # type: ignore[attr-defined]
        found.active = False

    world.database.transact(remove)
    with pytest.raises(NotSignedIn):
        viewer_of(world.database, optional, token)
    with pytest.raises(NotSignedIn):
        go(world.database, optional, "zhang")


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entries SET act = 'x'", "DELETE FROM audit_entries", "TRUNCATE audit_entries"]
)
def test_the_database_refuses_to_change_the_audit(world: World, statement: str) -> None:
    world.officer("zhang", place=CITY)
    with pytest.raises(DBAPIError, match="audit cannot be changed"), world.database.engine.begin() as connection:
        connection.execute(text(statement))
    count = select(func.count()).select_from(AuditEntry)
    assert world.database.read(lambda s: s.scalar(count))
