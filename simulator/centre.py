"""The anti-fraud centre: sends signed warning orders, and listens for the service's signed feedback."""

import json
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from simulator.feedback_page import HEADERS, feedback_page
from simulator.serving import Served

_AGAIN = {httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE}
_FEEDBACK_KEPT = 2000


@dataclass(frozen=True)
class Receipt:
    """How the service answered: HTTP status and JSON body; `attempts` it took."""

    status: int
    body: dict[str, Any]
    webhook_id: str
    attempts: int

    @property
    def case_id(self) -> str | None:
        """The case the order became, when it was taken."""
        return self.body.get("case_id")


class Centre:
    """Sends to `{service_url}/hooks/{source}/alerts`, signed with the source's `whsec_…` secret."""

    def __init__(self, service_url: str, source: str, secret: str, *, attempts: int = 6) -> None:
        self._path = f"{service_url.rstrip('/')}/hooks/{source}/alerts"
        self._webhook = Webhook(secret)
        self._attempts = attempts
        self._http = httpx.Client(timeout=30, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._http.close()

    def send_alert(
        self,
        order: dict[str, Any],
        *,
        event: str = "alert.raised",
        webhook_id: str | None = None,
        pause: Callable[[float], object] = time.sleep,
    ) -> Receipt:
        """Send an order and insist as the contract allows: 429 after its Retry-After, 503 and no answer later.

        Every attempt carries the same webhook-id and body under a new timestamp. The last answer counts;
        raises httpx.TransportError when there never was one.
        """
        message_id = webhook_id or f"msg_{uuid.uuid4().hex}"
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        body = json.dumps({"type": event, "timestamp": now, "data": order}, ensure_ascii=False)
        for attempt in range(1, self._attempts + 1):
            try:
                answer = self.post(body, message_id)
            except httpx.TransportError:
                if attempt == self._attempts:
                    raise
                pause(_backoff(attempt))
                continue
            if answer.status_code not in _AGAIN or attempt == self._attempts:
                break
            pause(_retry_after(answer, attempt))
        return Receipt(answer.status_code, _json(answer), message_id, attempt)

    def withdraw(self, alert_no: str, reason: str) -> Receipt:
        """Take an order back (`alert.withdrawn`)."""
        return self.send_alert({"alert_no": alert_no, "reason": reason}, event="alert.withdrawn")

    def post(self, body: str | bytes, webhook_id: str, *, at: datetime | None = None) -> httpx.Response:
        """One signed attempt with exactly this body, signed as at `at` (now)."""
        text = body if isinstance(body, str) else body.decode("utf-8", "surrogateescape")
        headers = self.sign(text, webhook_id, at or datetime.now(UTC))
        return self._http.post(self._path, content=body, headers=headers)

    def sign(self, body: str, webhook_id: str, at: datetime) -> dict[str, str]:
        """The three Standard Webhooks headers and the content type."""
        return {
            "content-type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self._webhook.sign(webhook_id, at, body),
        }


class FeedbackFault(BaseModel):
    """How feedback is answered, for the next `times` pieces or until changed."""

    model_config = ConfigDict(extra="forbid")
    status: int = Field(ge=200, le=599)
    times: int | None = Field(default=None, ge=1)


class FeedbackDesk:
    """What the centre has received: every attempt in order, with how it was answered. Bounded."""

    def __init__(self, secret: str) -> None:
        self._webhook = Webhook(secret)
        self._fault: FeedbackFault | None = None
        self.received: deque[dict[str, Any]] = deque(maxlen=_FEEDBACK_KEPT)

    def trust(self, secret: str) -> None:
        """Check signatures with this secret from now on: a service tells it only once it knows our address."""
        self._webhook = Webhook(secret)

    def fail(self, fault: FeedbackFault | None) -> None:
        """Answer like this from now on; None: properly."""
        self._fault = fault

    def take(self, body: bytes, headers: dict[str, str]) -> int:
        """Check the signature, book the attempt, return the HTTP status of the answer: 204, 401, or the fault's."""
        try:
            content = self._webhook.verify(body, headers)
        except (WebhookVerificationError, ValueError):
            answer, content = 401, None
        else:
            answer = self._next_answer()
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        webhook_id = headers.get("webhook-id")
        self.received.append({"at": now, "webhook_id": webhook_id, "answer": answer, "content": content})
        return answer

    def accepted(self, event: str | None = None) -> list[dict[str, Any]]:
        """The contents that were accepted, in order, perhaps only those of one type."""
        taken = [item["content"] for item in self.received if item["answer"] == httpx.codes.NO_CONTENT]
        return [content for content in taken if event is None or content["type"] == event]

    def _next_answer(self) -> int:
        fault = self._fault
        if fault is None:
            return httpx.codes.NO_CONTENT
        if fault.times is not None:
            left = fault.times - 1
            self._fault = fault.model_copy(update={"times": left}) if left else None
        return fault.status


def create_feedback_desk(desk: FeedbackDesk) -> FastAPI:
    """`POST /feedback` for the service, `GET /` for people, `/control/feedback` with its `/fault` for tests."""
    app = FastAPI(title="模拟反诈中心 · anti-fraud centre (simulation)", docs_url=None, redoc_url=None)
    app.state.on_stop = lambda: None

    @app.post("/feedback")
    async def feedback(request: Request) -> Response:
        return Response(status_code=desk.take(await request.body(), dict(request.headers)))

    @app.get("/")
    async def page() -> HTMLResponse:
        return HTMLResponse(feedback_page(desk.received), headers=HEADERS)

    @app.get("/control/feedback")
    async def received() -> JSONResponse:
        return JSONResponse({"received": list(desk.received)})

    @app.post("/control/feedback/fault")
    async def fail(fault: FeedbackFault | None = None) -> JSONResponse:
        desk.fail(fault)
        return JSONResponse({"fault": fault.model_dump() if fault else None})

    return app


class FeedbackReceiver(Served):
    """The centre's receiver in a thread; `feedback_url` is what `source add --feedback` takes.

    On `port` of this machine when it is free, else on one that is.
    """

    def __init__(self, secret: str, port: int = 0) -> None:
        self.desk = FeedbackDesk(secret)
        super().__init__(create_feedback_desk(self.desk), port)
        self.feedback_url = f"{self.url}/feedback"


def _backoff(attempt: int) -> float:
    return min(0.5 * 2.0 ** min(attempt - 1, 10), 15.0)


def _retry_after(answer: httpx.Response, attempt: int) -> float:
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isdigit() else _backoff(attempt)


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        content = answer.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
