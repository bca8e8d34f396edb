"""Every text of the pages for phones is there in both languages, and is used; nothing is asked for that is not there."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from dispatcher.model import VolunteerKind
from web.resident import wording as resident
from web.resident.rendering import Answer
from web.volunteer import frame, wording
from web.volunteer.routes import ACTS

WEB = Path(frame.__file__).parents[1]
CHINESE = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
FRAME, TASK, CHECK = frame._WORDS, wording.wording, resident.wording

OWN: Mapping[str, set[str]] = {
    "volunteer": set(TASK("zh")) - set(FRAME),
    "resident": set(CHECK("zh")) - set(FRAME),
}
COMPUTED: Mapping[str, set[str]] = {
    "volunteer": {f"said_{act}" for act in ACTS} | {"asked", "on_the_way", "at_the_door", "over"},
    "resident": {answer.value for answer in Answer} | {"no_means", "too_many_means"},
}
"""Keys that are put together: what was just done, the stage of the task, the answer to a code."""


@pytest.mark.parametrize("words", [TASK, CHECK], ids=["task", "check"])
def test_both_languages_say_the_same_with_the_same_values(words: Callable[[str], Mapping[str, str]]) -> None:
    zh, en = words("zh"), words("en")
    assert zh.keys() == en.keys()
    assert [key for key in zh if not zh[key].strip() or not en[key].strip()] == []
    assert {key for key in zh if values_of(zh[key]) != values_of(en[key])} == set()
    assert {key for key in en if CHINESE.search(en[key])} <= {"other_language"}


@pytest.mark.parametrize("page", OWN)
def test_what_a_page_asks_for_is_there_and_what_is_there_is_asked_for(page: str) -> None:
    asked = asked_for(WEB / page) | COMPUTED[page] | {"title"}  # by the frame, of each page
    assert asked - OWN[page] - set(FRAME) == set()
    assert OWN[page] - asked == set(), "nobody asks for these"


def test_the_words_of_the_frame_are_used() -> None:
    assert set(FRAME) - asked_for(WEB / "volunteer") - asked_for(WEB / "resident") == set()


def test_there_is_a_word_for_every_kind_of_person() -> None:
    assert wording._KINDS.keys() == {kind.value for kind in VolunteerKind}
    assert all(zh and en and not CHINESE.search(en) for zh, en in wording._KINDS.values())


def asked_for(folder: Path) -> set[str]:
    """Keys that the templates and the code of a page name: `words.x`, `words["x"]`."""
    templates = {key for file in folder.glob("*.html") for key in _in_template(file)}
    code = {key for file in folder.glob("*.py") for key in _in_code(file)}
    return templates | code


def _in_template(file: Path) -> Iterator[str]:
    tree = Environment(autoescape=True).parse(file.read_text())
    for named in tree.find_all(nodes.Getattr):
        if isinstance(named.node, nodes.Name) and named.node.name == "words":
            yield named.attr
    for looked_up in tree.find_all(nodes.Getitem):
        if isinstance(looked_up.node, nodes.Name) and looked_up.node.name == "words":
            yield from (str(key.value) for key in [looked_up.arg] if isinstance(key, nodes.Const))


def _in_code(file: Path) -> Iterator[str]:
    """`words["x"]`, `wording(lang)["x"]`, and `words["x" if … else "y"]`."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Subscript) and re.match(r"words$|wording\(", ast.unparse(node.value)):
            keys = [node.slice.body, node.slice.orelse] if isinstance(node.slice, ast.IfExp) else [node.slice]
            yield from (str(key.value) for key in keys if isinstance(key, ast.Constant))


def values_of(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))
