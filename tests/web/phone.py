"""A browser on somebody's phone, without JavaScript: it opens a link and taps what it finds there."""

import httpx

from tests.web.outside import Outside

HERE = {"lon": 113.87, "lat": 22.57, "crs": "wgs84"}


class Phone:
    """A browser on somebody's phone, at one link."""

    def __init__(self, outside: Outside, token: str) -> None:
        self.outside = outside
        self.path = f"/t/{token}"

    def open(self, query: str = "") -> httpx.Response:
        return self.outside.ask("GET", self.path + query)

    def tap(self, act: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return self.outside.ask("POST", self.path, headers, data={"act": act})

    def tap_and_see(self, act: str) -> str:
        answer = self.tap(act)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith(self.path)
        return self.outside.ask("GET", answer.headers["location"]).text

    def share(self, body: object = HERE, headers: dict[str, str] | None = None) -> httpx.Response:
        return self.outside.ask("POST", f"{self.path}/position", headers, json=body)
