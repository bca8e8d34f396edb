"""One officer at one case's requests, by the interface, and what the stories about them look at."""

from typing import Any

import httpx
from sqlalchemy import select

from dispatcher.freezes.clocks import due_freezes, run_freeze
from dispatcher.model import Alarm, AlarmKind, AuditEntry, Case
from dispatcher.views import iso
from tests.access.world import PASSWORD, World

SUSPECT = {
    "whose": "suspect",
    "asked_by": "police",
    "bank": "建设银行",
    "account": "6217 0000 0000 0099",
    "account_name": "张某",
    "other_bank": "工商银行",
    "other_account": "6222020000000017",
    "other_name": "王某丽",
    "amount": "50000.00",
    "transferred_at": "2026-04-29T15:30:00+08:00",
    "facts": "冒充公检法,要求转账到安全账户",
    "receipts": ["回单 20260429-1"],
}
OWN = {
    "whose": "own",
    "asked_by": "family",
    "bank": "工商银行",
    "account": "6222020000000017",
    "account_name": "王某丽",
    "facts": "家属来电,本人失联",
}
CHIEF = {"chief": "陈局", "chief_at": "2026-04-29T16:00:00+08:00"}


class Desk:
    """One officer at one case's requests."""

    def __init__(self, client: httpx.Client, case: Case, world: World) -> None:
        self.client, self.case, self.world = client, case, world
        self.path = f"/api/cases/{case.id}/freezes"

    @property
    def now(self) -> str | None:
        return iso(self.world.database.clock.now())

    def later(self, **span: float) -> None:
        """Time passes; whoever was away for long signs in again."""
        clock: Any = self.world.database.clock
        clock.forward(**span)
        self.client.post("/api/session", json={"username": "zhang", "password": PASSWORD})

    def draft(self, body: dict[str, Any] = SUSPECT, **more: Any) -> str:
        answer = self.client.post(self.path, json=body | more)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["freezes"][-1]["id"])

    def one(self, freeze: str) -> dict[str, Any]:
        return dict(self.client.get(f"{self.path}/{freeze}").json())

    def ask(self, freeze: str, act: str, key: str | None = None, **body: Any) -> httpx.Response:
        body.setdefault("version", self.one(freeze)["version"])
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post(f"{self.path}/{freeze}/{act}", json=body, headers=headers)

    def does(self, freeze: str, act: str, **body: Any) -> dict[str, Any]:
        """The request as CASE shows it afterwards."""
        answer = self.ask(freeze, act, **body)
        assert answer.status_code == 200, answer.text
        return next(one for one in answer.json()["freezes"] if one["id"] == freeze)

    def stopped(self, body: dict[str, Any] = SUSPECT, **more: Any) -> str:
        freeze = self.draft(body)
        self.does(freeze, "send")
        self.does(freeze, "answer", result="stopped", at=self.now, **more)
        return freeze


def tick(world: World) -> int:
    """Every clock that has run out does what it is for; how many there were."""
    due = world.database.read(lambda session: due_freezes(session, world.database.clock.now()))
    for freeze in due:
        world.database.transact(lambda work, freeze=freeze: run_freeze(work, freeze))  # type: ignore[misc]
    return len(due)


def alarms(world: World) -> list[AlarmKind]:
    return world.database.read(lambda s: list(s.scalars(select(Alarm.kind).order_by(Alarm.raised_at))))


def acts(world: World) -> list[tuple[str, str]]:
    """What the audit says of requests, in order: who did what."""
    rows = select(AuditEntry).where(AuditEntry.act.startswith("freeze.")).order_by(AuditEntry.id)
    return [(row.actor, row.act) for row in world.database.read(lambda s: list(s.scalars(rows)))]


def refused(answer: httpx.Response, status: int, field: str, *words: str) -> None:
    problem = answer.json()
    assert (answer.status_code, problem.get("field")) == (status, field), problem
    assert all(word in problem["detail"] for word in words), problem
