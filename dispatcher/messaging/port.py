"""The port to whoever carries our texts: one way to send, one way to look up, three ways to fail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dispatcher.lifecycle import MessageState

_STATES = {
    "delivered": MessageState.DELIVERED,
    "read": MessageState.DELIVERED,
    "undelivered": MessageState.UNDELIVERED,
    "failed": MessageState.FAILED,
    "canceled": MessageState.FAILED,
}


def message_state(status: str) -> MessageState:
    """Our state for a provider's status word (Twilio: MessageStatus): sent, delivered, undelivered or failed.

    accepted, scheduled, queued, sending, sent, partially_delivered and words not known yet all mean that the
    provider has the text and nothing more, so that a new word of theirs can break nothing.
    """
    return _STATES.get(status.strip().lower(), MessageState.SENT)


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider has the text under `provider_id`; `status` is its word for it, in ours."""

    provider_id: str
    status: MessageState


class SmsError(Exception):
    """Base of the three ways in which a text does not go out. `str()` holds no phone number and no text."""


class TemporaryRefusal(SmsError):
    """Certainly not taken; the same text may be sent later, after `retry_after_s` if the provider said so."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class PermanentRefusal(SmsError):
    """Certainly not taken, and the same text never will be; `code` is the provider's (or the HTTP status)."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Unsure(SmsError):
    """It may have been taken or not: never send it again blindly, look it up with `find`."""


class SmsProvider(Protocol):
    """What the sender needs of a provider; both calls may be made from several threads at once."""

    def send(self, to: str, body: str, reference: str) -> Sent:
        """Hand over one text to `to` (E.164), once. `reference` comes back with every receipt.

        Raises TemporaryRefusal, PermanentRefusal or Unsure, and nothing else.
        """

    def find(self, to: str, body: str, since: datetime) -> Sent | None:
        """Look for a text of ours by recipient and words, made at `since` (aware) or later.

        None means that the provider listed everything since then and it was not there: believe it only when
        the send has been over for a while, for a list may lag behind. Raises Unsure when it cannot tell, and
        nothing else.
        """
