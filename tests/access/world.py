"""A city with two stations, their officers, people and cases, written straight into the tables."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from dispatcher.access.officers import add_officer
from dispatcher.db import Database
from dispatcher.geo.xixiang import PlaceSeed
from dispatcher.ids import new_id
from dispatcher.lifecycle import CaseState, OfferState
from dispatcher.model import (
    Alert,
    Case,
    Deadline,
    DeadlineWhat,
    Level,
    Offer,
    Officer,
    Place,
    Role,
    Source,
    Volunteer,
)
from dispatcher.places import seed_places
from dispatcher.protection.keys import current_keys
from dispatcher.work import Work

PASSWORD = "correct horse battery staple"
LT, XX, CITY = "440306-LT", "440306-XX", "440300"

PLACES = [
    PlaceSeed(CITY, "city", "深圳市", "Shenzhen"),
    PlaceSeed(LT, "station", "流塘派出所", "Liutang", CITY),
    PlaceSeed(XX, "station", "西乡派出所", "Xixiang", CITY),
    PlaceSeed("LT-TY", "community", "桃源社区", "Taoyuan", LT),
]


@dataclass
class World:
    database: Database
    source_id: UUID = field(default_factory=new_id)
    _count: int = 0

    def __post_init__(self) -> None:
        def make(work: Work) -> None:
            seed_places(work, PLACES)
            work.session.add(Source(id=self.source_id, name="centre", secrets=[], feedback_url=None, added_at=work.now))

        self.database.transact(make)

    def place(self, code: str) -> Place:
        return self.database.read(lambda session: session.scalars(select(Place).where(Place.code == code)).one())

    def officer(self, name: str, role: Role = Role.DUTY, place: str = LT) -> Officer:
        return self.database.transact(lambda work: add_officer(work, name, place, role, PASSWORD))

    def case(self, station: str = LT, **values: Any) -> Case:
        self._count += 1
        number = self._count
        phone = f"+8613800{number:06d}"
        station_id = self.place(station).id

        def make(work: Work) -> Case:
            case = Case(
                number=f"{station[-2:]}-20260429-{number:03d}",
                station_id=station_id,
                source_id=self.source_id,
                level=Level.EXTREME,
                kind="fund",
                fraud_type="impersonating_authorities",
                resident_name="王某丽",
                resident_phone=phone,
                resident_phone_index=current_keys().blind_index("phone", phone),
                resident_address="桃源社区一栋",
                opened_at=work.now + timedelta(milliseconds=number),
            )
            for name, value in values.items():
                setattr(case, name, value)
            work.session.add(case)
            work.session.flush()
            work.session.add(Deadline(case_id=case.id, what=DeadlineWhat.SIGN, at=work.now + timedelta(minutes=1)))
            work.session.add(
                Alert(
                    source_id=self.source_id,
                    alert_no=f"BA-{number}",
                    case_id=case.id,
                    level="extreme",
                    data=ALERT_DATA,
                    received_at=work.now,
                )
            )
            work.emit_case("case.opened", case)
            return case

        return self.database.transact(make)

    def volunteer(self, station: str = LT, *, on_duty: bool = True, name: str = "李队员") -> Volunteer:
        self._count += 1
        phone = f"+8613900{self._count:06d}"
        station_id = self.place(station).id

        def make(work: Work) -> Volunteer:
            person = Volunteer(
                station_id=station_id,
                name=name,
                phone=phone,
                phone_index=current_keys().blind_index("phone", phone),
                on_duty=on_duty,
                added_at=work.now,
            )
            work.session.add(person)
            work.session.flush()
            work.emit("volunteer.changed", station_id, volunteer=person)
            return person

        return self.database.transact(make)

    def accept(self, case: Case, person: Volunteer) -> Offer:
        """The person is on the case."""

        def make(work: Work) -> Offer:
            found = work.session.get_one(Case, case.id, with_for_update=True)
            offer = Offer(
                case_id=case.id,
                volunteer_id=person.id,
                state=OfferState.ACCEPTED,
                round=1,
                wave=1,
                seat=1,
                code="K73",
                token=str(new_id()),
                token_index=new_id().bytes,
                reason={"zh": "最近", "en": "nearest"},
                asked_at=work.now,
                expires_at=work.now + timedelta(minutes=1),
                accepted_at=work.now,
            )
            work.session.add(offer)
            found.state = CaseState.ACCEPTED
            work.emit_case("offer.accepted", found, person)
            return offer

        return self.database.transact(make)


ALERT_DATA = {
    "alert_no": "BA-1",
    "kind": "fund",
    "fraud_type": "impersonating_authorities",
    "summary": "王某丽正在给骗子转账",
    "resident": {"name": "王某丽", "phone": "+8613800000001"},
    "kin": [{"name": "李某强", "relation": "husband", "phone": "+8613700001234"}],
    "money": {
        "at_risk": "10000000.00",
        "currency": "CNY",
        "own_accounts": [{"bank": "工商银行", "account": "6222020000000017"}],
        "suspect_accounts": [{"bank": "建设银行", "name": "张某", "account": "6217000000000099", "amount": "50000.00"}],
    },
}
