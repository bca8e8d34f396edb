"""What was protected and what was lost, by account. Pure; sums of money in the currency of the accounts."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from dispatcher.lifecycle import HELD, FreezeState
from dispatcher.model import Whose

ZERO = Decimal(0)


@dataclass(frozen=True)
class Booked:
    """What counts of one request; `account` is its blind index, `amount` the transfer, the rest the bank's word."""

    case_id: UUID
    account: bytes
    whose: Whose
    state: FreezeState
    amount: Decimal | None
    held: Decimal | None
    returned: Decimal | None


@dataclass
class Sums:
    """`protected`: what banks said last that they held, whatever became of it; `held`: that of stops and freezes that
    run; `returned`: given back to victims; `lost`: transferred to suspects and not found in their accounts.
    """

    protected: Decimal = ZERO
    held: Decimal = ZERO
    returned: Decimal = ZERO
    lost: Decimal = ZERO


@dataclass
class _Account:
    protected: Decimal = ZERO
    held: Decimal = ZERO
    returned: Decimal = ZERO
    stopped: bool = False
    transferred: dict[UUID, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))


def add_up(requests: Iterable[Booked]) -> Sums:
    """The sums of these requests, in which an account counts once.

    Several requests about one account mostly speak of the same money: of what is held and returned the largest counts,
    of what one case's victim transferred too. What the victims of several cases transferred is added. Nothing is lost
    before a bank has stopped the account: until then nobody knows.
    """
    accounts: dict[bytes, _Account] = defaultdict(_Account)
    for one in requests:
        _book(accounts[one.account], one)
    sums = Sums()
    for account in accounts.values():
        sums.protected += account.protected
        sums.held += account.held
        sums.returned += account.returned
        if account.stopped:
            sums.lost += max(ZERO, sum(account.transferred.values(), ZERO) - account.protected)
    return sums


def _book(account: _Account, one: Booked) -> None:
    held = one.held or ZERO
    account.protected = max(account.protected, held)
    account.returned = max(account.returned, one.returned or ZERO)
    if one.state in HELD:
        account.held = max(account.held, held)
    if one.whose == Whose.SUSPECT:
        account.stopped |= one.held is not None
        account.transferred[one.case_id] = max(account.transferred[one.case_id], one.amount or ZERO)
