"""What a demonstration starts with: Xixiang's places, a station's people, an officer, a centre; all made up."""

from dispatcher.access.officers import add_officer
from dispatcher.db import Database
from dispatcher.errors import NotFound
from dispatcher.geo.xixiang import demo_places
from dispatcher.intake.sources import add_source
from dispatcher.model import Officer, Role, Source
from dispatcher.places import find_station
from dispatcher.places.seeding import seed_places
from dispatcher.roster.importing import import_roster
from dispatcher.roster.row import Row
from dispatcher.work import Work

STATION = "440306-LT"
CENTRE = "centre"
STATION_PHONE = "+8675500000110"
"""Nobody's: a Chinese subscriber number never begins with 0."""
OFFICER, PASSWORD = "liutang", "blue-vest-liutang-demo"
SIMULATED_OFFICERS = {"liutang-b": "blue-vest-liutang-demo-b", "liutang-c": "blue-vest-liutang-demo-c"}
"""Played by the simulator in its stories and at the desk; `liutang` is left to whoever sits there."""

_SURNAMES = "陈李张黄何林吴刘罗梁郑谢徐郭孙马朱胡高"
_GIVEN = ("志明", "秀英", "建国", "丽华", "国强", "美玲", "伟", "小芳", "永辉", "静")
_COMMUNITIES = ("流塘社区", "桃源社区", "西乡社区", "龙珠社区", "河东社区", "麻布社区", "庄边社区", "径贝社区")
_KINDS = ["vest"] * 15 + ["auxiliary"] * 7 + ["police"] * 2 + ["grid_worker"] * 6
"""About one station's desk (field guide §1), and some grid workers."""


def seed(database: Database) -> None:
    """Bring everything a demonstration needs into the database; what is there already stays as it is."""
    database.transact(lambda work: seed_places(work, demo_places()))
    database.transact(_people)


def centre_secret(work: Work) -> str:
    """The newest secret of the simulated centre, for the simulator that signs with it.

    Raises NotFound where no demonstration was seeded.
    """
    secret: str = _centre(work).secrets[0]["secret"]
    return secret


def tell_centre_at(work: Work, url: str | None) -> None:
    """Where the simulated centre listens for feedback from now on; None: nowhere."""
    _centre(work).feedback_url = url


def _centre(work: Work) -> Source:
    source = work.session.query(Source).filter_by(name=CENTRE).first()
    if source is None:
        raise NotFound(f"there is no source {CENTRE}: no demonstration was started here (bluevest up --demo)")
    return source


def roster() -> list[Row]:
    """The demo station's roster, always the same."""
    return [_row(number, kind) for number, kind in enumerate(_KINDS)]


def _row(number: int, kind: str) -> Row:
    surname, given = _SURNAMES[number % len(_SURNAMES)], _GIVEN[number * 3 % len(_GIVEN)]
    return Row(
        number + 2,
        {
            "name": f"{surname}{given}",
            "phone": f"+861390755{1000 + number}",
            "station": STATION,
            "community": _COMMUNITIES[number % len(_COMMUNITIES)],
            "kind": kind,
            "team": f"第{number % 3 + 1}队",
            "on_duty": "true" if kind in {"vest", "grid_worker"} else "false",
        },
    )


def _people(work: Work) -> None:
    station = find_station(work.session, STATION)
    station.phone = station.phone or STATION_PHONE
    for name, password in {OFFICER: PASSWORD, **SIMULATED_OFFICERS}.items():
        if work.session.query(Officer).filter_by(name=name).first() is None:
            add_officer(work, name, STATION, Role.DUTY, password)
    if work.session.query(Source).filter_by(name=CENTRE).first() is None:
        add_source(work, CENTRE, None, STATION)
        import_roster(work, roster())
    # The centre that listened in an earlier start is gone; whoever plays it says where it listens now.
    tell_centre_at(work, None)
