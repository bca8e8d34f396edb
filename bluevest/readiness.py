"""Asking the web part whether it is well, or orders can be accepted (contract: Health)."""

import http.client
import ssl
import urllib.error
import urllib.request

_TIMEOUT_S = 5.0


def answers_well(url: str) -> bool:
    """Whether `/readyz` or `/healthz` answers 200 now.

    Only for an address on this machine: the certificate is made for the public name and so not checked here.
    """
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(url, timeout=_TIMEOUT_S) as answer:
            return bool(answer.status == http.client.OK)
    except (OSError, http.client.HTTPException):  # HTTP errors are OSErrors here; resets and half answers too
        return False
