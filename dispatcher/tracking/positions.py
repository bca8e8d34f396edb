"""Where somebody under way is: shared by the page, only while a task is in hand and not yet at the door."""

from dispatcher.errors import BadInput
from dispatcher.geo.coordinates import Crs, to_wgs84, usable
from dispatcher.lifecycle import OfferState
from dispatcher.model import Offer, Volunteer
from dispatcher.views import lock_volunteers
from dispatcher.work import Work


def share_position(work: Work, offer: Offer, lon: float, lat: float, crs: Crs) -> bool:
    """Take a position; converted once, here. False when the person is not under way, and nothing is kept then.

    Raises BadInput for a point that is none.
    """
    if not usable(lon, lat):
        raise BadInput("not a position", field="lon")
    # A task that ends at this moment ends first: nothing is kept of somebody who is free again.
    work.session.refresh(offer, with_for_update={"read": True})
    if offer.state != OfferState.ACCEPTED or offer.arrived_at is not None:
        return False
    point = to_wgs84(lon, lat, crs)
    lock_volunteers(work.session, [offer.volunteer_id])
    person = work.session.get_one(Volunteer, offer.volunteer_id, populate_existing=True)
    person.page_lon, person.page_lat, person.page_at = point.lon, point.lat, work.now
    work.emit("volunteer.changed", person.station_id, volunteer=person)
    return True
