"""A station, a centre that listens, and cases whose statuses it is to be told."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from dispatcher.casework import feedback
from dispatcher.db import Database
from dispatcher.feedback.deliverer import Deliverer
from dispatcher.geo.xixiang import PlaceSeed
from dispatcher.ids import new_id
from dispatcher.model import Alert, Case, Event, Feedback, Level, Place, Source
from dispatcher.places import seed_places
from dispatcher.work import Work
from tests.conftest import FixedClock
from tests.feedback.receiver import Receiver, receiving

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass
class Desk:
    """The station's side: opens cases, states what happened, looks at what became of it."""

    database: Database

    def source(self, name: str, url: str | None, secrets: list[dict[str, Any]] | None = None) -> UUID:
        def add(work: Work) -> UUID:
            source = Source(
                name=name,
                secrets=secrets or [{"secret": SECRET, "until": None}],
                feedback_url=url,
                limit_per_second=1000,
                added_at=work.now,
            )
            work.session.add(source)
            work.session.flush()
            return source.id

        return self.database.transact(add)

    def change_source(self, source_id: UUID, **values: Any) -> None:
        def change(work: Work) -> None:
            source = work.session.get_one(Source, source_id)
            for name, value in values.items():
                setattr(source, name, value)

        self.database.transact(change)

    def case(self, *source_ids: UUID, number: str = "LT-1") -> UUID:
        """An open case with one warning order of each source."""

        def add(work: Work) -> UUID:
            station = work.session.scalars(select(Place.id).where(Place.code == "S1")).one()
            case = Case(
                id=new_id(),
                number=number,
                station_id=station,
                source_id=source_ids[0],
                level=Level.EXTREME,
                resident_name="王某丽",
                opened_at=work.now,
            )
            work.session.add(case)
            work.session.flush()
            for source_id in source_ids:
                alert = Alert(source_id=source_id, alert_no=f"BA-{number}", case_id=case.id, received_at=work.now)
                work.session.add(alert)
            return case.id

        return self.database.transact(add)

    def state(self, case_id: UUID, *types: str) -> None:
        """Let these happen to the case, in this order."""
        for type_ in types:
            self.database.transact(
                lambda work, t=type_: feedback(work, work.session.get_one(Case, case_id), t, by="vest")
            )

    def rows(self) -> list[Feedback]:
        return self.database.read(lambda session: list(session.scalars(select(Feedback).order_by(Feedback.place))))

    def events(self) -> list[Event]:
        return self.database.read(lambda session: list(session.scalars(select(Event).order_by(Event.seq))))


@pytest.fixture
def desk(database: Database, clock: FixedClock) -> Desk:
    """Signatures carry the present time, so the clock starts there."""
    clock.moment = datetime.now(UTC)
    database.transact(lambda work: seed_places(work, [PlaceSeed("S1", "station", "流塘派出所", "Liutang")]))
    return Desk(database)


@pytest.fixture
def centre() -> Iterator[Receiver]:
    with receiving(SECRET) as receiver:
        yield receiver


@pytest.fixture
def deliverer(database: Database) -> Iterator[Deliverer]:
    with Deliverer(database, timeout_s=0.5, whole_s=1.0) as made:
        yield made
