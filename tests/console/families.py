"""Texts whose keys are computed: each family with the codes it must have words for, no more and no fewer."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from dispatcher.lifecycle import CaseState, Disposition, FreezeState, MessageState, OfferState
from dispatcher.messaging.texts import Template
from dispatcher.model import (
    AlarmKind,
    AskedBy,
    Channel,
    ContactResult,
    DeadlineWhat,
    Flag,
    Level,
    PositionSource,
    Role,
    VolunteerKind,
    Whose,
)
from dispatcher.words import FRAUD_TYPES_BY_YEAR
from tests.console.event_kinds import event_kinds

_UNSAID = {"text.received", "text.handled", "volunteer.changed", "alarm.acknowledged", "offer.sent", "offer.delivered"}
"""Kinds of events that stand in no case's timeline: they are about no case, or the thread of texts shows them."""
_FOR_THE_OFFICER = {"unclear", "old_code", "stranger"}


def _codes(kinds: Iterable[StrEnum]) -> set[str]:
    return {kind.value for kind in kinds}


OF_THE_SERVICE: Mapping[str, set[str]] = {
    "alarm": _codes(AlarmKind),
    "alarms.todo": _codes(AlarmKind),
    "askedBy": _codes(AskedBy),
    "case.close.says": _codes(Disposition),
    "case.event": event_kinds() - _UNSAID,
    "case.flag": _codes(Flag),
    "case.texts.outcome": {"done", "duty", "too_late"} | _FOR_THE_OFFICER,
    "case.texts.template": _codes(Template),
    "channel": _codes(Channel),
    "deadline": _codes(DeadlineWhat),
    "disposition": _codes(Disposition),
    "flag": _codes(Flag),
    "fraud": {code for year in FRAUD_TYPES_BY_YEAR.values() for code in year},
    "freeze": _codes(FreezeState),
    "inbox.outcome": _FOR_THE_OFFICER,
    "inbox.todo": _FOR_THE_OFFICER,
    "kind": {"fund", "contact"},
    "level": _codes(Level),
    "map.letter": _codes(Level),
    "message": _codes(MessageState),
    "offer": _codes(OfferState),
    "person": _codes(VolunteerKind),
    "positionSource": _codes(PositionSource),
    "result": _codes(ContactResult),
    "role": _codes(Role),
    "state": _codes(CaseState),
    "whose": _codes(Whose),
}
"""Codes that the service sends."""

OF_THE_CONSOLE = {
    "case.ask.busy",
    "case.close.doubt",
    "case.earlier.same",
    "case.freeze.act",
    "case.freeze.fault",
    "case.freeze.field",
    "case.money.sum",
    "case.recall.reason",
    "case.refused",
    "case.reopen.reason",
    "case.timeline.group",
    "case.unmask.reason",
    "map.age",
    "map.band",
    "map.layers",
    "map.list",
    "people.column",
    "people.doing",
    "people.position",
    "people.shift",
    "people.who",
    "queue.about",
    "queue.filter",
    "records.column",
    "shell.nav",
}
"""Codes of the console's own: each must stand in its sources. One without words is said by the page that asks for it."""

OF_THE_CENTRE: Mapping[str, set[str]] = {
    "relation": {"husband", "wife", "father", "mother", "son", "daughter", "brother", "sister", "sibling"},
}
"""Free text from outside: the usual ones have words, anything else is shown as it came."""

WHOLE_KEYS = {
    "src/case/TimelineCard.vue": "one of the families of the service",
    "src/parts/KeysDialog.vue": "keys.ts has them in full",
}
"""Files that ask for keys which stand elsewhere."""
