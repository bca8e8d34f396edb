"""A console as a program: keeps what the frames tell, and notices every number that does not follow."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from dispatcher.feed import resume, snapshot


@dataclass
class Console:
    epoch: str | None = None
    seq: int = 0
    cases: dict[str, dict[str, Any]] = field(default_factory=dict)
    volunteers: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    snapshots: int = 0
    done: bool = False

    def next_frames(self, session: Session, station_id: UUID) -> list[dict[str, Any]]:
        if self.epoch is None:
            return [snapshot(session, station_id)]
        return resume(session, station_id, self.epoch, self.seq)

    def take(self, message: dict[str, Any]) -> None:
        if message["type"] == "snapshot":
            self.snapshots += 1
            self.epoch, self.seq = message["epoch"], message["seq"]
            self.cases = {case["id"]: case for case in message["cases"]}
            self.volunteers = {person["id"]: person for person in message["volunteers"]}
            return
        if message["seq"] != self.seq + 1:
            self.faults.append(f"{message['seq']} after {self.seq}")
        self.seq = message["seq"]
        case = message["case"]
        if case:
            self.cases[case["id"]] = case
            if case["state"] == "closed":
                del self.cases[case["id"]]
        person = message["data"].get("volunteer")
        if person:
            self.volunteers[person["id"]] = person
