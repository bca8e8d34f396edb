"""The errors of Twilio's API that the exchange gives, with Twilio's status, code and wording."""


class Refusal(Exception):
    """A request is answered with Twilio's error JSON."""

    def __init__(self, status: int, code: int, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after

    def body(self) -> dict[str, str | int]:
        """Twilio's error body: code, message, more_info, status."""
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


_WORDING: dict[int, tuple[int, str]] = {
    20001: (400, "Invalid parameter: {0}"),
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource {0} was not found"),
    20429: (429, "Too Many Requests"),
    21211: (400, "Invalid 'To' Phone Number: {0}"),
    21212: (400, "Invalid From Number (caller ID): {0}"),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (400, "The 'From' phone number provided ({0}) is not a valid message-capable number of this account."),
    21609: (400, "The 'StatusCallback' URL {0} is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit."),
}


def refusal(code: int, about: str = "") -> Refusal:
    """The refusal with Twilio's usual status and wording for the code; `about` fills in the value in question."""
    status, message = _WORDING[code]
    return Refusal(status, code, message.format(about))


def wording(code: int) -> str:
    """What Twilio says for the code, or a general phrase when the exchange does not know it."""
    return _WORDING[code][1].format("") if code in _WORDING else "Simulated refusal"
