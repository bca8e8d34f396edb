"""Places from the command line."""

import json
from pathlib import Path

from sqlalchemy import func, select

from dispatcher.db import Database
from dispatcher.geo.coordinates import Crs, Point, from_wgs84
from dispatcher.model import Area, Place, Volunteer
from dispatcher.places import find_place
from tests.commands.conftest import Shell
from tests.roster.files import saved

RING = [[113.87, 22.57], [113.88, 22.57], [113.88, 22.58], [113.87, 22.58], [113.87, 22.57]]


def collection(*codes: str, crs: str | None = None, ring: list[list[float]] = RING) -> str:
    geometry = {"type": "Polygon", "coordinates": [ring]}
    features = [{"type": "Feature", "properties": {"code": code}, "geometry": geometry} for code in codes]
    return json.dumps({"type": "FeatureCollection", "features": features} | ({"crs": crs} if crs else {}))


def test_the_demo_organisation_has_places_and_no_people(shell: Shell, database: Database) -> None:
    assert shell.ok("demo-places").endswith("0 were there; station 440306-LT\n")
    assert shell.ok("demo-places").startswith("0 places made")
    counts = [
        database.read(lambda session, table=table: session.scalar(select(func.count()).select_from(table)))
        for table in (Place, Volunteer)
    ]
    assert counts[0] == 4 + 5 + 25 + 963
    assert counts[1] == 0


def test_real_ground_takes_the_place_of_the_invented(shell: Shell, database: Database, tmp_path: Path) -> None:
    shell.ok("demo-places")
    shifted = [list(from_wgs84(Point(lon, lat), Crs.GCJ02)) for lon, lat in RING]
    file = saved(tmp_path, "survey.geojson", collection("440306018001", ring=shifted))

    assert shell.ok("area", "import", str(file), "--crs", "gcj02") == "0 places added, 1 changed, 0 unchanged\n"

    area = database.read(lambda session: session.get_one(Area, find_place(session, "440306018001").id))
    assert (area.source, area.synthetic) == ("survey.geojson", False)
    assert abs(area.geometry["coordinates"][0][0][0] - 113.87) < 1e-6


def test_area_files_that_are_refused(shell: Shell, tmp_path: Path) -> None:
    shell.ok("demo-places")
    crossed = [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]
    for content, message in (
        (collection("440306018001"), "crs: missing"),
        (collection("440306018001", crs="epsg:4326"), "crs: must be one of"),
        (collection("440306018001", crs="wgs84", ring=crossed), "feature 0, geometry: crosses itself"),
        (collection(*(f"new{n}" for n in range(12)), crs="wgs84"), "feature 11, parent: missing"),
        ("{", "not JSON"),
    ):
        assert message in shell.refused("area", "import", str(saved(tmp_path, "a.geojson", content)))
    assert "No such file" in shell.refused("area", "import", "missing.geojson")
    assert "--crs: must be one of" in shell.refused("area", "import", "missing.geojson", "--crs", "utm")
