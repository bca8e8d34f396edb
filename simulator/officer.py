"""A duty officer as a program: signs in over HTTP and does what the console's buttons do (contract: Console)."""

from types import TracebackType
from typing import Any, Self

import httpx

OPEN = ("new", "dispatching", "escalated", "accepted", "on_scene")
"""States of a case that is not closed (contract: States)."""

_TIMEOUT_S = 20.0
_MOST = 200


class Refused(Exception):
    """The service said no: `status` is HTTP's, `detail` its words, `field` what they are about.

    409: somebody else was first.
    """

    def __init__(self, status: int, detail: str, field: str | None = None) -> None:
        super().__init__(f"{status} {detail}")
        self.status, self.detail, self.field = status, detail, field


class Officer:
    """One officer at the service's console API; signs in when needed, and again when the session has ended.

    Every call raises Refused when the service says no, httpx.HTTPError when it cannot be reached. One thread each.
    """

    def __init__(self, service_url: str, name: str, password: str) -> None:
        self.name = name
        self._password = password
        self._signed_in = False
        self._http = httpx.Client(base_url=f"{service_url.rstrip('/')}/api", timeout=_TIMEOUT_S, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._http.close()

    def sign_in(self) -> None:
        """By password. Raises Refused too when a second factor is required: a program has no phone."""
        credentials = {"username": self.name, "password": self._password}
        me = _content(self._http.post("/session", json=credentials))
        if me["needs_enrolment"]:
            raise Refused(403, f"{self.name} has no second factor, and one is required")
        self._signed_in = True

    def page(self, case_id: str) -> dict[str, Any]:
        """The case's page: case, alerts, kin, texts, events."""
        found: dict[str, Any] = self._ask("GET", f"/cases/{case_id}")
        return found

    def open_cases(self) -> list[dict[str, Any]]:
        """All open cases in scope, newest first."""
        cases: list[dict[str, Any]] = []
        query: dict[str, Any] = {"state": list(OPEN), "limit": _MOST}
        while True:
            page = self._ask("GET", "/cases", params=query)
            cases += page["cases"]
            if not page["next"]:
                return cases
            query["after"] = page["next"]

    def unmask(self, case_id: str, reason: str) -> dict[str, Any]:
        """Names, phones and accounts of the case, whole; audited with the reason."""
        found: dict[str, Any] = self._act(case_id, "unmask", reason=reason)
        return found

    def hold(self, case_id: str) -> dict[str, Any]:
        """Take the case into this officer's hands."""
        found: dict[str, Any] = self._act(case_id, "hold")
        return found

    def release(self, case_id: str) -> dict[str, Any]:
        """Give it back to the plan."""
        found: dict[str, Any] = self._act(case_id, "release")
        return found

    def contact(self, case_id: str, channel: str, result: str, note: str | None = None) -> dict[str, Any]:
        """Record an attempt to reach the resident (field guide §2: channels)."""
        found: dict[str, Any] = self._act(case_id, "contacts", channel=channel, result=result, note=note)
        return found

    def stop(self, case_id: str, **what: str | None) -> dict[str, Any]:
        """Draft a stop-payment: whose, asked_by, bank, account, account_name, amount."""
        found: dict[str, Any] = self._act(case_id, "freezes", **what)
        return found

    def ask(self, case_id: str, volunteer: str, note: str) -> dict[str, Any]:
        """Ask this person for the case; a 409 about the field `volunteer` says that they are busy."""
        found: dict[str, Any] = self._act(case_id, "offers", volunteer=volunteer, note=note)
        return found

    def close(self, case_id: str, disposition: str, reason: str) -> dict[str, Any]:
        """Close the case."""
        found: dict[str, Any] = self._act(case_id, "close", disposition=disposition, reason=reason)
        return found

    def volunteers(self) -> list[dict[str, Any]]:
        """Everybody on duty in scope, as VOLUNTEER."""
        found: list[dict[str, Any]] = self._ask("GET", "/volunteers", params={"on_duty": "true"})
        return found

    def alarms(self) -> list[dict[str, Any]]:
        """Alarms that ring, newest first."""
        found: list[dict[str, Any]] = self._ask("GET", "/alarms", params={"limit": _MOST})
        return found

    def acknowledge(self, alarm_id: str) -> None:
        """Say that an officer has seen the alarm."""
        self._ask("POST", f"/alarms/{alarm_id}/acknowledge")

    def inbox(self) -> list[dict[str, Any]]:
        """Texts that wait for an officer, newest first."""
        found: list[dict[str, Any]] = self._ask("GET", "/inbox", params={"limit": _MOST})
        return found

    def handle(self, text_id: str) -> None:
        """Say that an officer has seen to the text."""
        self._ask("POST", f"/inbox/{text_id}/handled")

    def _act(self, case_id: str, act: str, **body: str | None) -> Any:
        given = {name: value for name, value in body.items() if value is not None}
        return self._ask("POST", f"/cases/{case_id}/{act}", json=given)

    def _ask(self, method: str, path: str, **request: Any) -> Any:
        if not self._signed_in:
            self.sign_in()
        answer = self._http.request(method, path, **request)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self.sign_in()
            answer = self._http.request(method, path, **request)
        return _content(answer)


def _content(answer: httpx.Response) -> Any:
    try:
        content = answer.json()
    except ValueError:
        content = None
    if answer.is_success:
        return content
    problem = content if isinstance(content, dict) else {}
    raise Refused(answer.status_code, str(problem.get("detail") or answer.reason_phrase), problem.get("field"))
