"""What makes the bad evening what it is: the same for a seed, forty warnings, and a point that two systems read apart."""

from math import cos, radians

import pytest
from shapely.affinity import scale
from shapely.geometry import Point as ShapelyPoint
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from dispatcher.geo.coordinates import Crs, to_wgs84
from dispatcher.geo.xixiang import demo_places
from simulator.handset import Text
from simulator.stories.evening_vests import ELSEWHERE, NIGHT_MARKET, SAYS_RECEIVED, VESTS, AtThePhone, Habit, Vest
from simulator.stories.evening_warnings import ACROSS_THE_BORDER, HOME, MOST, NEIGHBOUR, Warnings

DEGREE_M = 111_195
SEED = 7


def warnings(seed: int = SEED) -> list[dict[str, object]]:
    found = Warnings("R1", "440306-LT", seed)
    odd = [found.taken_back, found.at_says_received, found.at_phone_off, found.across_the_border]
    odd += [found.unplaced, found.wrong_number, *(one for twice in found.twice for one in (twice.first, twice.again))]
    return [*odd, *found.ordinary]


def metres_inside(ground: BaseGeometry, lon: float, lat: float) -> float:
    """From the point to the nearest border, negative outside."""
    point, flat = ShapelyPoint(lon, lat), {"xfact": DEGREE_M * cos(radians(lat)), "yfact": DEGREE_M, "origin": (0, 0)}
    distance = float(scale(ground.boundary, **flat).distance(scale(point, **flat)))
    return distance if ground.contains(point) else -distance


def test_the_numbers_lie_80_metres_inside_the_neighbour_and_the_resident_does_not() -> None:
    ground = {seed.name: shape(seed.geometry) for seed in demo_places() if seed.kind == "community" and seed.geometry}
    read_wrongly = float(ACROSS_THE_BORDER["lon"]), float(ACROSS_THE_BORDER["lat"])
    assert metres_inside(ground[NEIGHBOUR], *read_wrongly) == pytest.approx(80, abs=0.5)
    true = to_wgs84(*read_wrongly, Crs(ACROSS_THE_BORDER["crs"]))
    assert metres_inside(ground[HOME], true.lon, true.lat) > 100
    assert metres_inside(ground[NEIGHBOUR], true.lon, true.lat) < -100


def test_forty_warnings_about_thirty_eight_residents() -> None:
    orders = warnings()
    phones = {order["resident"]["phone"] for order in orders}  # type: ignore[index]
    assert (len(orders), len({order["alert_no"] for order in orders}), len(phones)) == (MOST, MOST, MOST - 2)


def test_the_same_seed_is_the_same_evening() -> None:
    told = [[(o["alert_no"], o["level"], o["resident"]) for o in warnings(seed)] for seed in (SEED, SEED, SEED + 1)]
    assert told[0] == told[1]
    assert told[0] != told[2]


def test_six_of_eleven_are_at_the_night_market() -> None:
    assert (len(VESTS), len(NIGHT_MARKET)) == (11, 6)
    assert len({(vest.lon, vest.lat) for vest in NIGHT_MARKET}) == 1
    assert len({(vest.lon, vest.lat) for vest in VESTS}) == 1 + len(ELSEWHERE)


def answers(vest: Vest, seed: int) -> list[str]:
    """What the vest will say to thirty offers, the first letter of each."""
    phone, body = AtThePhone(vest, seed), '【蓝马甲】紧急 K73。回"1K73"接单,"2K73"不能去 https://x/t/abc'
    for number in range(30):
        assert phone.read(Text(number, f"SM{number}", "outbound-api", vest.phone, body, "delivered", True, None))
    return [said[0] for said in phone.waiting]


def test_a_vest_makes_up_their_mind_by_the_seed_alone() -> None:
    said = {vest.phone: answers(vest, SEED) for vest in VESTS}
    assert said == {vest.phone: answers(vest, SEED) for vest in VESTS}
    assert said != {vest.phone: answers(vest, SEED + 1) for vest in VESTS}
    usual = [said[vest.phone] for vest in VESTS if vest.habit is Habit.USUAL]
    assert all({"1", "2"} == set(one) and 10 < len(one) < 30 for one in usual), "some accept, some decline, some ignore"
    assert set(said[SAYS_RECEIVED.phone]) == {"收"}
