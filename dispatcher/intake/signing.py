"""Who sent it: Standard Webhooks 1.0.0 signatures, with several secrets while a key rotates (contract)."""

import re
from collections.abc import Iterable, Mapping

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from dispatcher.errors import BadInput, NotSignedIn

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
LONGEST_ID = 256

_SIGNATURE = re.compile(r"v1,[A-Za-z0-9+/]{43}=", re.ASCII)
_ABOUT_TIME = frozenset({"Message timestamp too old", "Message timestamp too new", "Invalid Signature Headers"})


def check_signature(keys: Iterable[Webhook], body: bytes, headers: Mapping[str, str]) -> tuple[str, str]:
    """The webhook's id and the body as text, once one of `keys` has signed them within five minutes of now.

    Raises NotSignedIn naming the header, or BadInput when the body is not UTF-8 (what is signed is text) or the
    id is too long to be remembered.
    """
    for name in (ID, TIMESTAMP, SIGNATURE):
        if not headers.get(name):
            raise NotSignedIn(f"the header {name} is missing", field=name)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"body: not UTF-8 at byte {error.start}", field="body") from None
    _verify(keys, text, {name: headers[name] for name in (ID, TIMESTAMP, SIGNATURE)})
    if len(headers[ID]) > LONGEST_ID:
        raise BadInput(f"{ID}: longer than {LONGEST_ID} characters", field=ID)
    return headers[ID], text


def _verify(keys: Iterable[Webhook], text: str, headers: dict[str, str]) -> None:
    # The library gives up on the first signature it cannot read, though a good one may stand behind it.
    headers[SIGNATURE] = " ".join(part for part in headers[SIGNATURE].split(" ") if _SIGNATURE.fullmatch(part))
    refusal = "no signature of a known key"
    for key in keys:
        try:
            key.verify(text, headers, json_parse=False)
        except WebhookVerificationError as error:
            refusal = str(error)
        except Exception:  # noqa: BLE001  # odd headers make the library raise anything; all of it means no
            refusal = "the headers cannot be read"
        else:
            return
    raise NotSignedIn(refusal, field=TIMESTAMP if refusal in _ABOUT_TIME else SIGNATURE)
