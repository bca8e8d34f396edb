import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from simulator.exchange.ledger import Entry
from simulator.settings import ExchangeSettings

API_VERSION = "2010-04-01"
_OK_BELOW = 300
_log = logging.getLogger(__name__)


def signature(auth_token: str, url: str, form: dict[str, str]) -> str:
    """`X-Twilio-Signature` over the whole URL, query included, and the form."""
    return str(RequestValidator(auth_token).compute_signature(url, form))


def status_form(entry: Entry, account_sid: str, status: str, error_code: int | None) -> dict[str, str]:
    """The form of a status callback."""
    form = {
        "MessageSid": entry.sid,
        "MessageStatus": status,
        "SmsSid": entry.sid,
        "SmsStatus": status,
        "To": entry.to,
        "From": entry.sender,
        "AccountSid": account_sid,
        "ApiVersion": API_VERSION,
    }
    if entry.messaging_service_sid:
        form["MessagingServiceSid"] = entry.messaging_service_sid
    if error_code is not None:
        form["ErrorCode"] = str(error_code)
    return form


def inbound_form(entry: Entry, account_sid: str, segments: int) -> dict[str, str]:
    """The form of a text from a handset. Places are blank, as Twilio leaves them outside North America."""
    return {
        "MessageSid": entry.sid,
        "SmsMessageSid": entry.sid,
        "SmsSid": entry.sid,
        "SmsStatus": "received",
        "AccountSid": account_sid,
        "ApiVersion": API_VERSION,
        "From": entry.sender,
        "To": entry.to,
        "Body": entry.body,
        "NumMedia": "0",
        "NumSegments": str(segments),
        "FromCountry": "CN",
        "FromState": "",
        "FromCity": "",
        "FromZip": "",
        "ToCountry": "CN",
        "ToState": "",
        "ToCity": "",
        "ToZip": "",
    }


class Caller:
    """Posts signed forms to the service, again and again while it fails, a bounded number at once."""

    def __init__(self, settings: ExchangeSettings, at_once: int = 50) -> None:
        self._settings = settings
        self._at_once = asyncio.Semaphore(at_once)
        self._client = httpx.AsyncClient(timeout=settings.callback_timeout, trust_env=False)

    async def post(
        self,
        url: str,
        form: dict[str, str],
        *,
        copies: int = 1,
        heard: Callable[[int], None] = lambda _answer: None,
    ) -> None:
        """Post the form `copies` times. No answer and 5xx are tried again, later each time; the rest is final.

        `heard` is told the HTTP status after each attempt, 0 for no answer.
        """
        for _copy in range(copies):
            for attempt in range(self._settings.callback_attempts):
                answer = await self._attempt(url, form)
                heard(answer)
                if 0 < answer < httpx.codes.INTERNAL_SERVER_ERROR:
                    break
                await asyncio.sleep(self._settings.callback_backoff * 2**attempt)

    async def _attempt(self, url: str, form: dict[str, str]) -> int:
        headers = {
            "X-Twilio-Signature": signature(self._settings.auth_token, url, form),
            "User-Agent": "TwilioProxy/1.1",
        }
        async with self._at_once:
            try:
                answer = (await self._client.post(url, data=form, headers=headers)).status_code
            except (httpx.HTTPError, httpx.InvalidURL, AttributeError) as trouble:  # anyio: reset on connecting
                _log.info("no answer from %s: %s", url, type(trouble).__name__)
                return 0
        if answer >= _OK_BELOW:
            _log.info("%s answered %s", url, answer)
        return answer

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


class Errands:
    """Background work of the exchange, counted, and cancelled when the exchange stops."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def run(self, errand: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start the errand and keep it alive until it ends."""
        task = asyncio.create_task(errand)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def stop(self) -> None:
        """Cancel what is under way and wait for it to go."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
