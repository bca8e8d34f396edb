"""The bytes and headers of a feedback: Standard Webhooks 1.0.0, signed with every secret that is good now."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook


def body_of(payload: Mapping[str, Any]) -> bytes:
    """Compact JSON in UTF-8, the same bytes on every try: keys are sorted, as the database keeps no order of them."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def secrets_at(entries: Sequence[Mapping[str, Any]], now: datetime) -> tuple[str, ...]:
    """The secrets that are good now, newest first; `entries` as in `Source.secrets`."""
    return tuple(
        entry["secret"] for entry in entries if not entry["until"] or now < datetime.fromisoformat(entry["until"])
    )


def signed_headers(feedback_id: UUID, body: bytes, secrets: Sequence[str], now: datetime) -> dict[str, str]:
    """The headers of one try: one signature a secret, separated by spaces.

    Raises ValueError when there is no secret, or one that is empty or no base64.
    """
    if not secrets:
        raise ValueError("no secret is good now")
    text = body.decode()
    try:
        signatures = [Webhook(secret).sign(str(feedback_id), now, text) for secret in secrets]
    except EmptyWebhookSecretError as error:
        raise ValueError(str(error)) from None
    return {
        "content-type": "application/json",
        "user-agent": "bluevest",
        "webhook-id": str(feedback_id),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
