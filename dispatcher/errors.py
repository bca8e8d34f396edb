"""What the core says when it cannot do as asked; each is one clear line, and names the field when there is one."""


class DispatcherError(Exception):
    """Base of every refusal; `str()` is one line fit for a person."""

    title = "refused"

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class BadInput(DispatcherError):
    """The input does not have the shape or values asked for."""

    title = "bad input"


class NotFound(DispatcherError):
    """There is no such thing, or it lies outside the asker's places: the two look alike on purpose."""

    title = "not found"


class NotAllowed(DispatcherError):
    """The asker is known and may not do this."""

    title = "not allowed"


class NotSignedIn(DispatcherError):
    """The asker is not known."""

    title = "not signed in"


class Conflict(DispatcherError):
    """Somebody else was first, or the state does not allow the move."""

    title = "conflict"


class TooMany(DispatcherError):
    """Asked too often; `retry_after_s` says when to come back."""

    title = "too many requests"

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unavailable(DispatcherError):
    """It could not be made durable now; the same request may be sent again."""

    title = "unavailable"
