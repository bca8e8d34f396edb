"""A small world for tests: a station, its people, cases at its doors, and somebody asked to go."""

import itertools
import random
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from dispatcher.casework.cases import lock_case, move_case
from dispatcher.codes import new_code
from dispatcher.db import Database
from dispatcher.ids import new_id
from dispatcher.lifecycle import WAITING, CaseState, MessageState, OfferState
from dispatcher.matching.planner import plan_station
from dispatcher.model import (
    Alert,
    Case,
    Deadline,
    DeadlineWhat,
    Level,
    Message,
    Offer,
    Officer,
    Place,
    PlaceKind,
    PositionSource,
    Role,
    Source,
    Volunteer,
)
from dispatcher.places.tree import insert_places
from dispatcher.policy import read_policy
from dispatcher.protection.columns import blind_index
from dispatcher.protection.keys import current_keys
from dispatcher.settings import Settings
from dispatcher.tracking.replies import take_text
from dispatcher.work import Work

LON, LAT = 113.8712, 22.5741
_numbers = itertools.count(1)
_rng = random.Random(17)


def station(work: Work, code: str | None = None, policy: dict[str, Any] | None = None) -> Place:
    """A station, with `policy` laid over the default one."""
    code = code or f"440306-T{next(_numbers)}"
    place = Place(id=new_id(), code=code, kind=PlaceKind.STATION, name="流塘派出所", name_en="Liutang", path=f"{code}/")
    place.policy, place.synthetic = policy, True
    insert_places(work.session, [place])
    return work.session.get_one(Place, place.id)


def volunteer(
    work: Work,
    station: Place,
    phone: str | None = None,
    *,
    on_duty: bool = True,
    lon: float | None = LON,
    lat: float | None = LAT,
    language: str = "zh",
) -> Volunteer:
    """Somebody on the station's roster whose base is at the point."""
    phone = phone or f"+86138{next(_numbers):08d}"
    person = Volunteer(
        station_id=station.id,
        name="陈志强",
        phone=phone,
        phone_index=blind_index("phone", phone),
        language=language,
        base_lon=lon,
        base_lat=lat,
        base_source=PositionSource.BASE if lon is not None else None,
        on_duty=on_duty,
        active=True,
        added_at=work.now,
    )
    work.session.add(person)
    work.session.flush()
    return person


def officer(work: Work, place: Place, name: str | None = None, role: Role = Role.DUTY) -> Officer:
    """An officer of the place, who cannot sign in."""
    person = Officer(
        name=name or f"officer-{next(_numbers)}", place_id=place.id, role=role, password_hash="-", added_at=work.now
    )
    work.session.add(person)
    work.session.flush()
    return person


def source(work: Work, name: str = "centre", feedback_url: str | None = None) -> Source:
    """The centre of this name, made when there is none."""
    found = work.session.scalar(select(Source).where(Source.name == name))
    if found is None:
        found = Source(name=name, secrets=[], feedback_url=feedback_url, added_at=work.now)
        work.session.add(found)
        work.session.flush()
    return found


def open_case(
    work: Work,
    station: Place,
    *,
    level: Level = Level.HIGH,
    lon: float | None = LON,
    lat: float | None = LAT,
    phone: str | None = None,
    own_accounts: list[dict[str, str]] | None = None,
) -> Case:
    """A new case with its warning order and its clocks, as intake leaves it; about 王某丽."""
    number = next(_numbers)
    phone = phone or f"+86139{number:08d}"
    policy = read_policy(station.policy)
    case = Case(
        number=f"{station.code}-{number}",
        station_id=station.id,
        source_id=source(work).id,
        level=level,
        kind="fund",
        fraud_type="impersonating_authorities",
        state=CaseState.NEW,
        flags=[],
        wanted=policy.people_per_case,
        resident_name="王某丽",
        resident_phone=phone,
        resident_phone_index=blind_index("phone", phone),
        resident_address="桃源社区兴业路17号502",
        lon=lon,
        lat=lat,
        opened_at=work.now,
    )
    work.session.add(case)
    work.session.flush()
    limits = policy.levels[level]
    for what in (DeadlineWhat.SIGN, DeadlineWhat.CONTACT, DeadlineWhat.MEET, DeadlineWhat.FEEDBACK):
        span = timedelta(seconds=getattr(limits, f"{what.value}_s"))
        work.session.add(Deadline(case_id=case.id, what=what, at=work.now + span))
    data = {"money": {"own_accounts": own_accounts}} if own_accounts else {}
    order = Alert(
        source_id=case.source_id, alert_no=f"BA-{number}", case_id=case.id, level=level, data=data, received_at=work.now
    )
    work.session.add(order)
    work.emit_case("case.opened", case)
    return case


def ask(work: Work, case: Case, person: Volunteer, *, text: MessageState = MessageState.SENT) -> Offer:
    """Ask one person for one case, without a plan; `text` says how far the text of the offer has come."""
    case = lock_case(work, case.id)
    offer_id = new_id()
    token = current_keys().link_token(str(offer_id))
    answer = read_policy(work.session.get_one(Place, case.station_id).policy).levels[case.level].answer_s
    used = select(Offer.code).where(Offer.volunteer_id == person.id)
    offer = Offer(
        id=offer_id,
        case_id=case.id,
        volunteer_id=person.id,
        state=OfferState.SENT if text == MessageState.SENT else OfferState.QUEUED,
        round=case.round,
        wave=case.wave,
        code=new_code(_rng, set(work.session.scalars(used))),
        token=token,
        token_index=blind_index("token", token),
        eta_s=240,
        reason={"zh": "空闲人员中最快", "en": "the soonest of those free"},
        asked_at=work.now,
        expires_at=work.now + timedelta(seconds=answer),
    )
    work.session.add(offer)
    work.session.flush()
    work.session.add(_offer_text(work, case, offer, person, text))
    if case.state in WAITING:
        move_case(case, CaseState.DISPATCHING)
    return offer


def _offer_text(work: Work, case: Case, offer: Offer, person: Volunteer, state: MessageState) -> Message:
    return Message(
        purpose=f"offer:{offer.id}",
        template="offer",
        params={"level": case.level.value, "code": offer.code, "community": "", "fraud_type": "", "token": offer.token},
        language=person.language,
        phone=person.phone,
        case_id=case.id,
        offer_id=offer.id,
        volunteer_id=person.id,
        urgency=1,
        state=state,
        provider_id=f"SM{offer.id.hex}" if state == MessageState.SENT else None,
        not_before=work.now,
        created_at=work.now,
    )


def plan(database: Database, station: Place, settings: Settings) -> int:
    """Let the planner look at the station; how many people it asked."""
    return database.transact(lambda work: plan_station(work, station.id, settings))


def text(database: Database, person: Volunteer | str, body: str, sid: str | None = None) -> str:
    """A text comes in from somebody's phone; what became of it, in a word."""
    sender = person if isinstance(person, str) else person.phone
    return database.transact(lambda work: take_text(work, sid or f"SM-in-{next(_numbers)}", sender, body))
