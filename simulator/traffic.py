"""The demonstration's life: a story first, then orders without end; volunteers answer, an officer keeps the desk."""

import logging
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from types import FrameType

import httpx
from pydantic import ValidationError

from simulator.centre import Centre
from simulator.day import Deed, deeds
from simulator.desk import Desk, Patience
from simulator.officer import Officer, Refused
from simulator.settings import TrafficSettings
from simulator.stories import STORIES, Stopped, Stuck, World, open_stage, play
from simulator.telling import tell
from simulator.volunteers import Volunteers, Watch

_log = logging.getLogger(__name__)
_AT_ONCE = 4
_INSIST = 1000
_HTTP_ERROR = 400
_END_WITHIN_S = 2.0
_CURTAIN = 3
"""So many steps' time passes before the story begins: somebody wants to sign in first."""


class _StoppedError(Exception):
    """The day ended while an order was waiting for another attempt."""


def run(settings: TrafficSettings, stop: threading.Event | None = None) -> None:
    """Play the story, then send orders, until `stop` is set. At most four orders are under way at once."""
    ended = stop or threading.Event()
    watch = Watch(settings.exchange_url, Volunteers(settings.seed, settings.pace), ended)
    others = [threading.Thread(target=watch.run, name="volunteers", daemon=True)]
    if settings.officers:
        others.append(threading.Thread(target=_keep_desk, args=(settings, ended), name="desk", daemon=True))
    for thread in others:
        thread.start()
    try:
        if settings.officers and settings.story != "none":
            _tell_story(settings, settings.story, ended)
        _send_all(settings, ended)
    finally:
        ended.set()
        give_up = time.monotonic() + _END_WITHIN_S
        for thread in others:
            thread.join(max(0.0, give_up - time.monotonic()))


def _tell_story(settings: TrafficSettings, name: str, stop: threading.Event) -> None:
    """Whatever becomes of the story, the day goes on after it."""
    world = World(
        settings.public_url,
        settings.exchange_url,
        settings.source,
        settings.secret,
        settings.station,
        settings.officers,
    )
    with open_stage(world, stop) as stage:
        try:
            stage.until(partial(_there, settings), "the service")
            tell(f"故事即将开始,请登录指挥台观看 · the story is about to begin, sign in to watch it: {name}")
            tell(f"再看一遍 · to see it again: bluevest simulator story {name}")
            stage.pause(_CURTAIN * settings.story_pace)
            play(STORIES[name](stage), stage, pace=settings.story_pace, say=tell)
        except Stopped:
            return
        except (Stuck, Refused, httpx.HTTPError) as trouble:
            tell(f"故事中断 · the story broke off: {trouble}")


def _there(settings: TrafficSettings) -> bool:
    """Whether the service takes orders and the phones are on."""
    try:
        ready = httpx.get(f"{settings.public_url}/readyz", timeout=5, trust_env=False)
        phones = httpx.get(f"{settings.exchange_url}/healthz", timeout=5, trust_env=False)
    except httpx.HTTPError:
        return False
    return ready.is_success and phones.is_success


def _keep_desk(settings: TrafficSettings, stop: threading.Event) -> None:
    name, password = next(iter(settings.officers.items()))
    patience = Patience(settings.desk_reported_s, settings.desk_untouched_s, settings.desk_alarm_s)
    with Officer(settings.public_url, name, password) as officer:
        Desk(officer, patience, stop).run()


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
