"""One warning order on its whole way, as the centre, the volunteers, and the duty officer see it."""

import re
import secrets
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from simulator.centre import Centre, FeedbackReceiver
from simulator.codes import offer_code
from simulator.handset import Exchange, Phone
from tests.line.console import ConsoleClient
from tests.line.people import ACCOUNT, RESIDENT, SUSPECT, order, roster, vests
from tests.line.processes import PATIENCE_S, until
from tests.line.service import SOURCE, RunningService, data_folder, foreign_provider

VESTS = vests(5)
"""The order of their distance from the resident; the first wave of an extreme order is the nearest three."""


@dataclass
class World:
    """Everybody in the story."""

    service: RunningService
    provider: Exchange
    centre: Centre
    feedback: FeedbackReceiver
    console: ConsoleClient

    @property
    def asked(self) -> list[Phone]:
        return [self.provider.phone(number) for number in VESTS[:3]]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One station for all stories of this file; each closes its case at the end."""
    unknown = "whsec_" + b64encode(secrets.token_bytes(24)).decode()
    with (
        foreign_provider() as provider,
        data_folder() as folder,
        FeedbackReceiver(unknown) as feedback,
        RunningService(folder, provider) as service,
    ):
        service.command("demo-places")
        service.add_people(roster(VESTS))
        secret = service.add_source(feedback=feedback.feedback_url)
        feedback.desk.trust(secret)
        with Centre(service.url, SOURCE, secret) as centre, closing(service.add_officer()) as console:
            console.start()
            yield World(service, provider, centre, feedback, console)


def offered(phone: Phone) -> str:
    """The text of an offer, which must hold nothing about the resident."""
    text = phone.expect_sms("【蓝马甲】特急", "接单", timeout=PATIENCE_S)
    for secret in (*RESIDENT.values(), RESIDENT["name"][:2], ACCOUNT[-4:], SUSPECT[-4:], RESIDENT["phone"][3:]):
        assert secret not in text
    return text


def code(text: str) -> str:
    found = offer_code(text)
    assert found, text
    return found


def test_from_the_order_to_the_last_feedback_by_text(world: World) -> None:
    answer = world.centre.send_alert(order())
    assert (answer.status, answer.body["duplicate"]) == (202, False)
    case_id = str(answer.case_id)
    opened = world.console.expect("case.opened", case_id)
    assert (opened["case"]["state"], opened["case"]["level"]) == ("new", "extreme")
    assert RESIDENT["name"] not in str(opened)
    assert RESIDENT["phone"] not in str(opened)

    codes = [code(offered(phone)) for phone in world.asked]
    nearest, *others = world.asked
    nearest.reply(f"1{codes[0]}")
    accepted = world.console.expect("offer.accepted", case_id)
    assert accepted["case"]["state"] == "accepted"
    assert [offer["state"] for offer in accepted["case"]["offers"]].count("accepted") == 1
    for phone, own in zip(others, codes[1:], strict=True):
        phone.expect_sms(own, "不用去了", timeout=PATIENCE_S)

    nearest.reply(f"3{codes[0]}")
    assert world.console.expect("contact.attempted", case_id)["case"]["state"] == "on_scene"
    nearest.reply(f"4{codes[0]}")
    world.console.expect("resident.met", case_id)
    done = world.console.expect("offer.completed", case_id)["case"]
    assert (done["state"], done["flags"].count("dissuaded_reported")) == ("on_scene", 1), "no reply closes a case"

    closed = world.console.post(f"/cases/{case_id}/close", disposition="dissuaded", reason="已见面劝阻")
    assert (closed["state"], closed["disposition"]) == ("closed", "dissuaded")
    world.console.expect("case.closed", case_id)
    told(world, case_id, ["case.opened", "case.signed_for", "contact.attempted", "resident.met", "case.closed"])
    world.provider.expect_nothing_else()


def told(world: World, case_id: str, statuses: list[str]) -> None:
    """The centre was told these in this order, every one of them signed with the source's secret."""
    desk = world.feedback.desk

    def accepted() -> list[dict[str, Any]]:
        return [item for item in desk.accepted() if item["data"]["case"] == case_id]

    until(lambda: statuses[-1] in [item["type"] for item in accepted()], f"feedback {statuses[-1]}")
    assert {item["answer"] for item in desk.received} == {204}, "a signature did not fit"
    assert list(dict.fromkeys(item["type"] for item in accepted())) == statuses
    assert {tuple(item["data"]["alert_nos"]) for item in accepted()} == {("BA-20260429-0001",)}


def test_accepting_on_the_page_behind_the_link(world: World) -> None:
    case_id = str(world.centre.send_alert(order(2)).case_id)
    texts = [offered(phone) for phone in world.asked]
    link = re.search(r"https?://\S+", texts[1])
    assert link
    with httpx.Client(trust_env=False, follow_redirects=True, timeout=PATIENCE_S) as browser:
        before = browser.get(link[0]).raise_for_status()
        assert 'name="act" value="accept"' in before.text
        assert RESIDENT["name"] not in before.text
        assert RESIDENT["phone"] not in before.text
        assert world.console.case(case_id)["state"] == "dispatching", "looking at a link accepts nothing"

        after = browser.post(link[0], data={"act": "accept"}).raise_for_status()
        assert world.console.expect("offer.accepted", case_id)["case"]["state"] == "accepted"
        assert RESIDENT["name"] in after.text
        assert RESIDENT["phone"] in after.text
        for phone, text in zip([world.asked[0], world.asked[2]], [texts[0], texts[2]], strict=True):
            phone.expect_sms(code(text), "不用去了", timeout=PATIENCE_S)

        world.console.post(f"/cases/{case_id}/close", disposition="not_matching", reason="核实不符")
        world.asked[1].expect_sms(code(texts[1]), "任务已结束", timeout=PATIENCE_S)
        assert RESIDENT["name"] not in browser.get(link[0]).text
    world.console.expect("case.closed", case_id)
    world.provider.expect_nothing_else()
