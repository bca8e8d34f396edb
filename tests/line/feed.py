"""A console that somebody looks at all evening: every event in order, and what its screen showed at each of them."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from tests.line.console import ConsoleClient, Frame
from tests.line.processes import until

Cases = Mapping[str, Mapping[str, Any]]


class Feed:
    """What came over the socket since the snapshot that it began with; numbers without a gap, or it fails."""

    def __init__(self, console: ConsoleClient) -> None:
        self._console = console
        self._began = console.start()
        self._events: list[Frame] = []
        self._trouble: BaseException | None = None
        self._stop = threading.Event()

    @contextmanager
    def read_on(self) -> Iterator["Feed"]:
        """Read in a thread meanwhile: a console that is slow to read is sent away."""
        thread = threading.Thread(target=self._read)
        thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            thread.join()

    @property
    def events(self) -> Sequence[Frame]:
        """Every event so far."""
        if self._trouble:
            raise self._trouble
        return list(self._events)

    def screen(self, seq: int) -> Cases:
        """The open cases as the screen showed them once the event of this number was in."""
        until(lambda: self._seq >= seq, f"event {seq} on the console")
        cases = {case["id"]: case for case in self._began["cases"]}
        for event in self.events:
            if event["seq"] <= seq and event["case"]:
                cases[event["case_id"]] = event["case"]
        return {case_id: case for case_id, case in cases.items() if case["state"] != "closed"}

    @property
    def _seq(self) -> int:
        """The last number; raises what ended the reading."""
        events = self.events
        return int(events[-1]["seq"] if events else self._began["seq"])

    def _read(self) -> None:
        try:
            for event in self._console.events(self._stop):
                self._events.append(event)
        except BaseException as trouble:  # noqa: BLE001  # raised where somebody asks
            self._trouble = trouble
