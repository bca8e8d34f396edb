"""Duty follows the plan: each boundary once, and a person's own word holds until the next one.

The station is in Shanghai, and the stories begin on Wednesday 2026-04-29 at 16:00 there.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from dispatcher.casework import set_duty
from dispatcher.db import Database
from dispatcher.lifecycle import OfferState
from dispatcher.model import AuditEntry, Event, Volunteer
from dispatcher.roster.following import due_people, follow_plan
from dispatcher.roster.reading import parse_sheet
from dispatcher.roster.shift_import import import_shifts
from dispatcher.roster.shift_rows import SHIFTS
from dispatcher.settings import Settings
from dispatcher.views import volunteer_views
from tests import builders
from tests.conftest import FixedClock, RecordingWaker
from tests.roster.files import csv_text
from tests.tracking.world import World

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass
class Watch(World):
    """A station whose people have shifts, and a timekeeper that comes by when it is told."""

    def shifts(self, person: Volunteer, *days_from_until: str) -> None:
        rows = [f"{person.phone},{text.replace(' ', ',').replace('-', ',')}" for text in days_from_until]
        found = parse_sheet(csv_text(*rows, header="phone,days,from,until").encode(), SHIFTS).rows
        self.database.transact(lambda work: import_shifts(work, found))

    def at(self, text: str) -> None:
        """It is so late at the station; the timekeeper is not there."""
        self.clock.moment = datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)

    def tick(self) -> int:
        """The timekeeper comes by; how many people's plans had a boundary."""
        due = self.database.read(lambda session: due_people(session, self.clock.now()))
        zone = self.settings.zone
        return sum(self.database.transact(lambda work, one=one: follow_plan(work, one, zone)) for one in due)  # type: ignore[misc]

    def duty(self, person: Volunteer, text: str) -> bool:
        """Whether the person is on duty once it is so late and the timekeeper came by."""
        self.at(text)
        self.tick()
        return self.of(person).on_duty

    def shown(self, person: Volunteer) -> object:
        view = self.database.read(lambda session: volunteer_views(session, [person.id]))[person.id]
        return view["next_turn"]


@pytest.fixture
def watch(database: Database, settings: Settings, clock: FixedClock, waker: RecordingWaker) -> Watch:
    return Watch(database, settings, clock, waker, database.transact(builders.station))


def test_a_patrol_comes_on_duty_at_eight_and_goes_at_four(watch: Watch) -> None:
    person, other = watch.person(on_duty=False), watch.person(on_duty=True)
    watch.shifts(person, "mon;tue;wed 20:00-04:00")
    assert not watch.duty(person, "2026-04-29 16:00")
    assert not watch.duty(person, "2026-04-29 19:59:59")
    assert not watch.planned()
    assert watch.duty(person, "2026-04-29 20:00")
    assert watch.planned()
    assert watch.duty(person, "2026-04-30 03:59:59")
    assert not watch.duty(person, "2026-04-30 04:00")
    assert not watch.planned()
    assert not watch.duty(person, "2026-04-30 21:00")
    assert watch.of(other).on_duty


def test_each_boundary_is_told_of_and_written_down_once(watch: Watch) -> None:
    person = watch.person(on_duty=False)
    watch.shifts(person, "daily 20:00-04:00")
    watch.at("2026-04-29 19:00")
    assert (watch.tick(), watch.tick()) == (1, 0)
    watch.at("2026-04-29 20:00:01")
    assert (watch.tick(), watch.tick()) == (1, 0)
    assert watch.kinds() == ["volunteer.changed"] * 2
    event = watch.database.read(lambda session: session.scalars(select(Event).order_by(Event.seq.desc())).first())
    assert event
    told = event.data["volunteer"]
    assert (told["on_duty"], told["next_turn"]) == (True, {"at": "2026-04-29T20:00:00.000Z", "on_duty": False})
    (entry,) = watch.database.read(lambda session: session.scalars(select(AuditEntry)).all())
    assert (entry.act, entry.actor, entry.subject) == ("volunteer.duty", "shift plan", str(person.id))
    assert entry.details == {"on_duty": True}


def test_a_plan_brought_in_the_middle_of_a_shift_holds_at_once(watch: Watch) -> None:
    person = watch.person(on_duty=False)
    watch.at("2026-04-29 21:00")
    watch.shifts(person, "daily 20:00-04:00")
    assert watch.shown(person) is None
    assert watch.duty(person, "2026-04-29 21:00:01")
    assert watch.shown(person) == {"at": "2026-04-29T20:00:00.000Z", "on_duty": False}


def test_a_new_plan_holds_at_once_whatever_the_old_one_said_last(watch: Watch) -> None:
    person = watch.person(on_duty=False)
    watch.shifts(person, "daily 20:00-04:00")
    assert watch.duty(person, "2026-04-29 20:00")
    watch.shifts(person, "daily 10:00-18:00")
    assert not watch.duty(person, "2026-04-29 20:30")
    watch.text(person, "8")
    watch.shifts(person, "daily 09:00-18:00")
    assert watch.duty(person, "2026-04-29 21:00")


def test_before_its_first_shift_a_plan_leaves_people_as_they_are(watch: Watch) -> None:
    person = watch.person(on_duty=True)
    watch.shifts(person, "2026/05/01 20:00-04:00")
    assert watch.duty(person, "2026-04-29 16:00:01")
    assert watch.shown(person) == {"at": "2026-05-01T12:00:00.000Z", "on_duty": True}
    assert not watch.duty(person, "2026-05-02 04:00")
    assert watch.shown(person) is None
    watch.text(person, "8")
    assert watch.duty(person, "2026-06-01 04:00")


def test_a_plan_that_is_taken_away_leaves_people_as_they_are(watch: Watch) -> None:
    person = watch.person(on_duty=False)
    watch.shifts(person, "daily 20:00-04:00")
    assert watch.duty(person, "2026-04-29 20:00")
    watch.database.transact(
        lambda work: import_shifts(
            work, parse_sheet(f"phone,days,from,until\n{person.phone},none,,\n".encode(), SHIFTS).rows
        )
    )
    assert watch.duty(person, "2026-04-30 04:00")
    assert watch.shown(person) is None


@pytest.mark.parametrize(("digit", "on_duty"), [("8", True), ("9", False)])
def test_a_text_holds_until_the_next_boundary(watch: Watch, digit: str, on_duty: bool) -> None:
    person = watch.person(on_duty=False)
    watch.shifts(person, "daily 08:00-12:00", "daily 20:00-04:00")
    start, end = ("2026-04-29 19:00", "2026-04-30 04:00") if on_duty else ("2026-04-29 20:30", "2026-04-30 08:00")
    watch.duty(person, start)
    watch.text(person, digit)
    assert watch.duty(person, "2026-04-29 23:00") is on_duty
    assert watch.duty(person, end) is not on_duty


def test_the_officers_word_holds_until_the_next_boundary_too(watch: Watch) -> None:
    person = watch.person(on_duty=False)
    watch.shifts(person, "daily 20:00-04:00")
    assert watch.duty(person, "2026-04-29 20:00")
    watch.at("2026-04-29 22:00")
    watch.database.transact(lambda work: set_duty(work, work.session.get_one(Volunteer, person.id), on_duty=False))
    assert not watch.duty(person, "2026-04-30 19:59")
    assert watch.duty(person, "2026-04-30 20:00")


def test_a_timekeeper_that_was_away_brings_what_the_plan_says_now(watch: Watch) -> None:
    person = watch.person(on_duty=False)
    watch.shifts(person, "daily 20:00-04:00")
    watch.duty(person, "2026-04-29 16:00")
    assert watch.duty(person, "2026-05-01 23:00")
    assert not watch.duty(person, "2026-05-03 12:00")
    assert watch.kinds() == ["volunteer.changed"] * 3


def test_what_was_said_while_it_was_away_stays_also_when_it_was_so_already(watch: Watch) -> None:
    person = watch.person(on_duty=False)
    watch.shifts(person, "daily 20:00-04:00")
    watch.duty(person, "2026-04-29 16:00")
    watch.at("2026-04-29 20:05")
    watch.text(person, "9")
    assert not watch.duty(person, "2026-04-29 20:10")
    assert watch.shown(person) == {"at": "2026-04-29T20:00:00.000Z", "on_duty": False}
    assert watch.duty(person, "2026-04-30 20:00")


def test_what_was_said_at_the_very_moment_of_a_boundary_stays(watch: Watch) -> None:
    person = watch.person(on_duty=False)
    watch.shifts(person, "daily 20:00-04:00")
    watch.duty(person, "2026-04-29 16:00")
    watch.at("2026-04-29 20:00")
    watch.text(person, "9")
    assert not watch.duty(person, "2026-04-29 20:00:01")


def test_what_was_said_before_a_boundary_that_was_missed_is_over(watch: Watch) -> None:
    person = watch.person(on_duty=False)
    watch.shifts(person, "daily 20:00-04:00")
    watch.duty(person, "2026-04-29 16:00")
    watch.at("2026-04-29 19:55")
    watch.text(person, "9")
    assert watch.duty(person, "2026-04-29 20:10")


def test_a_task_and_an_offer_in_hand_stay_in_hand_at_the_end_of_a_shift(watch: Watch) -> None:
    """As when the person says 9."""
    busy, asked = watch.person(on_duty=False), watch.person(on_duty=False)
    for person in (busy, asked):
        watch.shifts(person, "daily 20:00-04:00")
        watch.duty(person, "2026-04-30 03:59:30")
    task, offer = watch.ask(watch.case(), busy), watch.ask(watch.case(), asked)
    watch.text(busy, f"1{task.code}")
    assert not watch.duty(busy, "2026-04-30 04:00")
    assert not watch.of(asked).on_duty
    assert watch.of(task).state == OfferState.ACCEPTED
    assert watch.of(offer).state == OfferState.SENT
    watch.text(asked, f"1{offer.code}")
    assert watch.of(offer).state == OfferState.ACCEPTED


def test_who_comes_on_duty_is_asked_for_the_case_that_waits(watch: Watch) -> None:
    person = watch.person(on_duty=False)
    watch.shifts(person, "daily 20:00-04:00")
    watch.duty(person, "2026-04-29 19:59")
    case = watch.case()
    assert watch.plan() == 0
    watch.duty(person, "2026-04-29 20:00")
    assert watch.planned()
    assert watch.plan() == 1
    assert watch.live(person).case_id == case.id


def test_who_was_taken_off_the_roster_is_left_alone(watch: Watch) -> None:
    person = watch.person(on_duty=False)
    watch.shifts(person, "daily 20:00-04:00")
    watch.database.transact(lambda work: setattr(work.session.get_one(Volunteer, person.id), "active", False))
    assert not watch.duty(person, "2026-04-29 20:00")


def test_several_timekeepers_at_once_pass_a_boundary_once(watch: Watch) -> None:
    people = [watch.person(on_duty=False) for _ in range(12)]
    for person in people:
        watch.shifts(person, "daily 20:00-04:00")
    watch.at("2026-04-29 20:00")
    with ThreadPoolExecutor(4) as pool:
        counted = sum(pool.map(lambda _: watch.tick(), range(4)))
    counted += watch.tick()
    assert counted == len(people)
    assert all(watch.of(person).on_duty for person in people)
    assert watch.kinds() == ["volunteer.changed"] * len(people)


def test_a_person_in_somebody_elses_hands_comes_at_the_next_tick(watch: Watch) -> None:
    held, other = watch.person(on_duty=False), watch.person(on_duty=False)
    for person in (held, other):
        watch.shifts(person, "daily 20:00-04:00")
    watch.at("2026-04-29 20:00")
    with watch.database.engine.begin() as holder:
        holder.execute(select(Volunteer.id).where(Volunteer.id == held.id).with_for_update(key_share=True))
        assert watch.tick() == 1
        assert (watch.of(held).on_duty, watch.of(other).on_duty) == (False, True)
    assert watch.tick() == 1
    assert watch.of(held).on_duty
