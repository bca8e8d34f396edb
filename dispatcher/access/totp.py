"""One-time passwords by time (RFC 6238): six digits, thirty seconds, one step of tolerance, each used once."""

import hmac
import re
import unicodedata
from datetime import datetime

import pyotp

STEP_S = 30
TOLERANCE = 1
ISSUER = "bluevest"
_CODE = re.compile(r"[0-9]{6}", re.ASCII)


def new_secret() -> str:
    """160 random bits in base 32, as authenticator programs take them."""
    return pyotp.random_base32()


def otpauth_url(secret: str, name: str) -> str:
    """What the QR code for an authenticator program says."""
    return pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=name, issuer_name=ISSUER)


def matching_step(secret: str, code: str, now: datetime, last_step: int | None) -> int | None:
    """The step the code belongs to, or None when it is wrong, too old, too new, or not later than `last_step`.

    Blanks and full-width digits are understood: codes are copied from small screens.
    """
    digits = "".join(unicodedata.normalize("NFKC", code).split())
    if not _CODE.fullmatch(digits):
        return None
    current = int(now.timestamp()) // STEP_S
    totp = pyotp.TOTP(secret, interval=STEP_S)
    for step in range(current - TOLERANCE, current + TOLERANCE + 1):
        fits = hmac.compare_digest(totp.generate_otp(step), digits)
        if fits and (last_step is None or step > last_step):
            return step
    return None
