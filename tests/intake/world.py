"""A small town for intake's tests: two stations, two communities on synthetic ground, one centre."""

import hashlib
import itertools
import json
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from dispatcher.db import Database
from dispatcher.ids import new_id
from dispatcher.intake.accept import accept_many
from dispatcher.intake.incoming import Answer, Incoming, Outcome
from dispatcher.intake.order import read_order
from dispatcher.intake.sources import add_source
from dispatcher.model import Alert, Area, Case, Event, Feedback, FeedCounter, Place, PlaceKind, Source
from dispatcher.work import Work

NOW = datetime(2026, 4, 29, 8, 0, tzinfo=UTC)
INSIDE = {"lon": 113.8712, "lat": 22.5741, "crs": "wgs84"}
ELSEWHERE = {"lon": 113.8912, "lat": 22.5841, "crs": "wgs84"}
FAR_AWAY = {"lon": 116.4, "lat": 39.9, "crs": "wgs84"}

_ids = itertools.count()

SAMPLE: dict[str, Any] = {
    "alert_no": "BA-20260429-0017",
    "station": "440306-LT",
    "level": "high",
    "kind": "fund",
    "fraud_type": "impersonating_authorities",
    "occurred_at": "2026-04-29T07:58:10Z",
    "summary": "自称公检法,要求转账至安全账户",
    "resident": {"name": "王某丽", "phone": "+8613800000001", "address": "桃源社区1栋", "location": INSIDE},
    "kin": [{"name": "李某", "relation": "husband", "phone": "+8613800000002"}],
    "money": {
        "at_risk": "10000000.00",
        "currency": "CNY",
        "own_accounts": [{"bank": "某银行", "account": "6222020000000017"}],
        "suspect_accounts": [{"bank": "某银行", "name": "某", "account": "6222020000000018", "amount": "50000.00"}],
    },
}


def data(**changes: Any) -> dict[str, Any]:
    """The sample order's data; `resident` is laid over, None takes a member away."""
    made = deepcopy(SAMPLE)
    resident = changes.pop("resident", {})
    made["resident"] = {k: v for k, v in (made["resident"] | resident).items() if v is not None}
    return {k: v for k, v in (made | changes).items() if v is not None}


def body(type_: str = "alert.raised", minute: float = 0, **changes: Any) -> bytes:
    """A webhook's body; `minute` is when the centre states it, counted from 08:00."""
    stated = (NOW + timedelta(minutes=minute)).isoformat()
    return json.dumps({"type": type_, "timestamp": stated, "data": data(**changes)}).encode()


def withdrawal(alert_no: str = SAMPLE["alert_no"], minute: float = 0, reason: str | None = "误报") -> bytes:
    stated = (NOW + timedelta(minutes=minute)).isoformat()
    return json.dumps(
        {"type": "alert.withdrawn", "timestamp": stated, "data": {"alert_no": alert_no, "reason": reason}}
    ).encode()


@dataclass
class Town:
    """What the tests look at, and the centre's voice."""

    database: Database
    secret: str
    source_id: UUID
    stations: dict[str, UUID] = field(default_factory=dict)
    places: dict[str, UUID] = field(default_factory=dict)

    def incoming(self, sent: bytes, webhook_id: str | None = None) -> Incoming:
        return Incoming(
            source_id=self.source_id,
            desk_id=None,
            webhook_id=webhook_id or f"msg_{next(_ids)}",
            body_sha256=hashlib.sha256(sent).digest(),
            order=read_order(sent.decode()),
            day=date(2026, 4, 29),
        )

    def send_together(self, *bodies: bytes) -> list[Answer]:
        incomings = [self.incoming(sent) for sent in bodies]
        return self.database.transact(lambda work: accept_many(work, incomings))

    def send(self, sent: bytes, webhook_id: str | None = None) -> Outcome:
        incoming = self.incoming(sent, webhook_id)
        answer = self.database.transact(lambda work: accept_many(work, [incoming]))[0]
        assert isinstance(answer, Outcome), answer
        return answer

    def cases(self) -> list[Case]:
        return self.database.read(lambda s: list(s.scalars(select(Case).order_by(Case.number))))

    def case(self) -> Case:
        [found] = self.cases()
        return found

    def alerts(self) -> list[Alert]:
        return self.database.read(lambda s: list(s.scalars(select(Alert).order_by(Alert.alert_no))))

    def events(self) -> list[str]:
        query = select(Event.kind).order_by(Event.station_id, Event.seq)
        return self.database.read(lambda s: list(s.scalars(query)))

    def feedbacks(self) -> list[str]:
        query = select(Feedback.type).order_by(Feedback.place)
        return self.database.read(lambda s: list(s.scalars(query)))

    def change(self, case_id: UUID, **values: Any) -> None:
        def act(work: Work) -> None:
            case = work.session.get_one(Case, case_id)
            for name, value in values.items():
                setattr(case, name, value)

        self.database.transact(act)


def square(west: float, south: float, side: float = 0.02) -> dict[str, Any]:
    east, north = west + side, south + side
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def build_town(database: Database) -> Town:
    """Station 440306-LT with two communities side by side, station 440306-XX after it, one source `centre`."""
    lt, xx = new_id(), new_id()
    west, east, grid = new_id(), new_id(), new_id()
    rows = [
        (lt, "440306-LT", PlaceKind.STATION, "流塘派出所", None),
        (xx, "440306-XX", PlaceKind.STATION, "西乡派出所", None),
        (west, "W", PlaceKind.COMMUNITY, "桃源社区", lt),
        (east, "E", PlaceKind.COMMUNITY, "东边社区", lt),
        (grid, "W-G1", PlaceKind.GRID, "网格1", west),
    ]

    def build(work: Work) -> str:
        for id_, code, kind, name, parent in rows:
            work.session.execute(
                insert(Place).values(id=id_, code=code, kind=kind, name=name, parent_id=parent, path=f"{code}/")
            )
        for station in (lt, xx):
            work.session.add(FeedCounter(station_id=station))
        for place, ground in (
            (west, square(113.86, 22.56)),
            (east, square(113.88, 22.57)),
            (grid, square(113.86, 22.56)),
        ):
            work.session.add(Area(place_id=place, geometry=ground, synthetic=True, source="test", changed_at=work.now))
        return add_source(work, "centre", "https://centre.test/feedback")

    secret = database.transact(build)
    source_id = database.read(lambda s: s.scalars(select(Source.id)).one())
    return Town(
        database,
        secret,
        source_id,
        stations={"LT": lt, "XX": xx},
        places={"west": west, "east": east, "grid": grid},
    )
