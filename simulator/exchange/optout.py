"""The words Twilio answers itself (field guide §6), single words only, whatever their case."""

from typing import Literal

OptOut = Literal["STOP", "START", "HELP"]

_WORDS: dict[str, OptOut] = {
    **dict.fromkeys(("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"), "STOP"),
    **dict.fromkeys(("START", "YES", "UNSTOP"), "START"),
    **dict.fromkeys(("HELP", "INFO"), "HELP"),
}

ANSWERS: dict[OptOut, str] = {
    "STOP": "You have successfully been unsubscribed. You will not receive any more messages from this number. "
    "Reply START to resubscribe.",
    "START": "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    "HELP": "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}


def opt_out_word(body: str) -> OptOut | None:
    """Which of Twilio's own words the text is, or None: `STOP PLEASE` is an ordinary text."""
    return _WORDS.get(body.strip().upper())


class OptOuts:
    """The numbers that have said STOP and may not be written to."""

    def __init__(self) -> None:
        self._numbers: set[str] = set()

    def __contains__(self, phone: object) -> bool:
        return phone in self._numbers

    def apply(self, phone: str, word: OptOut) -> str | None:
        """Note the word; returns Twilio's own answer, None when Twilio stays silent.

        Silent: START from a number that never stopped, and HELP or STOP from one that already did.
        """
        stopped = phone in self._numbers
        if word == "START":
            self._numbers.discard(phone)
            return ANSWERS["START"] if stopped else None
        if word == "STOP":
            self._numbers.add(phone)
        return None if stopped else ANSWERS[word]

    def clear(self) -> None:
        """Everybody may be written to again."""
        self._numbers.clear()
