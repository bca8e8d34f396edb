"""Where somebody under way is."""

from math import inf, nan

import pytest
from sqlalchemy import select

from dispatcher.errors import BadInput
from dispatcher.geo.coordinates import Crs, Point, from_wgs84
from dispatcher.model import Contact, Offer, Volunteer
from dispatcher.tracking.positions import share_position
from tests.builders import LAT, LON
from tests.tracking.world import World


@pytest.fixture
def person(world: World) -> Volunteer:
    return world.person()


@pytest.fixture
def offer(world: World, person: Volunteer) -> Offer:
    return world.ask(world.case(), person)


def share(world: World, offer: Offer, lon: float, lat: float, crs: Crs = Crs.WGS84) -> bool:
    return world.database.transact(
        lambda work: share_position(work, work.session.get_one(Offer, offer.id), lon, lat, crs)
    )


def test_a_position_is_kept_while_under_way_only(world: World, offer: Offer, person: Volunteer) -> None:
    assert not share(world, offer, LON, LAT)
    assert world.of(person).page_at is None
    world.text(person, f"1{offer.code}")
    assert share(world, offer, LON, LAT)
    assert world.of(person).page_at == world.clock.now()
    world.text(person, f"3{offer.code}")
    assert not share(world, offer, 0.5, 0.5)
    assert world.of(person).page_lon == LON


@pytest.mark.parametrize("crs", list(Crs))
def test_it_is_converted_once_here(world: World, offer: Offer, person: Volunteer, crs: Crs) -> None:
    world.text(person, f"1{offer.code}")
    assert share(world, offer, *from_wgs84(Point(LON, LAT), crs), crs)
    now = world.of(person)
    assert (now.page_lon, now.page_lat) == pytest.approx((LON, LAT), abs=5e-6)


@pytest.mark.parametrize(("lon", "lat"), [(nan, 1), (1, inf), (181, 0), (0, 91), (0, 0)])
def test_what_is_no_position_is_refused_by_name(
    world: World, offer: Offer, person: Volunteer, lon: float, lat: float
) -> None:
    world.text(person, f"1{offer.code}")
    with pytest.raises(BadInput):
        share(world, offer, lon, lat)
    assert world.of(person).page_at is None


def test_a_visit_has_its_place_from_the_page_only_while_that_is_fresh(
    world: World, offer: Offer, person: Volunteer
) -> None:
    world.text(person, f"1{offer.code}")
    assert share(world, offer, LON, LAT)
    world.text(person, f"3{offer.code}")
    world.clock.forward(minutes=20)
    world.text(person, f"4{offer.code}")
    found = select(Contact.result, Contact.lon).where(Contact.case_id == offer.case_id).order_by(Contact.id)
    assert [tuple(row) for row in world.database.read(lambda s: s.execute(found).all())] == [
        ("arrived", LON),
        ("met", None),
    ]
