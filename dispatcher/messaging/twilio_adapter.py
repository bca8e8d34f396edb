"""The port over Twilio: the real SDK on a client of ours that has timeouts, keeps no secrets in logs and never retries.

Creating a message is not idempotent at Twilio, so what matters is to know when a text was certainly not taken
(https://www.twilio.com/docs/errors/20500). Certain: a connection that never came about; a 4xx; a 429; a 503 that
Twilio itself wrote. All else is Unsure, also a reset on a pooled connection: urllib3 replaces one that it sees closed,
but after that look the other side may have read the request before it hung up, and nothing tells the two cases apart.
"""

import json
import logging
import re
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import quote, urlsplit

import requests
from requests.adapters import HTTPAdapter
from twilio.http import HttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ProxyError

from dispatcher.messaging.port import PermanentRefusal, Sent, SmsError, TemporaryRefusal, Unsure, message_state

_POOL_SIZE: Final = 32
_MAX_ANSWER_BYTES: Final = 4 * 1024 * 1024
_PAGES: Final = 5
_PAGE_SIZE: Final = 200
_CLOCK_SLACK: Final = timedelta(minutes=2)
_ORDER_SLACK: Final = timedelta(hours=1)
_LATER_CODES: Final = frozenset({14107, 20429, 21611, 21730})
"""Rate limit, too many requests, queue of this number full, maintenance (https://www.twilio.com/docs/api/errors)."""
_MESSAGING_SERVICE: Final = "MG"
_TWILIO_CODES: Final = range(10_000, 100_000)
_SUCCESS: Final = range(200, 300)
_CLIENT_ERROR: Final = range(400, 500)


class TwilioSms:
    """An SmsProvider over Twilio's REST API, or over whatever speaks it at `base_url`; safe to share between threads.

    `sender` is a phone number or a messaging service (MG…). `timeout_s` bounds the connect, each wait for an answer,
    and, twice that, reading the answer's body.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        sender: str,
        base_url: str | None,
        status_callback: str,
        timeout_s: float = 5.0,
    ) -> None:
        if not (account_sid and auth_token and sender):
            raise ValueError("account, token and sender are needed")
        self._http = _BoundedHttp(base_url, timeout_s)
        # Looked up once: the SDK builds this lazily and without a lock.
        self._messages: Any = Client(account_sid, auth_token, http_client=self._http).messages
        self._sender = {"messaging_service_sid" if sender.startswith(_MESSAGING_SERVICE) else "from_": sender}
        self._status_callback = status_callback

    def send(self, to: str, body: str, reference: str) -> Sent:
        """Hand over one text; `reference` comes back in every callback's query as `message`.

        Raises TemporaryRefusal, PermanentRefusal or Unsure.
        """
        try:
            made = self._messages.create(
                to=to, body=body, status_callback=with_reference(self._status_callback, reference), **self._sender
            )
            return _sent(made)
        except SmsError:
            raise
        except Exception as error:  # noqa: BLE001  # the request is out; whatever the SDK stumbles over, it may have worked
            raise Unsure(f"unreadable answer ({type(error).__name__})") from None

    def find(self, to: str, body: str, since: datetime) -> Sent | None:
        """The text to `to` with the words `body` made at `since` or later; None when the list has none.

        Raises Unsure when the provider cannot be asked, or lists so much that the end was not reached.
        """
        try:
            return self._find(to, body, since)
        except Unsure:
            raise
        except Exception as error:  # noqa: BLE001  # a refusal, an odd answer: either way it is not known
            raise Unsure(f"could not list ({type(error).__name__})") from None

    def _find(self, to: str, body: str, since: datetime) -> Sent | None:
        # Not filtered by DateSent: a text still queued has none, and it is the one looked for.
        page = self._messages.page(to=to, page_size=_PAGE_SIZE)
        previous = None
        for _ in range(_PAGES):
            for message in page:
                made_at = message.date_created or since
                # Twilio's clock is not ours; a trial account puts words of its own in front.
                if made_at >= since - _CLOCK_SLACK and (message.body or "").endswith(body):
                    return _sent(message)
                # Newest first at Twilio: the rest is older still. Of a list that does not fall, all is read.
                if previous is not None and made_at < min(previous, since - _ORDER_SLACK):
                    return None
                previous = made_at
            page = page.next_page()
            if page is None:
                return None
        raise Unsure("the list is too long to tell")

    def close(self) -> None:
        """Close the pooled connections."""
        self._http.close()


def with_reference(url: str, reference: str) -> str:
    """`url` with `message=<reference>` in its query."""
    return f"{url}{'&' if urlsplit(url).query else '?'}message={quote(reference, safe='')}"


def valid_signature(auth_token: str, url: str, params: Mapping[str, str], signature: str) -> bool:
    """Whether Twilio signed a callback to `url` (the public one, query included) with these form fields.

    False for anything odd, never an error; False for an empty token, with which anybody could sign.
    """
    if not auth_token or not signature:
        return False
    try:
        return bool(RequestValidator(auth_token).validate(url, params, signature))
    except Exception:  # noqa: BLE001  # whoever forges a request also chooses how it is broken
        return False


def _sent(message: Any) -> Sent:
    sid, status = message.sid, message.status
    if not (isinstance(sid, str) and sid and isinstance(status, str)):
        raise Unsure("answer without a message id or status")
    return Sent(sid, message_state(status))


class _BoundedHttp(HttpClient):  # type: ignore[misc]  # the SDK has no types
    """What the SDK speaks HTTP with: a pool, a timeout on everything, no redirects, no retries, no logs, no cookies.

    The SDK's own client logs queries, and they hold phone numbers.
    """

    def __init__(self, base_url: str | None, timeout_s: float) -> None:
        super().__init__(logging.getLogger(__name__), is_async=False, timeout=timeout_s)
        self._timeout_s = timeout_s
        self._base = base_url.rstrip("/") if base_url else None
        if self._base is not None and not re.match(r"https?://[^/]", self._base):
            raise ValueError("base_url must be an http or https address")
        self._session = requests.Session()
        # A proxy of the environment is for the way out, never for a provider on this machine.
        self._session.trust_env = not (self._base and _is_loopback(self._base))
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=_POOL_SIZE, max_retries=0))

    def request(
        self,
        method: str,
        uri: str,
        params: Any = None,
        data: Any = None,
        headers: Any = None,
        auth: Any = None,
        timeout: float | None = None,  # noqa: ARG002  # ours holds for every request
        allow_redirects: bool = False,  # noqa: ARG002
    ) -> Response:
        """Make one request; raises an SmsError for every answer but a 2xx."""
        try:
            with self._session.request(
                method,
                self._target(uri),
                params=params,
                data=data,
                headers={**(headers or {}), "Accept-Encoding": "identity"},
                auth=auth,
                timeout=self._timeout_s,
                allow_redirects=False,
                stream=True,
            ) as answer:
                text = _read(answer, time.monotonic() + 2 * self._timeout_s)
        except (OSError, HTTPError) as error:
            # Neither kept as the cause nor quoted: its text holds the whole address, and that the phone number.
            if _never_left(error):
                raise TemporaryRefusal("no connection to the provider") from None
            raise Unsure(f"no answer ({type(error).__name__})") from None
        if answer.status_code not in _SUCCESS:
            raise _refused(answer.status_code, text, answer.headers.get("Retry-After"))
        return Response(answer.status_code, text, answer.headers)

    def _target(self, uri: str) -> str:
        parts = urlsplit(uri)
        if self._base is not None:
            return self._base + parts.path + (f"?{parts.query}" if parts.query else "")
        # A page of a list names the next one; our credentials follow it to Twilio only.
        if parts.scheme != "https" or not f".{parts.hostname}".endswith(".twilio.com"):
            raise Unsure("answer that leads elsewhere")
        return uri

    def close(self) -> None:
        self._session.close()


def _read(answer: requests.Response, deadline: float) -> str:
    # A timeout of sockets is one of each wait; a body that drips needs a deadline and a bound of its own.
    body = bytearray()
    while piece := answer.raw.read1(65536):
        body += piece
        if len(body) > _MAX_ANSWER_BYTES or time.monotonic() > deadline:
            raise TimeoutError
    return body.decode("utf-8", "replace")


def _never_left(error: Exception) -> bool:
    """Whether the request certainly never left: no connection came about (to a proxy neither)."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError | ConnectTimeoutError | ProxyError)


def _refused(status: int, text: str, retry_after: str | None) -> SmsError:
    code, words = _error_body(text)
    later = (
        status == HTTPStatus.TOO_MANY_REQUESTS
        or (status == HTTPStatus.SERVICE_UNAVAILABLE and code is not None)
        or (status in _CLIENT_ERROR and code in _LATER_CODES)
    )
    if later:
        return TemporaryRefusal(f"HTTP {status}", _seconds(retry_after))
    if status in _CLIENT_ERROR and status != HTTPStatus.REQUEST_TIMEOUT:
        return PermanentRefusal(code or status, words)
    return Unsure(f"HTTP {status}")


def _error_body(text: str) -> tuple[int | None, str]:
    """Twilio's own code and words, or (None, "refused") when Twilio did not write this."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return None, "refused"
    code = body.get("code") if isinstance(body, dict) else None
    if not isinstance(code, int) or code not in _TWILIO_CODES:
        return None, "refused"
    words = str(body.get("message") or body.get("title") or "refused")
    return code, re.sub(r"\d{6,}", "…", words)[:200]  # they quote the number we sent to


def _seconds(retry_after: str | None) -> float | None:
    return float(retry_after) if retry_after and re.fullmatch(r"[0-9]{1,5}", retry_after) else None


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
