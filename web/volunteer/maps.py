"""Links that open the way to a door in the common map apps, each with the point in the app's own coordinates.

A point in the wrong system lies 100-700 m off (field guide §7). The links carry the point and a neutral title: no name
and no address leaves the page by them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from dispatcher.geo.coordinates import Crs, Point, from_wgs84

_SOURCE = "bluevest"
_TITLE = "任务地点"


@dataclass(frozen=True)
class MapLink:
    """One app: its name in both languages, and where its link leads."""

    zh: str
    en: str
    url: str

    def name(self, lang: str) -> str:
        """The app's name in `lang`."""
        return self.en if lang == "en" else self.zh


def _amap(lon: str, lat: str) -> str:
    way = {"to": f"{lon},{lat},{_TITLE}", "mode": "walk", "src": _SOURCE, "coordinate": "gaode", "callnative": "1"}
    return "https://uri.amap.com/navigation?" + urlencode(way, safe=",")


def _baidu(lon: str, lat: str) -> str:
    # The marker needs no start point, which Baidu's direction page asks for; "go here" is one tap on it.
    place = {"location": f"{lat},{lon}", "title": _TITLE, "content": _TITLE, "output": "html", "coord_type": "bd09ll"}
    return "https://api.map.baidu.com/marker?" + urlencode({**place, "src": f"webapp.{_SOURCE}.task"}, safe=",")


def _tencent(lon: str, lat: str) -> str:
    way = {"type": "walk", "to": _TITLE, "tocoord": f"{lat},{lon}", "referer": _SOURCE}
    return "https://apis.map.qq.com/uri/v1/routeplan?" + urlencode(way, safe=",")


def _apple(lon: str, lat: str) -> str:
    return "https://maps.apple.com/?" + urlencode({"daddr": f"{lat},{lon}", "dirflg": "w"}, safe=",")


_APPS: Final[tuple[tuple[str, str, Crs, Callable[[str, str], str]], ...]] = (
    ("高德地图", "AMap", Crs.GCJ02, _amap),
    ("百度地图", "Baidu Maps", Crs.BD09, _baidu),
    ("腾讯地图", "Tencent Maps", Crs.GCJ02, _tencent),
    # In mainland China Apple draws AutoNavi's map and takes points as GCJ-02. There is no geo: link: by its standard
    # (RFC 5870) it is WGS-84, the Chinese apps that answer it read GCJ-02, and WeChat's browser does not open it.
    ("苹果地图", "Apple Maps", Crs.GCJ02, _apple),
)


def map_links(point: Point) -> tuple[MapLink, ...]:
    """The way to the point, by app; the point is rounded to six decimals (0.1 m)."""
    links = []
    for zh, en, crs, link in _APPS:
        lon, lat = from_wgs84(point, crs)
        links.append(MapLink(zh, en, link(f"{lon:.6f}", f"{lat:.6f}")))
    return tuple(links)
