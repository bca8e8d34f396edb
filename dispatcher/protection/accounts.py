"""Bank accounts in the one form in which they are compared."""

import unicodedata

from dispatcher.protection.columns import blind_index


def normalise_account(account: str) -> str:
    """Letters and digits alone, full-width ones made plain, letters in capitals: `6222 0200 …` is `62220200…`."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", account))).upper()


def account_index(account: str | None) -> bytes | None:
    """What to look an account up by, the same however it was written; None when there is nothing in it.

    Raises KeysMissingError when no keys are set.
    """
    plain = normalise_account(account) if account else ""
    return blind_index("account", plain) if plain else None
