"""Areas from a file: new grounds for known places, and new places with their ground; all of a file or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from dispatcher.geo.areas import AreaFileError, AreaShape, Fault
from dispatcher.ids import new_id
from dispatcher.model import Area, Place, PlaceKind, PositionSource, Volunteer
from dispatcher.places.tree import ABOVE, by_code, insert_places, path_of
from dispatcher.work import Work


@dataclass(frozen=True)
class AreaReport:
    """What an import did: places made, known places whose ground is new, and how many were the same already."""

    added: int
    changed: int
    unchanged: int


def import_areas(work: Work, shapes: Sequence[AreaShape], source: str) -> AreaReport:
    """Take over the areas of a file; `source` says where those come from that do not say it themselves.

    A known place gets a new ground, centre and (when given) name; it is not moved in the tree. An unknown one needs
    name, kind and a parent, which exists or stands in the file too.
    Raises AreaFileError naming every feature that cannot be taken; nothing is changed then.
    """
    known = by_code(work.session, [code for shape in shapes for code in (shape.code, shape.parent) if code])
    in_file = {shape.code: shape for shape in shapes}
    faults = [
        Fault(index, field, message)
        for index, shape in enumerate(shapes)
        for field, message in _wrong(shape, known, in_file, work)
    ]
    if faults:
        raise AreaFileError(faults)
    added = _add(work, shapes, known)
    changed = _draw(work, shapes, known, source)
    moved = changed - added
    return AreaReport(len(added), len(moved), len(shapes) - len(added) - len(moved))


def _wrong(
    shape: AreaShape, known: dict[str, Place], in_file: dict[str, AreaShape], work: Work
) -> list[tuple[str, str]]:
    place = known.get(shape.code)
    if place is None:
        return _wrong_new(shape, known, in_file)
    wrong = []
    if shape.kind and shape.kind != place.kind:
        wrong.append(("kind", f"{shape.code!r} is a {place.kind.value} already"))
    if shape.parent:
        parent = work.session.get(Place, place.parent_id) if place.parent_id else None
        if parent is None or parent.code != shape.parent:
            now = repr(parent.code) if parent else "nothing"
            wrong.append(("parent", f"{shape.code!r} lies below {now}; an area file moves no place"))
    return wrong


def _wrong_new(shape: AreaShape, known: dict[str, Place], in_file: dict[str, AreaShape]) -> list[tuple[str, str]]:
    needed = {"name": shape.name, "kind": shape.kind, "parent": shape.parent}
    wrong = [(field, f"missing: {shape.code!r} is a new place") for field, value in needed.items() if not value]
    if not shape.parent:
        return wrong
    above = _kind_of(shape.parent, known, in_file)
    if shape.parent not in known and shape.parent not in in_file:
        wrong.append(("parent", f"there is no place {shape.parent!r}"))
    elif shape.kind and above and above not in ABOVE[PlaceKind(shape.kind)]:
        wrong.append(("parent", f"a {shape.kind} cannot lie below the {above.value} {shape.parent!r}"))
    return wrong


def _kind_of(code: str, known: dict[str, Place], in_file: dict[str, AreaShape]) -> PlaceKind | None:
    if code in known:
        return known[code].kind
    shape = in_file.get(code)
    return PlaceKind(shape.kind) if shape and shape.kind else None


def _add(work: Work, shapes: Sequence[AreaShape], known: dict[str, Place]) -> set[str]:
    """Make the places that are new, the upper levels first; `known` then holds them too."""
    levels = list(PlaceKind)
    fresh = [shape for shape in shapes if shape.code not in known]
    fresh.sort(key=lambda shape: levels.index(PlaceKind(shape.kind or PlaceKind.GRID)))
    for shape in fresh:
        parent = known[shape.parent or ""]
        known[shape.code] = Place(
            id=new_id(),
            code=shape.code,
            kind=PlaceKind(shape.kind or PlaceKind.GRID),
            name=shape.name or shape.code,
            parent_id=parent.id,
            path=path_of(shape.code, parent),
            lon=shape.centre.lon,
            lat=shape.centre.lat,
            synthetic=shape.synthetic,
        )
    insert_places(work.session, [known[shape.code] for shape in fresh])
    return {shape.code for shape in fresh}


def _draw(work: Work, shapes: Sequence[AreaShape], known: dict[str, Place], source: str) -> set[str]:
    """Lay the grounds down; gives the codes of those that differ from what was there."""
    ids = [known[shape.code].id for shape in shapes]
    there = {area.place_id: area for area in work.session.scalars(select(Area).where(Area.place_id.in_(ids)))}
    changed = set()
    for shape in shapes:
        place = known[shape.code]
        area = there.get(place.id)
        wanted = {"geometry": shape.geometry, "synthetic": shape.synthetic, "source": shape.source or source}
        renamed = shape.name is not None and shape.name != place.name
        if area and not renamed and all(getattr(area, name) == value for name, value in wanted.items()):
            continue
        changed.add(shape.code)
        if area is None:
            work.session.add(Area(place_id=place.id, changed_at=work.now, **wanted))
        else:
            for name, value in {**wanted, "changed_at": work.now}.items():
                setattr(area, name, value)
        _move_centre(work, place, shape)
    return changed


def _move_centre(work: Work, place: Place, shape: AreaShape) -> None:
    """The place's name and middle, and with it the people who are only known to be somewhere in it."""
    place.name = shape.name or place.name
    place.lon, place.lat = shape.centre.lon, shape.centre.lat
    if place.kind is PlaceKind.GRID:
        lives_here = Volunteer.grid_id == place.id
    elif place.kind is PlaceKind.COMMUNITY:
        lives_here = (Volunteer.community_id == place.id) & Volunteer.grid_id.is_(None)
    else:
        return
    work.session.execute(
        update(Volunteer)
        .where(lives_here, Volunteer.base_source == PositionSource.GRID)
        .values(base_lon=place.lon, base_lat=place.lat)
        .execution_options(synchronize_session=False)
    )
