"""The resident's page as HTML: numbers to call, a form for the code, and the answer; no resident is named in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from markupsafe import Markup

from dispatcher.checks import Visit
from dispatcher.model import Place
from dispatcher.protection.masking import mask_name
from dispatcher.protection.phones import as_dialled
from web.resident.wording import wording
from web.volunteer.frame import environment, framed
from web.volunteer.wording import kind_word

_templates = environment(Path(__file__).parent)
_SHOWN_AT_ONCE = 3


class Answer(StrEnum):
    """What became of a code; the two refusals say the same of every code."""

    YES = "yes"
    NO = "no"
    TOO_MANY = "too_many"


@dataclass(frozen=True)
class Number:
    """A station's published number, as it is dialled and as it is read."""

    station: str
    phone: str
    shown: str


def numbers(stations: Sequence[Place], lang: str) -> list[Number]:
    """The published numbers of the stations that have one."""
    return [
        Number(_name(station, lang), station.phone, as_dialled(station.phone)) for station in stations if station.phone
    ]


def check_page(
    stations: Sequence[Place],
    lang: str,
    *,
    simulated: bool,
    answer: Answer | None = None,
    sent: Markup | None = None,
) -> str:
    """The page; with the answer on top once a code was asked for. `sent` is the sentence of a yes."""
    listed = numbers(stations, lang)
    return _templates.get_template("check.html").render(
        answer=answer,
        sent=sent,
        first=listed[:_SHOWN_AT_ONCE],
        more=listed[_SHOWN_AT_ONCE:],
        **framed(lang, wording(lang), simulated=simulated),
    )


def sentence(visit: Visit, now: datetime, zone: ZoneInfo, lang: str) -> Markup:
    """Who was sent, by whom, when and into which community: all that anybody with the code may know."""
    words = wording(lang)
    said = words["sent" if visit.community else "sent_nowhere"]
    return Markup(said).format(  # noqa: S704  # our own words; `format` escapes what goes into them
        station=_name(visit.station, lang),
        kind=kind_word(visit.volunteer.kind.value, lang),
        name=Markup('<span class="one">{}</span>').format(mask_name(visit.volunteer.name)),
        at=_clock(visit.accepted_at.astimezone(zone), now.astimezone(zone)),
        community=_name(visit.community, lang) if visit.community else "",
    )


def _clock(at: datetime, now: datetime) -> str:
    """16:05, and the day before it when that was not today."""
    return f"{at:%H:%M}" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M}"


def _name(place: Place, lang: str) -> str:
    return (place.name_en or place.name) if lang == "en" else place.name
