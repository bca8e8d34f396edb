"""What lies beneath: places with their areas, and the audit."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatcher.access import scope
from dispatcher.access.roles import Permission
from dispatcher.access.viewer import Viewer
from dispatcher.model import Area, AuditEntry, Place
from dispatcher.views import iso
from web.api.fields import Code, Limit, Moment, Station
from web.session import Context, may

router = APIRouter(tags=["records"])


class PlaceFeature(BaseModel):
    """A place as GeoJSON in WGS-84; `geometry` is null where no area is known."""

    type: Literal["Feature"] = "Feature"
    id: UUID
    geometry: dict[str, Any] | None
    properties: dict[str, Any]


class Places(BaseModel):
    """Places in order of the tree."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[PlaceFeature]


class Act(BaseModel):
    """One act of one user."""

    id: int
    at: Moment
    actor: str
    act: str
    subject: str | None
    details: dict[str, Any] | None
    address: str | None


class Acts(BaseModel):
    """Acts, newest first; `next` is the `before` of the next page."""

    entries: list[Act]
    next: int | None


@router.get("/places", summary="Places in scope with their areas")
def list_places(
    viewer: Annotated[Viewer, Depends(may(Permission.SEE_PLACES))], context: Context, station: Station = None
) -> Places:
    """`synthetic` in a feature's properties says that the ground is made up, which a map must say too."""

    def look(session: Session) -> list[PlaceFeature]:
        rows = session.execute(
            select(Place, Area)
            .outerjoin(Area, Area.place_id == Place.id)
            .where(Place.id.in_(scope.places_of(session, viewer, station)))
            .order_by(Place.path)
        )
        return [_feature(place, area) for place, area in rows]

    return Places(features=context.database.read(look))


@router.get("/audit", summary="What users did")
def read_audit(
    viewer: Annotated[Viewer, Depends(may(Permission.SEE_AUDIT))],
    context: Context,
    act: Annotated[Code | None, Query(description="only acts of this name, such as case.unmasked")] = None,
    subject: Annotated[Code | None, Query(description="only acts on this case, person, alarm or text")] = None,
    before: Annotated[int | None, Query(ge=1, le=2**62, description="`next` of the page before")] = None,
    limit: Limit = 100,
) -> Acts:
    """Acts of officers in scope; those of unknown people too, for officers at the top of the tree."""

    def look(session: Session) -> list[Act]:
        chosen = select(AuditEntry).where(scope.visible_audit(viewer))
        for column, value in ((AuditEntry.act, act), (AuditEntry.subject, subject)):
            if value is not None:
                chosen = chosen.where(column == value)
        if before is not None:
            chosen = chosen.where(AuditEntry.id < before)
        return [_act(row) for row in session.scalars(chosen.order_by(AuditEntry.id.desc()).limit(limit + 1))]

    entries = context.database.read(look)
    return Acts(entries=entries[:limit], next=entries[limit - 1].id if len(entries) > limit else None)


def _feature(place: Place, area: Area | None) -> PlaceFeature:
    return PlaceFeature(
        id=place.id,
        geometry=area.geometry if area else None,
        properties={
            "code": place.code,
            "kind": place.kind.value,
            "name": place.name,
            "name_en": place.name_en,
            "parent": str(place.parent_id) if place.parent_id else None,
            "lon": place.lon,
            "lat": place.lat,
            "synthetic": place.synthetic or bool(area and area.synthetic),
            "source": area.source if area else None,
        },
    )


def _act(row: AuditEntry) -> Act:
    return Act(
        id=row.id,
        at=iso(row.at) or "",
        actor=row.actor,
        act=row.act,
        subject=row.subject,
        details=row.details,
        address=row.address,
    )
