"""Who may send: adding a centre, rotating its secret, finding it quickly."""

import base64
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from standardwebhooks.webhooks import Webhook

from dispatcher.db import Database
from dispatcher.errors import BadInput, Conflict, NotFound
from dispatcher.intake.sources import SourceBook, add_source, rotate_secret
from dispatcher.model import AuditEntry, Source
from tests.intake.world import Town


def test_a_secret_is_what_standard_webhooks_asks_for(database: Database) -> None:
    secret = database.transact(lambda work: add_source(work, "centre"))
    assert secret.startswith("whsec_")
    assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) <= 64
    assert Webhook(secret)
    audited = database.read(lambda s: s.scalars(select(AuditEntry)).one())
    assert (audited.act, audited.subject, audited.details) == ("source.added", "centre", None)


def test_a_name_is_taken_once(database: Database) -> None:
    database.transact(lambda work: add_source(work, "centre"))
    with pytest.raises(Conflict):
        database.transact(lambda work: add_source(work, "centre"))


@pytest.mark.parametrize("name", ["", "a/b", "..", "a b", "中心", "x" * 65, "a\n"])
def test_a_name_is_one_plain_segment_of_a_path(database: Database, name: str) -> None:
    with pytest.raises(BadInput) as refused:
        database.transact(lambda work: add_source(work, name))
    assert refused.value.field == "name"


@pytest.mark.parametrize(
    "url", ["", "centre.test", "ftp://centre.test", "javascript:alert(1)", "http://", "http://[", "http://a b"]
)
def test_feedback_goes_over_http_only(database: Database, url: str) -> None:
    with pytest.raises(BadInput) as refused:
        database.transact(lambda work: add_source(work, "centre", url))
    assert refused.value.field == "feedback"


def test_a_desk_is_a_station_there_is(town: Town) -> None:
    town.database.transact(lambda work: add_source(work, "b", desk="440306-XX"))
    desk = town.database.read(lambda s: s.scalar(select(Source.desk_id).where(Source.name == "b")))
    assert desk == town.stations["XX"]
    with pytest.raises(NotFound):
        town.database.transact(lambda work: add_source(work, "c", desk="W"))


def test_rotation_keeps_the_older_secrets_for_a_while_and_drops_what_ran_out(town: Town, clock: Any) -> None:
    def known() -> list[str]:
        return town.database.read(lambda s: [e["secret"] for e in s.scalars(select(Source)).one().secrets])

    second = town.database.transact(lambda work: rotate_secret(work, "centre", timedelta(hours=24)))
    assert known() == [second, town.secret]
    clock.forward(hours=12)
    third = town.database.transact(lambda work: rotate_secret(work, "centre", timedelta(hours=24)))
    assert known() == [third, second, town.secret]
    clock.forward(hours=13)
    fourth = town.database.transact(lambda work: rotate_secret(work, "centre", timedelta(hours=24)))
    assert known() == [fourth, third, second]


def test_nobodys_secret_cannot_be_rotated(database: Database) -> None:
    with pytest.raises(NotFound):
        database.transact(lambda work: rotate_secret(work, "nobody", timedelta(0)))


class TestTheBook:
    def test_finds_a_source_as_it_was_when_asked(self, town: Town) -> None:
        book = SourceBook(town.database)
        assert book.at_hand("centre") is None
        assert book.look_up("centre", time.monotonic()) is not None
        assert book.at_hand("centre") is not None
        assert book.look_up("b", time.monotonic()) is None
        town.database.transact(lambda work: add_source(work, "b"))
        assert book.look_up("b", time.monotonic()) is not None

    def test_does_not_read_again_for_who_asked_before_the_last_reading(self, town: Town) -> None:
        book = SourceBook(town.database)
        asked_at = time.monotonic()
        book.look_up("centre", time.monotonic())
        read = []
        event.listen(town.database.engine, "before_cursor_execute", lambda *_: read.append(1))
        assert book.look_up("nobody", asked_at) is None
        assert read == []
