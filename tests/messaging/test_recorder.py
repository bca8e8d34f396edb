"""Records of what was taken: those that come together share a commit, and none holds up another."""

from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import select

from dispatcher.lifecycle import MessageState
from dispatcher.messaging.outcome import Taken
from dispatcher.messaging.recorder import Recorder
from dispatcher.model import Case, Offer
from tests.messaging.line import Line, until

M = MessageState


def claimed(line: Line, many: int) -> list[Offer]:
    """So many offers of a case each, whose texts are being sent."""
    world = line.world
    return [world.ask(world.case(), world.person(), text=M.SENDING) for _ in range(many)]


def word(line: Line, offer: Offer) -> Taken:
    (message,) = line.attempts(offer)
    return Taken(message.id, f"SM{offer.id.hex}", M.SENT)


def together(line: Line, pool: ThreadPoolExecutor, offers: list[Offer]) -> tuple[Recorder, list[Future[None]]]:
    """All wait for the pen before any of them has it."""
    recorder = Recorder(line.world.database)
    words = [word(line, offer) for offer in offers]
    with recorder._pen:
        recording = [pool.submit(recorder.taken, one) for one in words]
        until(lambda: len(recorder._waiting) == len(words))
    return recorder, recording


def test_those_that_come_together_share_a_commit(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    offers = claimed(line, 3)
    database, commits = line.world.database, list[int]()
    true = type(database).transact
    monkeypatch.setattr(type(database), "transact", lambda self, act: (commits.append(1), true(self, act))[1])
    with ThreadPoolExecutor(3) as pool:
        _, recording = together(line, pool, offers)
        for one in recording:
            one.result()
    assert len(commits) == 1
    assert [line.states(offer) for offer in offers] == [[M.SENT]] * 3


def test_a_case_in_somebodys_hands_holds_up_its_own_text_alone(line: Line) -> None:
    held, free = claimed(line, 2)
    with ThreadPoolExecutor(2) as pool:
        with line.world.database.engine.begin() as holder:
            holder.execute(select(Case).where(Case.id == held.case_id).with_for_update(key_share=True))
            _, recording = together(line, pool, [held, free])
            until(lambda: line.states(free) == [M.SENT])
            assert line.states(held) == [M.SENDING]
        for one in recording:
            one.result()
    assert line.states(held) == [M.SENT]


def test_a_case_that_cannot_be_read_holds_up_its_own_text_alone(line: Line) -> None:
    spoilt, whole = claimed(line, 2)
    with line.world.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE cases SET resident_name = 'xx' WHERE id = %s", (spoilt.case_id,))
    with ThreadPoolExecutor(2) as pool:
        _, recording = together(line, pool, [spoilt, whole])
        failed = [one.exception() is not None for one in recording]
    assert failed == [True, False]
    assert (line.states(spoilt), line.states(whole)) == ([M.SENDING], [M.SENT])
