"""Every text of the console is there in both languages, and is used."""

import re

import pytest

from dispatcher.words import word
from tests.console.families import OF_THE_CENTRE, OF_THE_CONSOLE, OF_THE_SERVICE, WHOLE_KEYS
from tests.console.sources import Sources, read_sources

CHINESE = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
OTHER_LANGUAGE = {"shell.menu.language"}
FAMILIES = {*OF_THE_SERVICE, *OF_THE_CONSOLE, *OF_THE_CENTRE}


@pytest.fixture(scope="module")
def sources() -> Sources:
    return read_sources()


def test_both_languages_have_the_same_keys(sources: Sources) -> None:
    assert sources.texts["zh"].keys() == sources.texts["en"].keys()


def test_a_text_takes_the_same_values_in_both_languages(sources: Sources) -> None:
    zh, en = sources.texts["zh"], sources.texts["en"]
    assert {key for key in zh if values_of(zh[key]) != values_of(en[key])} == set()


def test_no_text_is_empty_and_each_is_in_its_language(sources: Sources) -> None:
    texts = sources.texts
    assert [key for language in texts for key, text in texts[language].items() if not text.strip()] == []
    assert {key for key, text in texts["en"].items() if CHINESE.search(text)} <= OTHER_LANGUAGE


def test_every_key_that_is_asked_for_is_there(sources: Sources) -> None:
    asked = {use.key for use in sources.uses if use.key and "*" not in use.key}
    assert asked
    assert asked - sources.texts["zh"].keys() == set()


def test_every_computed_key_belongs_to_a_family_that_is_known(sources: Sources) -> None:
    asked = {use.key.removesuffix(".*") for use in sources.uses if use.key and "*" in use.key}
    assert asked - FAMILIES == set()
    assert FAMILIES - asked == set(), "nobody asks for these any more"


def test_no_other_key_is_computed(sources: Sources) -> None:
    unknown = {use.file for use in sources.uses if use.key is None}
    assert unknown == WHOLE_KEYS.keys()


@pytest.mark.parametrize("family", OF_THE_SERVICE)
def test_there_are_words_for_every_code_of_the_service_and_for_nothing_else(family: str, sources: Sources) -> None:
    assert members(sources, family) == OF_THE_SERVICE[family]


@pytest.mark.parametrize("family", sorted(OF_THE_CONSOLE))
def test_what_a_family_has_words_for_stands_in_the_sources(family: str, sources: Sources) -> None:
    found = members(sources, family)
    assert found
    assert {member for member in found if not re.search(rf"\b{re.escape(member)}\b", sources.code)} == set()


@pytest.mark.parametrize("family", OF_THE_CENTRE)
def test_the_usual_words_of_the_centre_are_known(family: str, sources: Sources) -> None:
    assert OF_THE_CENTRE[family] - members(sources, family) == set()


def test_every_text_is_used(sources: Sources) -> None:
    asked = {use.key for use in sources.uses}
    families = tuple(f"{family}." for family in FAMILIES)
    quoted = set(re.findall(r"'([A-Za-z][\w.]*\.\w+)'", sources.code))
    unused = {key for key in sources.texts["zh"] if key not in asked | quoted and not key.startswith(families)}
    assert unused == set()


@pytest.mark.parametrize(
    ("family", "group"),
    [
        ("level", "level"),
        ("kind", "kind"),
        ("fraud", "fraud_type"),
        ("disposition", "disposition"),
        ("state", "case"),
        ("offer", "offer"),
        ("channel", "channel"),
        ("result", "result"),
    ],
)
def test_the_screen_says_what_a_text_says(family: str, group: str, sources: Sources) -> None:
    told = {
        (key, lang): sources.texts[lang][f"{family}.{key}"]
        for key in members(sources, family)
        for lang in sources.texts
    }
    meant = {(key, lang): word(group, key, lang) for key, lang in told}
    assert {at: text.lower() for at, text in told.items()} == {at: text.lower() for at, text in meant.items()}


def members(sources: Sources, family: str) -> set[str]:
    """What the family has words for; `case.event` has dots in its members."""
    return {key.removeprefix(f"{family}.") for key in sources.texts["zh"] if key.startswith(f"{family}.")}


def values_of(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))
