"""What a station calls the levels and which colour each has: they differ by city (field guide §2)."""

import unicodedata
from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import combinations
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from dispatcher.model.case import Level
from dispatcher.words import word

LONGEST_ZH: Final = 8
LONGEST_EN: Final = 16


class Colour(StrEnum):
    """The palette: every screen has a readable shade of each, by day and by night."""

    PURPLE = "purple"
    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"
    GREEN = "green"
    GREY = "grey"


def _plain(name: str) -> str:
    """A name stands in a text, in a button and beside a mark: on one line, and seen whole wherever it stands.

    The brackets are what carriers take for the sender's signature.
    """
    if any(unicodedata.category(letter)[0] == "C" or unicodedata.category(letter) in {"Zl", "Zp"} for letter in name):
        raise PydanticCustomError("control", "must not hold control or invisible characters")
    if set(name) & set("【】"):
        raise PydanticCustomError("signature", "must not hold the brackets of a signature")
    return name


class LevelName(BaseModel):
    """What a station calls one level."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_ZH), AfterValidator(_plain)
    ]
    en: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_EN), AfterValidator(_plain)
    ]

    def spoken(self, lang: str) -> str:
        """In one language: "en", else Chinese."""
        return self.en if lang == "en" else self.zh


class LevelLook(BaseModel):
    """One level as a station has it on its screens; its name always stands beside its colour."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: LevelName
    colour: Colour = Field(description="one of the palette; no two levels of a station share one")


def usual_name(level: Level) -> LevelName:
    """What a level is called where the station says nothing."""
    return LevelName(zh=word("level", level, "zh"), en=word("level", level, "en").capitalize())


USUAL_LOOKS: Final[Mapping[Level, LevelLook]] = {
    level: LevelLook(name=usual_name(level), colour=colour)
    for level, colour in zip(Level, (Colour.PURPLE, Colour.RED, Colour.YELLOW, Colour.BLUE), strict=True)
}
"""Names and colours where the station says nothing."""


def own_word(looks: Mapping[Level, LevelLook], level: Level, lang: str) -> str | None:
    """The station's word for the level; None when all its words are the usual ones.

    Those a text has in its own letters: in English, capitals. A station's words stand everywhere as it wrote them.
    """
    if all(look.name.spoken(lang) == usual_name(one).spoken(lang) for one, look in looks.items()):
        return None
    return looks[level].name.spoken(lang)


def level_word(looks: Mapping[Level, LevelLook], level: Level, lang: str) -> str:
    """The word for the level in what a volunteer reads, text and page alike."""
    return own_word(looks, level, lang) or word("level", level, lang)


def alike(looks: Mapping[Level, LevelLook]) -> Iterator[tuple[Level, Level, str]]:
    """Pairs of levels that nobody could tell apart, and by what: `name.zh`, `name.en` or `colour`."""
    for one, other in combinations(looks, 2):
        for what in ("name.zh", "name.en", "colour"):
            if _told_by(looks[one], what) == _told_by(looks[other], what):
                yield one, other, what


def _told_by(look: LevelLook, what: str) -> str:
    """As the eye sees it: full width and capitals make no other word."""
    said = {"name.zh": look.name.zh, "name.en": look.name.en, "colour": look.colour.value}[what]
    return unicodedata.normalize("NFKC", said).casefold()
