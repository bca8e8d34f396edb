"""What became of a text: any word may come late, twice or out of order, and nothing ever goes backwards."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from dispatcher.lifecycle import MESSAGE_MOVES, OFFER_MOVES, MessageState, OfferState
from dispatcher.messaging import outcome
from dispatcher.messaging.port import message_state
from dispatcher.model import AlarmKind, Case, Message, Offer, Receipt, Volunteer
from tests.tracking.world import World

M, O = MessageState, OfferState  # noqa: E741


@dataclass
class Story:
    """One person asked for one case, and the text of that offer."""

    world: World
    case: Case
    person: Volunteer
    offer: Offer

    @property
    def sid(self) -> str:
        """The provider's id of the text."""
        return f"SM{self.offer.id.hex}"

    def text(self, attempt: int = 1) -> Message:
        found = select(Message).where(Message.purpose == f"offer:{self.offer.id}", Message.attempt == attempt)
        return self.world.database.read(lambda session: session.scalars(found).one())

    def attempts(self) -> int:
        found = select(func.count()).where(Message.purpose == f"offer:{self.offer.id}")
        return self.world.database.read(lambda session: session.scalars(found).one())

    def now(self) -> tuple[MessageState, OfferState]:
        return self.text().state, self.world.of(self.offer).state

    def receipt(self, status: str, *, error: str | None = None, known: bool = True) -> None:
        reference: UUID | None = self.text().id if known else None
        self.world.database.transact(lambda work: outcome.receipt(work, self.sid, status, error, reference))

    def taken(self) -> None:
        message = self.text().id
        self.world.database.transact(lambda work: outcome.taken(work, outcome.Taken(message, self.sid, M.SENT)))

    def unsure(self) -> None:
        message = self.text().id
        self.world.database.transact(lambda work: outcome.unsure(work, message, "no answer"))

    def not_there(self) -> None:
        message = self.text().id
        self.world.database.transact(lambda work: outcome.not_there(work, message))

    def not_found_out(self) -> None:
        message = self.text().id
        self.world.database.transact(lambda work: outcome.not_found_out(work, message))

    def postponed(self) -> None:
        message = self.text().id
        self.world.database.transact(lambda work: outcome.postponed(work, message, "429", timedelta(seconds=1)))


def begin(world: World, text: MessageState = M.SENDING) -> Story:
    case, person = world.case(), world.person()
    offer = world.ask(case, person, text=text)
    return Story(world, case, person, offer)


@pytest.fixture
def story(world: World) -> Story:
    return begin(world)


def receipts_kept(world: World) -> int:
    return world.database.read(lambda session: session.scalars(select(func.count()).select_from(Receipt)).one())


def test_a_receipt_that_names_our_text_is_our_record_of_it(story: Story) -> None:
    story.receipt("sent")
    assert story.now() == (M.SENT, O.SENT)
    assert story.text().provider_id == story.sid

    story.receipt("delivered")
    story.taken()
    assert story.now() == (M.DELIVERED, O.DELIVERED)
    assert receipts_kept(story.world) == 0


def test_a_receipt_for_a_text_we_do_not_know_is_kept_until_we_do(story: Story) -> None:
    story.receipt("delivered", known=False)
    story.receipt("delivered", known=False)
    assert story.now() == (M.SENDING, O.QUEUED)
    assert receipts_kept(story.world) == 1

    story.taken()
    assert story.now() == (M.DELIVERED, O.DELIVERED)
    assert receipts_kept(story.world) == 0


def test_a_receipt_with_a_strange_reference_changes_no_text_of_ours(story: Story) -> None:
    story.taken()
    message = story.text().id
    story.world.database.transact(lambda work: outcome.receipt(work, "SM-other", "failed", "30008", message))
    story.world.database.transact(lambda work: outcome.receipt(work, "SM-other", "failed", "30008", uuid4()))
    assert story.now() == (M.SENT, O.SENT)


def test_a_receipt_settles_an_unsure_text(story: Story) -> None:
    story.unsure()
    assert story.world.of(story.offer).doubtful
    story.receipt("delivered")
    assert story.now() == (M.DELIVERED, O.DELIVERED)
    assert not story.world.of(story.offer).doubtful


def test_a_text_that_failed_asks_the_next_person_once(story: Story) -> None:
    story.taken()
    story.world.planned()
    story.receipt("undelivered", error="30003")
    assert story.now() == (M.UNDELIVERED, O.UNDELIVERABLE)
    assert story.text().error == "30003"
    assert story.world.planned()

    story.receipt("undelivered", error="30003")
    story.receipt("delivered")
    assert story.now() == (M.UNDELIVERED, O.UNDELIVERABLE)
    assert not story.world.planned()


def test_a_bad_word_about_the_text_of_an_accepted_task_takes_nothing_back(story: Story) -> None:
    story.taken()
    story.world.text(story.person, f"1{story.offer.code}")
    story.receipt("undelivered", error="30008")
    assert story.now() == (M.UNDELIVERED, O.ACCEPTED)
    assert story.world.holders(story.case) == {story.person.id}


def test_a_late_refusal_does_not_send_a_text_again_that_a_receipt_has_shown(story: Story) -> None:
    story.receipt("sent")
    story.postponed()
    assert story.now() == (M.SENT, O.SENT)
    assert story.attempts() == 1


def test_one_look_is_not_enough_to_send_again(story: Story) -> None:
    story.unsure()
    story.not_there()
    assert story.now() == (M.UNKNOWN, O.QUEUED)
    assert story.text().not_before > story.world.clock.now()

    story.not_there()
    assert story.now() == (M.FAILED, O.QUEUED)
    assert story.text(attempt=2).state == M.QUEUED

    story.not_there()
    assert story.attempts() == 2


def test_an_older_twin_in_the_list_is_not_our_text(world: World) -> None:
    twin, story = begin(world), begin(world)
    twin.taken()
    story.unsure()
    message = story.text().id
    world.database.transact(lambda work: outcome.found(work, message, twin.sid, M.DELIVERED))
    assert story.now() == (M.UNKNOWN, O.QUEUED)
    assert twin.now() == (M.SENT, O.SENT)


def test_a_provider_that_cannot_be_asked_is_left_to_the_officer_after_a_while(story: Story) -> None:
    story.unsure()
    story.not_found_out()
    assert story.now() == (M.UNKNOWN, O.QUEUED)
    assert story.world.alarms(AlarmKind.TEXT_UNSURE) == 0

    story.world.clock.forward(minutes=10)
    story.not_found_out()
    story.not_found_out()
    assert story.now() == (M.FAILED, O.UNDELIVERABLE)
    assert story.world.alarms(AlarmKind.TEXT_UNSURE) == 1


WORDS = ["accepted", "queued", "sending", "sent", "delivered", "read", "undelivered", "failed", "new-word"]
ENDS = {M.DELIVERED, M.UNDELIVERED, M.FAILED}
steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(WORDS), st.booleans()),
        st.sampled_from(["taken", "unsure"]),
    ),
    max_size=8,
)


@settings(max_examples=30)
@given(steps=steps)
def test_whatever_words_come_no_state_goes_backwards(world: World, steps: list[tuple[str, bool] | str]) -> None:
    story = begin(world)
    kept = receipts_kept(world)
    for step in steps:
        text, offer = story.now()
        if step == "taken":
            story.taken()
        elif step == "unsure":
            story.unsure()
        else:
            assert isinstance(step, tuple)
            story.receipt(step[0], known=step[1])
        reached(text, story.now()[0])
        forwards(offer, story.now()[1])
    story.taken()
    words = [message_state(step[0]) for step in steps if isinstance(step, tuple)]
    if ends := {word for word in words if word in ENDS}:
        assert story.text().state in ends
    else:
        assert story.text().state == M.SENT
    assert receipts_kept(world) == kept


def reached(before: MessageState, after: MessageState) -> None:
    """By moves of the table only; a receipt may bring several at once."""
    possible, grown = {before}, {before}
    while grown:
        grown = {move for state in grown for move in MESSAGE_MOVES[state]} - possible
        possible |= grown
    assert after in possible


def forwards(before: OfferState, after: OfferState) -> None:
    assert before == after or after in OFFER_MOVES[before]
