"""What the provider posts: signed, once, forwards; all else gets its clear answer and changes nothing."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from dispatcher.db import Database
from dispatcher.lifecycle import MessageState, OfferState
from dispatcher.messaging.outcome import Taken, taken
from dispatcher.model import Case, Event, InboundText, Message, Offer, Receipt, Volunteer
from dispatcher.settings import Settings
from tests import builders
from tests.conftest import FixedClock, RecordingWaker
from tests.tracking.world import World
from tests.web.outside import Outside
from web.hooks import twilio
from web.services import Services

EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Provider:
    """Posts as Twilio does: a form, signed over the public address."""

    def __init__(self, outside: Outside, settings: Settings) -> None:
        self.outside = outside
        self.settings = settings

    def signature(self, target: str, params: Mapping[str, str], token: str | None = None) -> str:
        validator = RequestValidator(token or self.settings.twilio_auth_token)
        return str(validator.compute_signature(self.settings.public_url + target, params))

    def post(self, target: str, **params: str) -> httpx.Response:
        signed = {"X-Twilio-Signature": self.signature(target, params)}
        return self.outside.ask("POST", target, signed, data=params)

    def inbound(self, sender: str, body: str, sid: str = "SM1") -> httpx.Response:
        return self.post("/hooks/twilio/inbound", MessageSid=sid, From=sender, To="+8613900009999", Body=body)

    def status(self, sid: str, word: str, reference: object = None, **more: str) -> httpx.Response:
        query = f"?message={reference}" if reference else ""
        return self.post(f"/hooks/twilio/status{query}", MessageSid=sid, MessageStatus=word, **more)


@pytest.fixture
def world(database: Database, settings: Settings, clock: FixedClock, waker: RecordingWaker) -> World:
    return World(database, settings, clock, waker, database.transact(builders.station))


@pytest.fixture
def provider(settings: Settings, database: Database) -> Provider:
    return Provider(Outside(Services(settings, database), twilio.router), settings)


@pytest.fixture
def person(world: World) -> Volunteer:
    return world.person()


@pytest.fixture
def case(world: World) -> Case:
    return world.case()


@pytest.fixture
def offer(world: World, case: Case, person: Volunteer) -> Offer:
    return world.ask(case, person)


def text_of(world: World, offer: Offer) -> Message:
    return world.database.read(lambda s: s.scalars(select(Message).where(Message.offer_id == offer.id)).one())


def footprint(world: World) -> tuple[int, ...]:
    """How many rows there are of all that a request might leave behind."""
    tables: tuple[type[Any], ...] = (InboundText, Receipt, Message, Event)
    return world.database.read(lambda s: tuple(s.scalars(select(func.count()).select_from(t)).one() for t in tables))


def refused(answer: httpx.Response, status: int, field: str | None = None) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json().get("field") == field


def test_a_reply_is_taken_in_and_answered_with_empty_twiml(
    world: World, provider: Provider, offer: Offer, person: Volunteer
) -> None:
    answer = provider.inbound(person.phone, f"1{offer.code}")
    assert (answer.status_code, answer.text) == (200, EMPTY)
    assert answer.headers["content-type"].startswith("text/xml")
    assert world.of(offer).state == OfferState.ACCEPTED


def test_the_same_text_again_gets_the_same_answer_and_changes_nothing(
    world: World, provider: Provider, offer: Offer, person: Volunteer
) -> None:
    provider.inbound(person.phone, f"1{offer.code}")
    before = footprint(world)
    assert provider.inbound(person.phone, f"1{offer.code}").text == EMPTY
    assert provider.inbound(person.phone, f"2{offer.code}").text == EMPTY
    assert footprint(world) == before
    assert world.of(offer).state == OfferState.ACCEPTED


def test_emoji_from_a_volunteer_wait_in_the_inbox(
    world: World, provider: Provider, offer: Offer, person: Volunteer
) -> None:
    assert provider.inbound(person.phone, "👍🏽👍🏽").status_code == 200
    assert world.of(offer).state == OfferState.SENT
    text = world.database.read(lambda s: s.scalars(select(InboundText)).one())
    assert (text.body, text.outcome, text.in_inbox) == ("👍🏽👍🏽", "unclear", True)


def test_a_picture_without_words_is_a_text_too(world: World, provider: Provider, person: Volunteer) -> None:
    answer = provider.post("/hooks/twilio/inbound", MessageSid="MM1", From=person.phone, NumMedia="1")
    assert answer.status_code == 200
    assert world.database.read(lambda s: s.scalars(select(InboundText.outcome)).one()) == "unclear"


@pytest.mark.parametrize("target", ["/hooks/twilio/inbound", "/hooks/twilio/status?message=x"])
def test_a_forged_request_is_refused_and_changes_nothing(
    world: World, provider: Provider, offer: Offer, person: Volunteer, target: str
) -> None:
    sid = f"SM{offer.id.hex}"
    params = {"MessageSid": sid, "From": person.phone, "Body": f"1{offer.code}", "MessageStatus": "failed"}
    another_token = provider.signature(target, params, token="another")
    another_body = provider.signature(target, params | {"Body": "1"})
    another_target = provider.signature(f"{target}1", params)
    before = footprint(world)
    for signature in (None, "", "x", "A" * 27 + "=", another_token, another_body, another_target):
        headers = {} if signature is None else {"X-Twilio-Signature": signature}
        refused(provider.outside.ask("POST", target, headers, data=params), 403, "X-Twilio-Signature")
    assert footprint(world) == before
    assert world.of(offer).state == OfferState.SENT


def test_a_signature_over_the_host_that_was_asked_counts_for_nothing(
    world: World, provider: Provider, person: Volunteer
) -> None:
    params = {"MessageSid": "SM1", "From": person.phone, "Body": "9"}
    theirs = RequestValidator(provider.settings.twilio_auth_token)
    signature = theirs.compute_signature("http://somewhere.example/hooks/twilio/inbound", params)
    answer = provider.outside.ask("POST", "/hooks/twilio/inbound", {"X-Twilio-Signature": signature}, data=params)
    refused(answer, 403, "X-Twilio-Signature")
    assert world.of(person).on_duty


def test_an_odd_message_sid_is_named(world: World, provider: Provider, person: Volunteer) -> None:
    before = footprint(world)
    for sid in ("", "a b", "x" * 65, "SM\x00", "短信", "SM1\n"):
        refused(provider.inbound(person.phone, "1", sid=sid), 422, "MessageSid")
        refused(provider.status(sid, "delivered"), 422, "MessageSid")
    assert footprint(world) == before


ODD_RECEIPTS: list[tuple[dict[str, str], str]] = [
    ({"MessageStatus": ""}, "MessageStatus"),
    ({"MessageStatus": "x" * 33}, "MessageStatus"),
    ({"MessageStatus": "a\x00"}, "MessageStatus"),
    ({"MessageStatus": "failed", "ErrorCode": "3" * 33}, "ErrorCode"),
    ({"MessageStatus": "failed", "ErrorCode": "\x00"}, "ErrorCode"),
]


def test_an_odd_receipt_is_named(world: World, provider: Provider) -> None:
    for more, field in ODD_RECEIPTS:
        refused(provider.post("/hooks/twilio/status", MessageSid="SM1", **more), 422, field)
    assert footprint(world)[1] == 0


def test_a_text_from_nobody_is_named(world: World, provider: Provider) -> None:
    refused(provider.inbound("", "1"), 422, "From")
    refused(provider.inbound("+86" * 30, "1"), 422, "From")


NOT_THEIRS: list[tuple[bytes, dict[str, str], int]] = [
    (b"MessageSid=%ff%fe", FORM, 422),
    (b"MessageSid=\xff\xfe", FORM, 422),
    (b"&".join(b"a=1" for _ in range(1000)), FORM, 422),
    (b"a" * 10_000_000, FORM, 413),
    (b"a=" + b"1" * 65_536, FORM, 413),
    (b"", FORM, 403),
    (b"&&==&%&+", FORM, 403),
    (b'{"MessageSid": "SM1"}', {"Content-Type": "application/json"}, 415),
    (b"MessageSid=SM1", {}, 415),
    (b"--x\r\n\r\n--x--", {"Content-Type": "multipart/form-data; boundary=x"}, 415),
]


def test_what_is_no_form_of_theirs_gets_a_clear_answer(world: World, provider: Provider) -> None:
    for target in ("/hooks/twilio/inbound", "/hooks/twilio/status"):
        for content, type_, status in NOT_THEIRS:
            answer = provider.outside.ask("POST", target, type_, content=content)
            assert (answer.status_code, content[:40]) == (status, content[:40])
            assert answer.headers["content-type"] == "application/problem+json"
    assert footprint(world) == (0, 0, 0, 0)


@hypothesis_settings(max_examples=60)
@given(
    fields=st.dictionaries(st.text(max_size=8) | st.sampled_from(["MessageSid", "From", "Body"]), st.text(max_size=40))
)
def test_whatever_is_rightly_signed_is_never_our_mistake(provider: Provider, fields: dict[str, str]) -> None:
    for target in ("/hooks/twilio/inbound", "/hooks/twilio/status"):
        content = urlencode(fields, errors="replace")
        read = {
            name.encode(errors="replace").decode(): value.encode(errors="replace").decode()
            for name, value in fields.items()
        }
        signed = {**FORM, "X-Twilio-Signature": provider.signature(target, read)}
        assert provider.outside.ask("POST", target, signed, content=content).status_code in {200, 422}


def test_get_is_no_way_to_post(provider: Provider) -> None:
    assert provider.outside.ask("GET", "/hooks/twilio/inbound").status_code == 405


def test_receipts_move_a_text_and_its_offer_forwards_only(
    world: World, provider: Provider, offer: Offer, person: Volunteer
) -> None:
    sid = f"SM{offer.id.hex}"
    assert provider.status(sid, "delivered").text == EMPTY
    assert (text_of(world, offer).state, world.of(offer).state) == (MessageState.DELIVERED, OfferState.DELIVERED)
    before = footprint(world)
    for word in ("sent", "queued", "delivered", "failed", "undelivered", "brand_new_word"):
        assert provider.status(sid, word).status_code == 200
    assert (text_of(world, offer).state, world.of(offer).state) == (MessageState.DELIVERED, OfferState.DELIVERED)
    assert footprint(world) == before


@pytest.mark.parametrize("word", ["undelivered", "failed", "canceled"])
def test_an_undeliverable_text_asks_the_next_person_at_once(
    world: World, provider: Provider, case: Case, offer: Offer, word: str
) -> None:
    other = world.person()
    world.planned()
    assert provider.status(f"SM{offer.id.hex}", word, ErrorCode="30003").status_code == 200
    assert text_of(world, offer).error == "30003"
    assert world.of(offer).state == OfferState.UNDELIVERABLE
    assert world.planned()
    assert world.plan() == 1
    assert world.live(other).case_id == case.id
    provider.status(f"SM{offer.id.hex}", word, ErrorCode="30003")
    assert not world.planned()


def test_a_receipt_that_comes_before_our_own_record_is_not_lost(
    world: World, provider: Provider, case: Case, person: Volunteer
) -> None:
    offer = world.ask(case, person, text=MessageState.SENDING)
    text = text_of(world, offer)
    assert provider.status("SM-early", "delivered").status_code == 200
    assert provider.status("SM-early", "delivered").status_code == 200
    assert text_of(world, offer).state == MessageState.SENDING
    world.database.transact(lambda work: taken(work, Taken(text.id, "SM-early", MessageState.SENT)))
    assert text_of(world, offer).state == MessageState.DELIVERED
    assert world.of(offer).state == OfferState.DELIVERED
    assert footprint(world)[1] == 0


def test_our_own_reference_tells_which_text_is_meant(
    world: World, provider: Provider, case: Case, person: Volunteer
) -> None:
    offer = world.ask(case, person, text=MessageState.UNKNOWN)
    text = text_of(world, offer)
    assert provider.status("SM-late", "delivered", text.id).status_code == 200
    now = text_of(world, offer)
    assert (now.state, now.provider_id) == (MessageState.DELIVERED, "SM-late")
    world.database.transact(lambda work: taken(work, Taken(text.id, "SM-late", MessageState.SENT)))
    assert text_of(world, offer).state == MessageState.DELIVERED


@pytest.mark.parametrize("reference", ["nonsense", uuid4(), "%00", "{00000000-0000-0000-0000-000000000000}"])
def test_a_receipt_for_a_text_that_is_not_ours_is_kept_and_harms_nobody(
    world: World, provider: Provider, offer: Offer, reference: object
) -> None:
    assert provider.status("SM-foreign", "failed", reference).status_code == 200
    assert world.of(offer).state == OfferState.SENT
    assert footprint(world)[1] == 1


def test_failed_after_acceptance_takes_the_task_from_nobody(
    world: World, provider: Provider, offer: Offer, person: Volunteer
) -> None:
    provider.inbound(person.phone, f"1{offer.code}")
    provider.status(f"SM{offer.id.hex}", "failed")
    assert world.of(offer).state == OfferState.ACCEPTED
