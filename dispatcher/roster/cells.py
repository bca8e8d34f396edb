"""Single cells of a roster: what each column may hold. Every reader raises ValueError with what is wrong."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Final

from dispatcher.geo.coordinates import Crs
from dispatcher.model import Means, VolunteerKind
from dispatcher.protection.phones import normalise_phone

_LONGEST = 200
_LONGEST_NAME = 80
_MOST_SKILLS = 20
_FORMULA_STARTS = frozenset("=+-@")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_WHOLE = re.compile(r"([0-9]+)\.0+")
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]+")
_SPREADSHEET_ERROR = re.compile(r"#(N/A|REF!|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA)")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

_KINDS: Final[Mapping[str, VolunteerKind]] = {
    **{kind.value: kind for kind in VolunteerKind},
    "蓝马甲": VolunteerKind.VEST,
    "蓝马甲队员": VolunteerKind.VEST,
    "网格员": VolunteerKind.GRID_WORKER,
    "辅警": VolunteerKind.AUXILIARY,
    "民警": VolunteerKind.POLICE,
    "保安": VolunteerKind.GUARD,
}
_MEANS: Final[Mapping[str, Means]] = {
    **{means.value: means for means in Means},
    "": Means.WALK,
    "步行": Means.WALK,
    "自行车": Means.BIKE,
    "电动车": Means.BIKE,
    "骑车": Means.BIKE,
    "汽车": Means.CAR,
    "摩托车": Means.CAR,
    "开车": Means.CAR,
}
_TRUTHS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("true", "1", "是"), True),
    **dict.fromkeys(("false", "0", "否", ""), False),
}


def clean(raw: str) -> str:
    """The cell without the spaces around it; no formula, spreadsheet error, unseen character or novel.

    A text that a spreadsheet would run when this roster is exported again counts as a formula (OWASP: CSV
    injection); phone numbers and other numbers may begin with a sign or a tab.
    """
    text = raw.strip()
    if not text:
        return text
    if len(text) > _LONGEST:
        raise ValueError(f"longer than {_LONGEST} characters")
    for character in text:
        if unicodedata.category(character) in _UNSEEN:
            raise ValueError(f"holds the unseen character U+{ord(character):04X}")
    if _SPREADSHEET_ERROR.fullmatch(text):
        raise ValueError(f"the spreadsheet shows the error {text}")
    suspicious = raw[0] == "\t" or unicodedata.normalize("NFKC", text[0]) in _FORMULA_STARTS
    if suspicious and not _NUMBER.fullmatch(text) and normalise_phone(text) is None:
        what = "a tab" if raw[0] == "\t" else text[0]
        raise ValueError(f"a formula, or a text that begins like one ({what}): write its result")
    return text


def read_name(text: str) -> str:
    """A person's name, also a team's: 80 characters at most."""
    if len(text) > _LONGEST_NAME:
        raise ValueError(f"longer than {_LONGEST_NAME} characters")
    return text


def read_phone(text: str) -> str:
    """A phone number in E.164, also when a spreadsheet has made a number of it."""
    if _SCIENTIFIC.fullmatch(text):
        raise ValueError(f"{text} is a number the spreadsheet cut short: format the column as text")
    whole = _WHOLE.fullmatch(text)
    phone = normalise_phone(whole[1] if whole else text)
    if phone is None:
        raise ValueError("not a phone number")
    return phone


def read_kind(text: str) -> VolunteerKind:
    """Who the person is, by the contract's word or the Chinese one; empty is a blue vest."""
    if not text:
        return VolunteerKind.VEST
    kind = _KINDS.get(text.lower().replace(" ", "_"))
    if kind is None:
        raise ValueError(f"{text!r} is none of {', '.join(VolunteerKind)}")
    return kind


def read_means(text: str) -> Means:
    """How the person travels, by the word of the code or a Chinese one; empty is on foot."""
    means = _MEANS.get(text.lower())
    if means is None:
        raise ValueError(f"{text!r} is none of {', '.join(Means)}")
    return means


def read_skills(text: str) -> list[str]:
    """Words between semicolons, each once."""
    skills = list(dict.fromkeys(word.strip() for word in re.split("[;；]", text) if word.strip()))
    if len(skills) > _MOST_SKILLS:
        raise ValueError(f"more than {_MOST_SKILLS} skills")
    return skills


def read_truth(text: str) -> bool:
    """true, false, 1, 0, 是, 否; empty is false."""
    truth = _TRUTHS.get(text.lower())
    if truth is None:
        raise ValueError(f"{text!r} is none of true, false, 1, 0, 是, 否")
    return truth


def read_degrees(text: str) -> float:
    """A number of degrees; whether it lies on the globe is for the pair to say."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is not a number of degrees")
    return float(text)


def read_crs(text: str) -> Crs:
    """A coordinate system, with or without a hyphen, in any case."""
    plain = text.lower().replace("-", "")
    if plain not in set(Crs):
        raise ValueError(f"{text!r} is none of {', '.join(Crs)}")
    return Crs(plain)


READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "kind": read_kind,
    "means": read_means,
    "team": lambda text: read_name(text) or None,
    "skills": read_skills,
    "on_duty": read_truth,
}
"""Columns that mean the same in every row, by the name they have in the model too."""
