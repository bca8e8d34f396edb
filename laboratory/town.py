"""Where the laboratory's world lives: two stations under one street, their people, and what their policy allows."""

import json
from collections.abc import Mapping
from typing import Any

from dispatcher.geo.xixiang import STREET
from simulator.chance import chance
from tests.line.service import STATION

NEIGHBOUR = "440306-XX"
PEOPLE: Mapping[str, int] = {STATION: 16, NEIGHBOUR: 8}
"""Few enough that one burst leaves a station without anybody of its own, and its neighbour is asked."""
BY_HAND = "chosen by the duty officer"
"""What an offer that no plan made gives as its reason."""

_LON, _LAT = 113.88, 22.58
_CLOCKS = {"answer_s": 5, "sign_s": 3, "contact_s": 5, "meet_s": 7, "feedback_s": 10}
_ONE_BY_ONE = {"wave": 1, "step_s": 2, "most": 3}
_THREE_AT_ONCE = {"wave": 3, "step_s": 2, "most": 6}
_WAVES: Mapping[str, Mapping[str, int]] = {
    "extreme": _THREE_AT_ONCE,
    **dict.fromkeys(("high", "medium", "low"), _ONE_BY_ONE),
}
MOST: Mapping[str, int] = {level: waves["most"] for level, waves in _WAVES.items()}
"""People asked at once for a case of this level, at most."""
WAVE: Mapping[str, int] = {level: waves["wave"] for level, waves in _WAVES.items()}
"""People asked at once to begin with."""
POLICY: Mapping[str, Any] = {
    "levels": {level: {**_CLOCKS, **waves} for level, waves in _WAVES.items()},
    "arrival": {"least_s": 6, "step_s": 4},
    "travel": {"day_departure_s": 1, "night_departure_s": 1, "speed_m_s": 500},
}
"""Two steps pass while the first who were asked may still answer: a case is as wide as it may be within a trial."""


def ground() -> str:
    """The neighbour and its ground, as an area file: beside the station's, on no community."""
    corners = [[113.93, 22.55], [113.95, 22.55], [113.95, 22.57], [113.93, 22.57], [113.93, 22.55]]
    place = {"code": NEIGHBOUR, "name": "西乡派出所", "kind": "station", "parent": STREET, "synthetic": True}
    feature = {"type": "Feature", "properties": place, "geometry": {"type": "Polygon", "coordinates": [corners]}}
    return json.dumps({"type": "FeatureCollection", "crs": "wgs84", "features": [feature]})


def roster() -> str:
    """Everybody of both stations, all about the same doors."""
    luck = chance("laboratory")
    rows = ["name,phone,station,kind,lon,lat,crs,on_duty"]
    stations = [station for station, people in PEOPLE.items() for _ in range(people)]
    rows += [
        f"实验员{number:02d},+86136570{number:05d},{station},vest,"
        f"{_LON + luck.uniform(-0.02, 0.02):.6f},{_LAT + luck.uniform(-0.02, 0.02):.6f},wgs84,是"
        for number, station in enumerate(stations)
    ]
    return "\n".join(rows) + "\n"
