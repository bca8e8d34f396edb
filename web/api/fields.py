"""What requests and answers of the console's API are made of (contract: Console)."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints


def _no_control(text: str) -> str:
    if any(letter < " " and letter not in "\n\r\t" for letter in text):
        raise ValueError("must not hold control characters")
    return text


def _of_these_times(moment: datetime) -> datetime:
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(f"must lie between the years {_FIRST_YEAR} and {_LAST_YEAR}")
    return moment.astimezone(UTC)


_FIRST_YEAR, _LAST_YEAR = 2000, 2199

Line = Annotated[str, StringConstraints(max_length=200), AfterValidator(_no_control)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_no_control)]
Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(_no_control)
]
Note = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_no_control)]

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"}, examples=["2026-04-29T08:00:00.000Z"])]
Instant = Annotated[
    AwareDatetime,
    AfterValidator(_of_these_times),
    Field(description="a moment with its zone (RFC 3339)", examples=["2026-04-29T08:00:00+08:00"]),
]
Limit = Annotated[int, Query(ge=1, le=200, description="how many at most")]
Station = Annotated[Code | None, Query(description="code of a place in scope; without it, all of the scope")]


class Asked(BaseModel):
    """A request's body: unknown fields are mistakes."""

    model_config = ConfigDict(extra="forbid")


class Why(Asked):
    """Why the officer does it; kept in the audit."""

    reason: Reason


class Problem(BaseModel):
    """Every error (RFC 9457); `field` is the dotted path of what is wrong."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    field: str | None = None


class Point(BaseModel):
    """WGS-84 degrees."""

    lon: float
    lat: float


class Resident(BaseModel):
    """The resident; name and phone are masked."""

    name: str | None
    phone: str | None
    address: str | None


class DeadlineOut(BaseModel):
    """One clock of a case."""

    what: Literal["sign", "contact", "meet", "feedback", "arrive"]
    at: Moment
    met_at: Moment | None


class OfferOut(BaseModel):
    """One person asked, and why this one."""

    id: UUID
    volunteer: UUID
    state: str
    wave: int
    eta_s: int | None
    reason: dict[str, Any]


class ContactOut(BaseModel):
    """One attempt to reach the resident."""

    id: UUID
    channel: str
    result: str
    by: str
    at: Moment


class FreezeOut(BaseModel):
    """One request to stop or freeze an account; the account is masked."""

    id: UUID
    account: str | None
    whose: str
    asked_by: str
    state: str
    until: Moment | None
    stop_no: int | None = Field(description="1 or 2: which of the two stops that police may do of one account")
    version: int = Field(description="how often it changed; to be given with every act on it")


class CaseOut(BaseModel):
    """CASE."""

    id: UUID
    number: str
    level: str
    kind: str | None
    fraud_type: str | None
    state: str
    held_by: str | None
    disposition: str | None
    flags: list[str]
    opened_at: Moment
    alerts: int
    resident: Resident
    location: Point | None
    community: str | None
    grid: str | None
    deadlines: list[DeadlineOut]
    offers: list[OfferOut]
    contacts: list[ContactOut]
    freezes: list[FreezeOut]


class PositionOut(Point):
    """Where a person is, since when, and how that is known."""

    at: Moment
    source: Literal["page", "base", "grid"]


class TurnOut(BaseModel):
    """A boundary of a shift plan: from then on it says on duty, or off."""

    at: Moment
    on_duty: bool


class VolunteerOut(BaseModel):
    """VOLUNTEER; `task` is the case they are on, `next_turn` the next boundary of their shift plan."""

    id: UUID
    name: str
    kind: str
    on_duty: bool
    position: PositionOut | None
    task: UUID | None
    next_turn: TurnOut | None
