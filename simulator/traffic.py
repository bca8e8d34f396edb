"""Gentle endless traffic for the demonstration: the centre sends orders, the volunteers answer."""

import logging
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from types import FrameType

import httpx
from pydantic import ValidationError

from simulator.centre import Centre
from simulator.day import Deed, deeds
from simulator.settings import TrafficSettings
from simulator.volunteers import Volunteers, Watch

_log = logging.getLogger(__name__)
_AT_ONCE = 4
_INSIST = 1000
_HTTP_ERROR = 400


class _StoppedError(Exception):
    """The day ended while an order was waiting for another attempt."""


def run(settings: TrafficSettings, stop: threading.Event | None = None) -> None:
    """Send orders and answer offers until `stop` is set. At most four orders are under way at once."""
    ended = stop or threading.Event()
    watch = Watch(settings.exchange_url, Volunteers(settings.seed, settings.pace), ended)
    watching = threading.Thread(target=watch.run, name="volunteers", daemon=True)
    watching.start()
    try:
        _send_all(settings, ended)
    finally:
        ended.set()
        watching.join(5)


def _send_all(settings: TrafficSettings, stop: threading.Event) -> None:
    free = threading.Semaphore(_AT_ONCE)
    day = deeds(settings.seed, settings.station, f"{datetime.now(UTC):%Y%m%d%H%M%S}", lambda: datetime.now(UTC))
    with (
        Centre(settings.public_url, settings.source, settings.secret, attempts=_INSIST) as centre,
        ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="centre") as pool,
    ):
        for deed in day:
            if stop.wait(deed.after / settings.pace):
                return
            while not free.acquire(timeout=0.5):
                if stop.is_set():
                    return
            pool.submit(_send, centre, deed, stop).add_done_callback(lambda _done: free.release())


def _send(centre: Centre, deed: Deed, stop: threading.Event) -> None:
    def pause(seconds: float) -> None:
        if stop.wait(seconds):
            raise _StoppedError

    try:
        receipt = centre.send_alert(deed.order, event=deed.event, pause=pause)
    except (_StoppedError, httpx.HTTPError) as trouble:
        _log.info("%s not sent: %s", deed.order["alert_no"], type(trouble).__name__)
        return
    if receipt.status >= _HTTP_ERROR:
        _log.warning("%s was answered %s", deed.order["alert_no"], receipt.status)


def main() -> None:
    """Run with the settings of the environment until SIGTERM or SIGINT; ends with 2 when one is missing."""
    try:
        settings = TrafficSettings()
    except ValidationError as trouble:
        names = ", ".join("BLUEVEST_SIM_" + str(error["loc"][0]).upper() for error in trouble.errors())
        sys.stderr.write(f"traffic: setting missing or wrong: {names}\n")
        raise SystemExit(2) from None
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    run(settings, stop)
