"""The checks of a create-message request, in Twilio's order as far as it is documented."""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from simulator.exchange.refusals import Refusal, refusal
from simulator.phones import e164

MAX_BODY = 1600
_SERVICE = re.compile(r"MG[0-9a-f]{32}")


@dataclass(frozen=True)
class Draft:
    """A request that Twilio would accept."""

    to: str
    sender: str
    body: str
    status_callback: str | None
    messaging_service_sid: str | None


def read_draft(form: Mapping[str, str], own_number: str, opted_out: Container[str]) -> Draft:
    """Check a form with To, From or MessagingServiceSid, Body, StatusCallback.

    Raises Refusal: 21604 21603 21602 missing, 21211 21212 malformed, 21606 not ours, 21617 too long,
    21609 callback address, 21610 opted out.
    """
    to = _to(form)
    service = form.get("MessagingServiceSid") or None
    sender = _sender(form, own_number, service)
    body = form.get("Body", "")
    if not body.strip():
        raise refusal(21602)
    if len(body) > MAX_BODY:
        raise refusal(21617)
    callback = form.get("StatusCallback") or None
    if callback and not _is_url(callback):
        raise refusal(21609, callback)
    if to in opted_out:
        raise refusal(21610)
    return Draft(to, sender, body, callback, service)


def _to(form: Mapping[str, str]) -> str:
    given = form.get("To", "").strip()
    if not given:
        raise refusal(21604)
    number = e164(given)
    if number is None:
        raise refusal(21211, given)
    return number


def _sender(form: Mapping[str, str], own_number: str, service: str | None) -> str:
    given = form.get("From", "").strip()
    if not given:
        if service is None:
            raise refusal(21603)
        if not _SERVICE.fullmatch(service):
            raise _no_such_service(service)
        return own_number
    number = e164(given)
    if number is None:
        raise refusal(21212, given)
    if number != own_number:
        raise refusal(21606, given)
    return number


def _no_such_service(service: str) -> Refusal:
    return refusal(20404, f"/Services/{service}")


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
