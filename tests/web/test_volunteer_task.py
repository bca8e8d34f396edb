"""What the volunteer's page gives somebody who goes: the way, their check code, what to say, and no slip of a thumb."""

import gzip
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from dispatcher.db import Database
from dispatcher.geo.coordinates import Crs, Point, distance_m, to_wgs84
from dispatcher.guidance import guidance
from dispatcher.model import Case, Offer, Place, Volunteer
from dispatcher.settings import Settings
from dispatcher.words import FRAUD_TYPES
from tests import builders
from tests.conftest import FixedClock, RecordingWaker
from tests.tracking.world import World
from tests.web.outside import Outside
from tests.web.phone import Phone
from web import resident, volunteer
from web.resident import wording as resident_wording
from web.services import Services
from web.volunteer import frame
from web.volunteer import wording as volunteer_wording

PUBLISHED = "+8675500000110"
LANGUAGES = ("zh", "en")
HARD_TO_UNDO = {"asked": {"decline"}, "way": {"met", "decline"}, "door": {"met", "decline"}}
AT_ONCE = {
    "asked": {"accept"},
    "way": {"arrived", "not_found", "stop_card", "help"},
    "door": {"not_found", "stop_card", "help"},
}


@pytest.fixture
def world(database: Database, settings: Settings, clock: FixedClock, waker: RecordingWaker) -> World:
    return World(database, settings, clock, waker, database.transact(builders.station))


@pytest.fixture
def outside(settings: Settings, database: Database) -> Outside:
    return Outside(Services(settings, database), volunteer.router)


@pytest.fixture
def case(world: World) -> Case:
    return world.case()


@pytest.fixture
def offer(world: World, case: Case) -> Offer:
    return world.ask(case, world.person(lat=22.5651))


@pytest.fixture
def phone(outside: Outside, offer: Offer) -> Phone:
    return Phone(outside, offer.token)


def changed(world: World, kind: type[Case] | type[Place], of: object, **values: object) -> None:
    def change(work: object) -> None:
        row = work.session.get_one(kind, of)  # type: ignore[attr-defined]
        for name, value in values.items():
            setattr(row, name, value)

    world.database.transact(change)


def stages(phone: Phone, lang: str = "zh") -> Iterator[tuple[str, str]]:
    """The page of every stage in turn, as the thumb gets there."""
    for act, stage in ((None, "asked"), ("accept", "way"), ("arrived", "door"), ("met", "over")):
        if act:
            phone.tap(act)
        yield stage, unescape(phone.open(f"?lang={lang}").text)


def test_nothing_that_tells_who_it_is_comes_before_the_acceptance_or_after_the_end(world: World, phone: Phone) -> None:
    changed(world, Place, world.station.id, phone=PUBLISHED)
    for stage, html in stages(phone):
        given = ("核实码" in html, "uri.amap.com" in html, "安全账户" in html, "0755 0000 0110" in html)
        assert (
            given
            == {
                "asked": (False, False, False, False),
                "way": (True, True, True, True),
                "door": (True, False, True, True),
                "over": (False, False, False, False),
            }[stage]
        )


def test_every_map_app_is_given_the_door_in_its_own_coordinates(phone: Phone, case: Case) -> None:
    door = Point(builders.LON, builders.LAT)
    phone.tap("accept")
    links = re.findall(r'href="(https://[^"]+)"', unescape(phone.open().text))
    found = {urlsplit(link).hostname: parse_qs(urlsplit(link).query) for link in links}
    amap, baidu = found["uri.amap.com"], found["api.map.baidu.com"]
    tencent, apple = found["apis.map.qq.com"], found["maps.apple.com"]
    assert (amap["coordinate"], baidu["coord_type"]) == (["gaode"], ["bd09ll"])

    lon, lat, _title = amap["to"][0].split(",")
    points = {"amap": (lon, lat, Crs.GCJ02)}
    for name, text, crs in (
        ("baidu", baidu["location"][0], Crs.BD09),
        ("tencent", tencent["tocoord"][0], Crs.GCJ02),
        ("apple", apple["daddr"][0], Crs.GCJ02),
    ):
        lat, lon = text.split(",")
        points[name] = (lon, lat, crs)
    for name, (lon, lat, crs) in points.items():
        assert distance_m(to_wgs84(float(lon), float(lat), crs), door) < 1, name


def test_nobodys_name_or_address_goes_to_a_map(phone: Phone) -> None:
    phone.tap("accept")
    for link in re.findall(r'href="(https://[^"]+)"', unescape(phone.open().text)):
        told = str(parse_qs(urlsplit(link).query))
        assert not any(word in told for word in ("王某丽", "兴业路", "桃源", "139", phone.path[3:]))


def test_without_a_position_there_is_no_way_to_show(world: World, outside: Outside) -> None:
    lost = Phone(outside, world.ask(world.case(lon=None, lat=None), world.person()).token)
    html = lost.tap_and_see("accept")
    assert "uri.amap.com" not in html
    assert "按地址问路" in html


def test_who_goes_has_a_code_to_be_checked_by_and_the_words_to_say_so(world: World, phone: Phone, offer: Offer) -> None:
    html = phone.tap_and_see("accept")
    code = world.of(offer).check_code
    assert code is not None
    assert f"{code[:3]}\xa0{code[3:]}" in html
    assert "我是流塘派出所派来的蓝马甲队员" in html
    assert "96110" in html
    assert "I am the blue vest sent by Liutang" in phone.open("?lang=en").text
    assert 'href="/check?lang=zh"' in html


def test_the_text_that_accepts_gives_a_code_as_well(world: World, phone: Phone, offer: Offer) -> None:
    person = world.database.read(lambda session: session.get_one(Volunteer, offer.volunteer_id))
    world.text(person, f"1{offer.code}")
    code = world.of(offer).check_code
    assert code is not None
    assert code[3:] in phone.open().text


@pytest.mark.parametrize("fraud_type", [*sorted(FRAUD_TYPES), "冒充公检法", "call +8613900000000", None])
def test_each_kind_of_fraud_has_its_own_words(world: World, phone: Phone, case: Case, fraud_type: str | None) -> None:
    changed(world, Case, case.id, fraud_type=fraud_type)
    phone.tap("accept")
    found = guidance(fraud_type)
    assert len(found.checks) == 4
    assert len(found.questions) == 3
    for lang in LANGUAGES:
        html = unescape(phone.open(f"?lang={lang}").text)
        for said in (*found.say, *found.checks, *found.questions, found.protect, found.where):
            assert said.spoken(lang) in html


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_hard_to_undo_takes_two_taps_and_no_script(phone: Phone, lang: str) -> None:
    for stage, html in stages(phone, lang):
        if stage == "over":
            assert "<button" not in html
            continue
        behind = "".join(re.findall(r'<details class="sure">.*?</details>', html, re.DOTALL))
        assert set(re.findall(r'name="act" value="(\w+)"', behind)) == HARD_TO_UNDO[stage]
        assert behind.count("<summary") == len(HARD_TO_UNDO[stage]) == behind.count("<p>")
        rest = re.sub(r'<details class="sure">.*?</details>', "", html, flags=re.DOTALL)
        assert set(re.findall(r'name="act" value="(\w+)"', rest)) == AT_ONCE[stage]
        assert html.count("<form") == html.count('<form method="post"')


def test_the_whole_page_is_under_50_kb_at_every_stage(world: World, phone: Phone, case: Case, outside: Outside) -> None:
    changed(world, Place, world.station.id, phone=PUBLISHED)
    changed(world, Case, case.id, resident_address="桃" * 1000, resident_name="王" * 200)
    files = sum(len(outside.ask("GET", f"/t-static/{name}").content) for name in ("volunteer.css", "position.js"))
    assert files > 1000
    for _stage, html in stages(phone, "en"):
        assert len(html.encode()) + files < 50_000
        assert len(gzip.compress(html.encode())) < 14_000


def test_no_word_of_the_pages_is_missing_or_left_over() -> None:
    folders = [Path(package.__file__).parent for package in (volunteer, resident) if package.__file__]
    sources = [path for folder in folders for path in folder.iterdir() if path.suffix in {".html", ".py"}]
    text = "\n".join(path.read_text() for path in sources if path.name != "wording.py")
    asked = set(re.findall(r"words\.(\w+)", text)) | set(re.findall(r"""(?:words|\(lang\))\[['"](\w+)['"]\]""", text))
    asked |= {"asked", "on_the_way", "at_the_door", "yes", "no", "no_means", "too_many", "too_many_means"}
    asked |= {"sent", "sent_nowhere", *(f"said_{act}" for act in volunteer.routes.ACTS)}
    there = set(volunteer_wording.wording("zh")) | set(resident_wording.wording("zh"))
    assert there - asked == set()
    assert asked - there - {"get", "items"} == set()
    assert set(frame.spoken({}, "zh")) <= there
    for words in (volunteer_wording, resident_wording):
        zh, en = words.wording("zh"), words.wording("en")
        assert all(re.search(r"[一-鿿]", value) for key, value in zh.items() if key != "other_language")
        assert not any(re.search(r"[一-鿿]", value) for key, value in en.items() if key != "other_language")
