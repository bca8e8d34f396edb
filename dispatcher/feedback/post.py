"""One try: the call to the centre, and its answer in a few words."""

from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx

from dispatcher.feedback.patience import PatientTransport

TIMEOUT_S = 5.0
WHOLE_S = 10.0
MOST_READ = 4096


@dataclass(frozen=True)
class Answer:
    """What came of a try: the status, or None when there was none; `reason` is short and fit for a person."""

    status: int | None
    reason: str
    retry_after: str | None = None


class Post:
    """Calls centres by http or https, follows no redirect, heeds no proxy of the environment.

    `timeout_s` bounds each step of a call, `whole_s` all of it. Threads may share it.
    """

    def __init__(self, timeout_s: float = TIMEOUT_S, whole_s: float = WHOLE_S, connections: int = 8) -> None:
        transport = PatientTransport(whole_s, connections)
        self._client = httpx.Client(
            transport=transport, timeout=timeout_s, follow_redirects=False, trust_env=False, headers={"accept": "*/*"}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the kept connections."""
        self._client.close()

    def send(self, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """Post the body once; whatever goes wrong on the way is an answer without a status."""
        try:
            if not is_address(url):
                return Answer(None, "address is not http or https")
            with self._client.stream("POST", url, content=body, headers=headers) as response:
                answer = Answer(
                    response.status_code, f"HTTP {response.status_code}", response.headers.get("retry-after")
                )
                _leave(response)
        except httpx.TimeoutException:
            return Answer(None, "timeout")
        except httpx.ConnectError:
            return Answer(None, "no connection")
        except httpx.HTTPError:
            return Answer(None, "broken answer")
        except (httpx.InvalidURL, ValueError):
            return Answer(None, "address cannot be read")
        return answer


def is_address(url: str) -> bool:
    """Whether it is an http or https address with a host.

    Raises ValueError when it cannot be taken apart.
    """
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _leave(response: httpx.Response) -> None:
    """Read a short answer to its end, so that the connection can serve again; leave a long one unread.

    The status has been given: what happens to the body changes nothing.
    """
    read = 0
    try:
        for piece in response.iter_raw():
            read += len(piece)
            if read > MOST_READ:
                return
    except httpx.HTTPError:
        return
