"""The stage of a bad evening: one station, one officer, eleven vests who answer for themselves, one watching console."""

import secrets
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from simulator.centre import Centre, FeedbackReceiver
from simulator.handset import Exchange, Text
from simulator.officer import Officer
from simulator.stories.bad_evening import BadEvening
from simulator.stories.evening_vests import VESTS, Vest, Vests
from simulator.stories.evening_warnings import Order
from simulator.stories.stage import Stage
from tests.line.console import ConsoleClient, Frame
from tests.line.feed import Feed
from tests.line.processes import PATIENCE_S
from tests.line.service import (
    OFFICER,
    SOURCE,
    STATION,
    Command,
    RunningService,
    data_folder,
    foreign_provider,
    new_officer,
)

SEED = 1997
ANSWER_S = 3
"""Time to answer an offer at every level: the hour is played within a minute or so."""
HOUR_S = 3600
"""Nobody who is on the way is late within it, however long the playing takes."""


@dataclass(repr=False)
class Evening:
    """Everybody there, and what they saw. `samples` are snapshots that were taken while it went on."""

    provider: Exchange
    feedback: FeedbackReceiver
    console: ConsoleClient
    feed: Feed
    story: BadEvening
    stage: Stage
    vests: Vests
    samples: list[Frame] = field(default_factory=list)

    @property
    def end(self) -> Frame:
        """What a console sees that starts now."""
        return self.console.snapshot()

    def nothing_unread(self) -> bool:
        """Whether every text on a phone was read, and everybody has said what they had to say to it."""
        self.provider.look()
        return not self.provider.unexpected() and self.vests.at_rest()

    def of_kind(self, kind: str, case_id: str | None = None) -> list[Frame]:
        """The events of this kind (about this case), in order."""
        return [e for e in self.feed.events if e["kind"] == kind and case_id in {None, e["case_id"]}]

    def of_case(self, case_id: str) -> list[Frame]:
        """Everything the console was told about the case, in order."""
        return [event for event in self.feed.events if event["case_id"] == case_id]

    def last_seen(self) -> dict[str, Frame]:
        """Every case as the console was last told of it, closed ones too."""
        return {event["case_id"]: event["case"] for event in self.feed.events if event["case"]}

    def page(self, order: Order) -> Frame:
        """The page of the case that the order became."""
        return self.stage.officer.page(self.story.case_id(order))

    def offers_to(self, vest: Vest) -> list[Frame]:
        """Everything the vest was asked for, as it ended."""
        me = self.story.people[vest.name]
        return [o for case in self.last_seen().values() for o in case["offers"] if o["volunteer"] == me]

    def texts(self, vest: Vest) -> list[Text]:
        """What the provider took for this phone."""
        return [text for text in self.provider.texts(vest.phone) if text.direction != "inbound"]

    def texts_on_pages(self) -> Iterator[tuple[str, Frame]]:
        """What the pages of all cases say was sent, with the case."""
        for case_id in self.last_seen():
            rows = self.stage.officer.page(case_id)["texts"]
            yield from ((case_id, row) for row in rows if row["direction"] == "out")

    def inbox(self, *, handled: bool) -> list[Frame]:
        """The texts that waited for the officer, or wait still."""
        found: list[Frame] = self.console.get(f"/inbox?limit=200&handled={str(handled).lower()}")
        return found

    def told(self, kind: str) -> list[Frame]:
        """What the centre was told, of one kind, once each."""
        return list({item["data"]["case"]: item for item in self.feedback.desk.accepted(kind)}.values())

    def cases_told(self, kind: str) -> set[str]:
        """The cases of which the centre was told so."""
        return {item["data"]["case"] for item in self.told(kind)}


@contextmanager
def evening() -> Iterator[Evening]:
    """The station as it is at seven, the vests at their phones."""
    unknown = "whsec_" + b64encode(secrets.token_bytes(24)).decode()
    password = secrets.token_urlsafe(16)
    with (
        foreign_provider() as provider,
        data_folder() as folder,
        FeedbackReceiver(unknown) as feedback,
        RunningService(folder, provider) as service,
    ):
        secret = _prepare(service, feedback.feedback_url, password)
        feedback.desk.trust(secret)
        with (
            Centre(service.url, SOURCE, secret) as centre,
            Officer(service.url, OFFICER, password) as officer,
            closing(ConsoleClient(service.url, OFFICER, password)) as console,
            Feed(console).read_on() as feed,
            _at_their_phones(provider) as vests,
        ):
            stage = Stage(centre, provider, [officer], station=STATION, patience_s=2 * PATIENCE_S)
            yield Evening(provider, feedback, console, feed, BadEvening(stage, vests, SEED), stage, vests)


def _prepare(service: RunningService, feedback_url: str, password: str) -> str:
    """Places, people, policy and the one officer; gives the centre's secret."""
    policy = service.data / "policy.yaml"
    limits = [f"  {level}: {{answer_s: {ANSWER_S}}}" for level in ("extreme", "high", "medium", "low")]
    policy.write_text("\n".join([f"arrival: {{least_s: {HOUR_S}}}", "levels:", *limits]) + "\n")
    said = service.commands(
        Command("demo-places"),
        service.people(_roster()),
        Command("policy", "set", STATION, str(policy)),
        new_officer(OFFICER, "duty", password),
        Command("source", "add", SOURCE, "--feedback", feedback_url),
    )
    return said[-1].strip()


def _roster() -> str:
    rows = [f"{one.name},{one.phone},{STATION},vest,{one.lon},{one.lat},wgs84,是" for one in VESTS]
    return "\n".join(["name,phone,station,kind,lon,lat,crs,on_duty", *rows]) + "\n"


@contextmanager
def _at_their_phones(provider: Exchange) -> Iterator[Vests]:
    stop = threading.Event()
    vests = Vests(provider, SEED, stop)
    thread = threading.Thread(target=vests.run)
    thread.start()
    try:
        yield vests
    finally:
        stop.set()
        thread.join()
