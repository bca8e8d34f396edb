"""The shape of a warning order, and reading one from bytes nobody has looked at yet (contract: Warning orders in).

What the family's safety can do without is optional; what is there must have its shape. Members we do not know are
passed over. Amounts and times of transfers are kept as they were sent: nothing is decided by them here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, NoReturn

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from dispatcher.errors import BadInput
from dispatcher.geo.coordinates import Crs
from dispatcher.model import Level

MANY = 50
"""Most entries of a list: no order names more relatives or accounts than a person can work through."""


class OrderType(StrEnum):
    """What is said about the alert."""

    RAISED = "alert.raised"
    UPDATED = "alert.updated"
    WITHDRAWN = "alert.withdrawn"


def _blank_is_none(value: str | None) -> str | None:
    return value or None


def _in_our_time(value: datetime) -> datetime:
    """In UTC; years at the ends of the calendar cannot be moved between zones."""
    if not 2000 <= value.year < 2100:  # noqa: PLR2004
        raise PydanticCustomError("moment", "Input should be a moment of this century")
    return value.astimezone(UTC)


def _trimmed(longest: int, pattern: str = r"^[^\x00]*$") -> StringConstraints:
    """Text that a database takes: PostgreSQL keeps no NUL."""
    return StringConstraints(strip_whitespace=True, max_length=longest, pattern=pattern)


_ONE_LINE = r"^[^\p{C}]*$"
_Optional = AfterValidator(_blank_is_none)

Moment = Annotated[AwareDatetime, AfterValidator(_in_our_time)]
Visible = Annotated[str, StringConstraints(pattern=r"^[^\s\p{C}]+$", min_length=1, max_length=64)]
"""A number or code: 1 to 64 characters one can see."""
Code = Annotated[Annotated[str, _trimmed(64, _ONE_LINE)] | None, _Optional]
Line = Annotated[Annotated[str, _trimmed(200)] | None, _Optional]
Address = Annotated[Annotated[str, _trimmed(1000)] | None, _Optional]
Reason = Annotated[Annotated[str, _trimmed(500)] | None, _Optional]
Story = Annotated[Annotated[str, _trimmed(4000)] | None, _Optional]


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", allow_inf_nan=False)


class Location(_Shape):
    """Degrees in the coordinate system named; one without its system is no usable position."""

    lon: float | None = None
    lat: float | None = None
    crs: Crs | None = None


class Resident(_Shape):
    """The resident at risk (事主)."""

    name: Line = None
    phone: Line = None
    address: Address = None
    location: Location | None = None

    @model_validator(mode="after")
    def _someone(self) -> "Resident":
        if not (self.name or self.phone):
            raise PydanticCustomError("nobody", "a name or a phone is needed")
        return self


class Relative(_Shape):
    """Family who may stop the card or find the resident."""

    name: Line = None
    relation: Line = None
    phone: Line = None


class Account(_Shape):
    """A bank account, the resident's own or a suspect's."""

    bank: Line = None
    name: Line = None
    account: Code = None
    amount: Code = None
    transferred_at: Code = None


class Money(_Shape):
    """What is at stake."""

    at_risk: Code = None
    currency: Code = None
    own_accounts: Annotated[list[Account], Field(max_length=MANY)] | None = None
    suspect_accounts: Annotated[list[Account], Field(max_length=MANY)] | None = None


class AlertData(_Shape):
    """The whole of a warning order."""

    alert_no: Visible
    level: Level
    resident: Resident
    station: Code = None
    kind: Literal["fund", "contact"] | None = None
    fraud_type: Code = None
    occurred_at: Moment | None = None
    summary: Story = None
    kin: Annotated[list[Relative], Field(max_length=MANY)] | None = None
    money: Money | None = None


class WithdrawalData(_Shape):
    """Which warning order is taken back, and why."""

    alert_no: Visible
    reason: Reason = None


class AlertRaised(_Shape):
    """`alert.raised` and `alert.updated`: both carry everything."""

    type: Literal["alert.raised", "alert.updated"]
    timestamp: Moment | None = None
    data: AlertData


class AlertWithdrawn(_Shape):
    """`alert.withdrawn`."""

    type: Literal["alert.withdrawn"]
    timestamp: Moment | None = None
    data: WithdrawalData


@dataclass(frozen=True, slots=True)
class Order:
    """One warning order as read: `data` is the JSON to keep, None for a withdrawal; `stated_at` the sender's time."""

    type: OrderType
    alert_no: str
    stated_at: datetime | None
    data: Mapping[str, Any] | None
    reason: str | None = None


_SHAPES: Mapping[str, type[AlertRaised] | type[AlertWithdrawn]] = {
    OrderType.RAISED: AlertRaised,
    OrderType.UPDATED: AlertRaised,
    OrderType.WITHDRAWN: AlertWithdrawn,
}


def read_order(text: str) -> Order:
    """The order in a body that was UTF-8.

    Raises BadInput that names the member, and repeats nothing of what was sent.
    """
    shape = _SHAPES.get(_type_of(text))
    if shape is None:
        raise BadInput(f"type: must be one of {', '.join(OrderType)}", field="type")
    try:
        read = shape.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"{field or 'body'}: {first['msg']}", field=field or "body") from None
    if isinstance(read, AlertWithdrawn):
        return Order(OrderType(read.type), read.data.alert_no, read.timestamp, None, read.data.reason)
    data = read.data.model_dump(mode="json", exclude_none=True)
    return Order(OrderType(read.type), read.data.alert_no, read.timestamp, data)


def _type_of(text: str) -> str:
    """The order's type, once the text is known to be one JSON object that everybody reads alike."""
    try:
        document = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_object)
    except RecursionError:
        raise BadInput("body: nested too deeply", field="body") from None
    except ValueError as error:
        raise BadInput(f"body: not JSON: {error}", field="body") from None
    if not isinstance(document, dict):
        raise BadInput("body: must be a JSON object", field="body")
    found = document.get("type")
    return found if isinstance(found, str) else ""


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """RFC 8259 §4 leaves repeated names open, so two readers may read two different orders."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member is given twice")
    return found
