"""The stage of a true story in a test: a real service, a centre that listens, simulated officers, one watching console."""

import secrets
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Any

from simulator.centre import Centre, FeedbackReceiver
from simulator.handset import Exchange
from simulator.officer import Officer
from simulator.stories import Stage
from tests.line.console import ConsoleClient
from tests.line.people import roster, vests
from tests.line.processes import PATIENCE_S, until
from tests.line.service import SOURCE, STATION, RunningService, data_folder, foreign_provider

VESTS = vests(6)


@dataclass
class Scene:
    """Everybody there; `console` is the person at the desk, who is none of the simulated officers."""

    service: RunningService
    provider: Exchange
    centre: Centre
    feedback: FeedbackReceiver
    console: ConsoleClient
    officers: list[Officer]

    def stage(self) -> Stage:
        """A fresh stage on the same doors."""
        return Stage(self.centre, self.provider, self.officers, station=STATION, patience_s=PATIENCE_S)

    def told(self, case_id: str, last: str) -> list[dict[str, Any]]:
        """What the centre was told of the case until this status, every signature checked."""

        def taken() -> list[dict[str, Any]]:
            return [item for item in self.feedback.desk.accepted() if item["data"]["case"] == case_id]

        until(lambda: last in [item["type"] for item in taken()], f"feedback {last}")
        assert {item["answer"] for item in self.feedback.desk.received} == {204}, "a signature did not fit"
        return taken()


@contextmanager
def scene(*officers: str) -> Iterator[Scene]:
    """One station with six vests on duty, these simulated officers, and a person at the console."""
    unknown = "whsec_" + b64encode(secrets.token_bytes(24)).decode()
    with (
        foreign_provider() as provider,
        data_folder() as folder,
        FeedbackReceiver(unknown) as feedback,
        RunningService(folder, provider) as service,
        ExitStack() as signed_in,
    ):
        service.command("demo-places")
        service.add_people(roster(VESTS))
        secret = service.add_source(feedback=feedback.feedback_url)
        feedback.desk.trust(secret)
        with Centre(service.url, SOURCE, secret) as centre, closing(service.add_officer()) as console:
            console.start()
            people = [signed_in.enter_context(_officer(service, name)) for name in officers]
            yield Scene(service, provider, centre, feedback, console, people)


def _officer(service: RunningService, name: str) -> Officer:
    password = secrets.token_urlsafe(16)
    line = ("officer", "add", name, "--station", STATION, "--role", "duty", "--password-stdin")
    service.command(*line, stdin=f"{password}\n")
    return Officer(service.url, name, password)
