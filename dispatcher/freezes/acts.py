"""What an officer records about a request. The caller has locked the case row; each act is one step of the request."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dispatcher.casework.stops import write_facts, write_step
from dispatcher.errors import BadInput, Conflict, NotFound
from dispatcher.freezes import rules
from dispatcher.freezes.accounts import check_stops, next_stop
from dispatcher.lifecycle import CaseState
from dispatcher.model import Case, Freeze, FreezeAct, FreezeStep, Officer, Place, Whose
from dispatcher.policy import Stops, read_policy
from dispatcher.protection.columns import blind_index
from dispatcher.views import iso
from dispatcher.work import Work

A = FreezeAct


@dataclass(frozen=True)
class Said:
    """What the bank said: when it happened, its reference, what it holds or gave back, and until when if it said so."""

    at: datetime
    reference: str | None = None
    amount: Decimal | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Decision:
    """The freeze as a chief at county level or above decided it; `major` is a case in which it lasts a year."""

    chief: str
    at: datetime
    major: bool = False


@dataclass(frozen=True)
class Act:
    """One officer's act on one request, both rows locked; `step_id` and `asked` know a repeated request again."""

    work: Work
    case: Case
    freeze: Freeze
    officer: Officer
    step_id: UUID | None = None
    asked: bytes | None = None

    @property
    def stops(self) -> Stops:
        """What the case's station says of stops."""
        return read_policy(self.work.session.get_one(Place, self.case.station_id).policy).stops

    def to(self, act: FreezeAct, **details: Any) -> None:
        """Move the request and write the step. The rules have been asked before."""
        self.freeze.state = rules.LEADS_TO[act]
        more = {"id": self.step_id, "asked": self.asked}
        write_step(self.work, self.case, self.freeze, act, self.officer, **details, **more)


def get_freeze(work: Work, case: Case, freeze_id: UUID) -> Freeze:
    """The request of a case that is locked. Raises NotFound."""
    found = work.session.scalar(
        select(Freeze)
        .where(Freeze.id == freeze_id, Freeze.case_id == case.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("there is no such request")
    return found


def fingerprint(asked: Mapping[str, Any]) -> bytes:
    """What was asked, as a keyed hash: it holds accounts, and must not give them away."""
    return blind_index("freeze step", json.dumps(asked, sort_keys=True, default=str, ensure_ascii=False))


def done_before(work: Work, step_id: UUID | None, asked: bytes) -> bool:
    """Whether the step of this id is there already. Raises Conflict when it stood for something else."""
    step = work.session.get(FreezeStep, step_id) if step_id else None
    if step is not None and step.asked != asked:
        raise Conflict("this Idempotency-Key came before with another body", field="Idempotency-Key")
    return step is not None


def check_seen(work: Work, freeze: Freeze, version: int) -> None:
    """Raises Conflict that says who changed the request, and how, since the officer saw it."""
    if freeze.version == version:
        return
    last = select(FreezeStep).where(FreezeStep.freeze_id == freeze.id).order_by(FreezeStep.version.desc()).limit(1)
    step = work.session.scalar(last)
    what = f"{step.by} was first: {step.act}, {iso(step.recorded_at)}" if step else "it was changed meanwhile"
    raise Conflict(what, field="version")


def standing(freeze: Freeze) -> rules.Standing:
    """What the rules look at."""
    return rules.Standing(freeze.state, freeze.whose, freeze.since, freeze.until, freeze.frozen_at)


def correct(act: Act, facts: Mapping[str, Any]) -> None:
    """Put other facts in the place of all that the request says; it is a draft again.

    Raises Conflict once it is with the bank.
    """
    rules.check_act(standing(act.freeze), A.CORRECTED)
    write_facts(act.freeze, facts)
    act.freeze.submitted_by = None
    act.to(A.CORRECTED)


def submit(act: Act) -> None:
    """Lay the request before a second officer. Raises what `send` raises, but for the second officer."""
    rules.check_act(standing(act.freeze), A.SUBMITTED)
    _check_sendable(act)
    act.freeze.submitted_by = act.officer.id
    act.to(A.SUBMITTED)


def send(act: Act, *, approving: bool = False) -> None:
    """The request goes to the bank; `approving` is the second officer's word, which sends it.

    Raises BadInput that names what is missing; Conflict when the table or the station's policy does not allow it, or
    when the suspect's account was stopped twice already.
    """
    what = A.APPROVED if approving else A.SENT
    rules.check_act(standing(act.freeze), what)
    rules.check_eyes(
        what,
        second_officer=act.stops.second_officer,
        officer=act.officer.id,
        submitted_by=act.freeze.submitted_by,
    )
    _check_sendable(act)
    act.to(what)


def mismatch(act: Act, words: str | None, said: Said) -> None:
    """The bank found that name, account, amount or time do not match, in its words: nothing was stopped.

    Raises BadInput when there are no words, or a sum or an end of what was not stopped.
    """
    if not words:
        raise BadInput("what the bank said does not match is missing", field="words")
    for name in ("amount", "until"):
        if getattr(said, name) is not None:
            raise BadInput("nothing was stopped: it has neither a sum nor an end", field=name)
    rules.check_act(standing(act.freeze), A.MISMATCHED)
    rules.check_moment(standing(act.freeze), said.at, act.work.now, within=False)
    act.to(A.MISMATCHED, at=said.at, reference=said.reference, words=words)


def stop(act: Act, said: Said) -> None:
    """The bank has stopped the account. Raises BadInput that names what cannot be so."""
    freeze = act.freeze
    rules.check_act(standing(freeze), A.STOPPED)
    rules.check_moment(standing(freeze), said.at, act.work.now, within=False)
    lead = timedelta(seconds=act.stops.warn_stop_s)
    _run(freeze, rules.stop_period(freeze.whose, said.at, said.until, lead))
    freeze.held = said.amount
    if freeze.whose == Whose.SUSPECT:
        freeze.stop_no = next_stop(act.work, freeze)
    act.to(
        A.STOPPED,
        **_said(said),
        until=freeze.until,
        stop_no=freeze.stop_no,
        account_index=freeze.account_index if freeze.stop_no else None,
    )


def freeze_account(act: Act, said: Said, decision: Decision, zone: ZoneInfo) -> None:
    """The bank has frozen the account as the chief decided, before the stop ended."""
    _freeze(act, A.FROZEN, said, decision, zone)


def renew(act: Act, said: Said, decision: Decision, zone: ZoneInfo) -> None:
    """The freeze was renewed before its end, as the chief decided."""
    _freeze(act, A.RENEWED, said, decision, zone)


def release(act: Act, said: Said, reason: str, *, confirm: bool) -> None:
    """The stop or freeze was lifted before its end, for a reason.

    Raises Conflict that warns when the case is open and it was not confirmed.
    """
    rules.check_act(standing(act.freeze), A.RELEASED)
    rules.check_moment(standing(act.freeze), said.at, act.work.now)
    rules.check_release(case_open=act.case.state != CaseState.CLOSED, confirm=confirm)
    act.freeze.warn_at = None
    act.to(A.RELEASED, **_said(said), words=reason)


def give_back(act: Act, said: Said) -> None:
    """Frozen money was returned (返还) to the victim."""
    freeze = act.freeze
    rules.check_act(standing(freeze), A.RETURNED)
    rules.check_moment(standing(freeze), said.at, act.work.now)
    if said.amount is None:
        raise BadInput("how much was returned is missing", field="amount")
    if freeze.held is not None and said.amount > freeze.held:
        raise BadInput(f"it is more than the {freeze.held:.2f} that were held", field="amount")
    freeze.returned, freeze.warn_at = said.amount, None
    act.to(A.RETURNED, **_said(said))


def _freeze(act: Act, what: FreezeAct, said: Said, decision: Decision, zone: ZoneInfo) -> None:
    freeze, before = act.freeze, standing(act.freeze)
    rules.check_act(before, what)
    rules.check_moment(before, said.at, act.work.now)
    rules.check_chief(decision.at, said.at)
    lead = timedelta(seconds=act.stops.warn_freeze_s)
    _run(freeze, rules.freeze_period(before, said.at, said.until, lead, major=decision.major, zone=zone))
    freeze.frozen_at = freeze.frozen_at or said.at
    if said.amount is not None:
        freeze.held = said.amount
    chief = {"chief": decision.chief, "chief_at": decision.at, "major": decision.major}
    act.to(what, **_said(said), until=freeze.until, **chief)


def _check_sendable(act: Act) -> None:
    freeze = act.freeze
    write_facts(freeze, {})  # a draft from before accounts had an index gets it now
    rules.check_complete(freeze.whose, vars(freeze))
    if freeze.account_index is None:
        raise BadInput("it holds neither letters nor digits", field="account")
    if freeze.whose == Whose.SUSPECT:
        check_stops(act.work, freeze)


def _run(freeze: Freeze, period: rules.Period) -> None:
    freeze.since, freeze.until, freeze.warn_at = period.since, period.until, period.warn_at


def _said(said: Said) -> dict[str, Any]:
    return {"at": said.at, "reference": said.reference, "amount": said.amount}
