from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from simulator.phones import e164

UNREACHABLE = 30003
UNKNOWN_ERROR = 30008


class RefuseWith(BaseModel):
    """How the API refuses: HTTP status and Twilio code."""

    model_config = ConfigDict(extra="forbid")

    status: int = Field(default=429, ge=400, le=599)
    code: int = 20429
    message: str | None = None
    retry_after: int | None = Field(default=None, ge=0)


class Fault(BaseModel):
    """What goes wrong for one number, or for all when `phone` is missing.

    `delay_ms` answers later; `deliver_after_ms` delivers later. `refuse` takes nothing. `hang_seconds` keeps
    the caller waiting, then answers 504; the message is taken all the same unless `taken` is false.
    `accept_then_500` takes the message and answers 500. `never_report` sends no status callback,
    `repeat_callbacks` sends each one so many times (texts from the handset too), `reorder_callbacks` sends
    them last first, `callbacks_first` before the API's answer. `outcome` with `error_code` is the end of the
    message's way. With `phone_off` it is undelivered (30003) and the handset can send nothing.
    `times` limits the fault to so many messages.
    """

    model_config = ConfigDict(extra="forbid")

    phone: str | None = None
    times: int | None = Field(default=None, ge=1)
    delay_ms: int = Field(default=0, ge=0, le=600_000)
    deliver_after_ms: int = Field(default=0, ge=0, le=3_600_000)
    refuse: RefuseWith | None = None
    hang_seconds: float = Field(default=0, ge=0, le=600)
    taken: bool = True
    accept_then_500: bool = False
    never_report: bool = False
    repeat_callbacks: int = Field(default=1, ge=1, le=100)
    reorder_callbacks: bool = False
    callbacks_first: bool = False
    outcome: Literal["delivered", "undelivered", "failed"] = "delivered"
    error_code: int | None = None
    phone_off: bool = False

    @field_validator("phone")
    @classmethod
    def _phone_is_one(cls, phone: str | None) -> str | None:
        if phone is None:
            return None
        number = e164(phone)
        if number is None:
            raise ValueError("phone must be in E.164, such as +8613800000001")
        return number

    @model_validator(mode="after")
    def _code_needs_a_failure(self) -> Self:
        if self.error_code is not None and self.outcome == "delivered":
            raise ValueError("error_code needs outcome undelivered or failed")
        return self

    def ending(self) -> tuple[str, int | None]:
        """The last status and its error code (30003 phone off, 30008 when none was given)."""
        if self.phone_off:
            return "undelivered", UNREACHABLE
        if self.outcome == "delivered":
            return "delivered", None
        return self.outcome, self.error_code or UNKNOWN_ERROR


NO_FAULT = Fault()


class FaultBook:
    """The faults in force: at most one a number and one for all; a number's own comes before the general one."""

    def __init__(self) -> None:
        self._faults: dict[str | None, Fault] = {}
        self._left: dict[str | None, int] = {}

    def put(self, fault: Fault) -> None:
        """Put the fault in force in the place of the number's earlier one."""
        self._faults[fault.phone] = fault
        self._left.pop(fault.phone, None)
        if fault.times is not None:
            self._left[fault.phone] = fault.times

    def peek(self, phone: str) -> Fault:
        """The fault in force for the number, without using it up."""
        return self._faults.get(phone) or self._faults.get(None) or NO_FAULT

    def take(self, phone: str) -> Fault:
        """The fault in force for one message to the number; counts against its `times`."""
        fault = self.peek(phone)
        if fault.phone in self._left:
            self._left[fault.phone] -= 1
            if self._left[fault.phone] == 0:
                del self._faults[fault.phone], self._left[fault.phone]
        return fault

    def listed(self) -> list[Fault]:
        """All faults in force, with what is left of their `times`."""
        return [fault.model_copy(update={"times": self._left.get(key)}) for key, fault in self._faults.items()]

    def clear(self) -> None:
        """Everything works again."""
        self._faults.clear()
        self._left.clear()
