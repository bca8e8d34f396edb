"""Taking warning orders in, many in one transaction (design: line, 1)."""

from collections.abc import Sequence

from dispatcher.errors import Unavailable
from dispatcher.intake.desk import Desk
from dispatcher.intake.facts import facts_of
from dispatcher.intake.incoming import Answer, Incoming
from dispatcher.intake.loading import open_book
from dispatcher.intake.placing import ground
from dispatcher.intake.stations import read_stations
from dispatcher.intake.writing import write_book
from dispatcher.work import Work


def accept_many(work: Work, incomings: Sequence[Incoming]) -> list[Answer]:
    """Take orders in, each seeing those before it; the answers in the same order.

    The number of statements does not grow with the number of orders. An answer is an Outcome, a Conflict (the id
    came before with another body) or Unavailable (there is no station at all).
    Raises NotTogether when the orders must come one by one.
    """
    session = work.session
    stations = read_stations(session)
    if not stations:
        return [Unavailable("there is no station yet that could take an order") for _ in incomings]
    facts = {i: facts_of(one.order.data) for i, one in enumerate(incomings) if one.order.data is not None}
    with session.no_autoflush:
        book = open_book(session, incomings, facts)
        desk = Desk(work.now, book, stations, ground(session))
        answers = [desk.take(one, facts.get(i)) for i, one in enumerate(incomings)]
    write_book(work, book, stations, desk.raised)
    for act in desk.acts:
        act(work)
    return answers
