"""A station's policy as a file: YAML, of which JSON is a part; every mistake is named with its line.

Words mean what they say: `no` is a word and 22:30 no number, as in JSON; aliases, tags and repeated names are refused.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml
from pydantic import ValidationError

from dispatcher.errors import BadInput
from dispatcher.policy import DEFAULT_POLICY, Policy, laid_over

MOST_CHARACTERS: Final = 64 * 1024
_DEEPEST: Final = 20
_KEY: Final = "[key]"
_PLAIN: Final[Mapping[str, Callable[[str], Any]]] = {
    "tag:yaml.org,2002:null": lambda _: None,
    "tag:yaml.org,2002:bool": lambda text: text == "true",
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
    "tag:yaml.org,2002:str": str,
}

Path = tuple[str, ...]


@dataclass(frozen=True, order=True)
class Mistake:
    """What is wrong, at which line of the file (from 1), with which value (`levels.high.wave`)."""

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        named = f"{self.field}: " if self.field else ""
        return f"line {self.line}: {named}{self.message}"


class Mistakes(BadInput):
    """Everything that is wrong with a policy file, in order of lines."""

    def __init__(self, found: list[Mistake]) -> None:
        super().__init__("; ".join(map(str, found)), field=found[0].field or None)
        self.found = found


class _Loader(yaml.SafeLoader):
    """Plain words are what JSON knows: null, true, false, numbers; all else is text."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  # as its base has it


for _tag, _pattern, _first in (
    ("null", r"null|~|", ["n", "~", ""]),
    ("bool", r"true|false", list("tf")),
    ("int", r"-?(?:0|[1-9][0-9]{0,17})", list("-0123456789")),
    ("float", r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,2})?", list("-0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})$"), _first)


@dataclass
class _Reading:
    """What was read so far: the line of each name, and mistakes."""

    lines: dict[Path, int] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def wrong(self, node: yaml.Node, path: Path, message: str) -> None:
        """Note a mistake at this node."""
        self.mistakes.append(Mistake(node.start_mark.line + 1, ".".join(path), message))

    def value(self, node: yaml.Node, path: Path) -> Any:
        """The node's value; what is refused is None."""
        if len(path) > _DEEPEST:
            self.wrong(node, path[:3], "too deep")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(one, path) for one in node.value]
        return _PLAIN[node.tag](node.value)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.wrong(key, path, "a name must be a word")
                continue
            below = (*path, key.value)
            if key.value in found:
                self.wrong(key, below, f"is there twice, first in line {self.lines[below]}")
                continue
            self.lines[below] = key.start_mark.line + 1
            found[key.value] = self.value(value, below)
        return found


def read_policy_file(content: bytes) -> dict[str, Any]:
    """The values of a file that is a policy when laid over the defaults. Raises Mistakes with all that is wrong."""
    node = _composed(_text(content))
    reading = _Reading()
    if node is None:
        return {}
    found = reading.value(node, ())
    if not isinstance(found, dict):
        reading.mistakes.insert(0, Mistake(node.start_mark.line + 1, "", "names with values are wanted here"))
    elif not reading.mistakes:
        reading.mistakes += _invalid(found, reading.lines)
    if reading.mistakes:
        raise Mistakes(sorted(reading.mistakes))
    return dict(found)


def _text(content: bytes) -> str:
    if len(content) > MOST_CHARACTERS:
        raise Mistakes([Mistake(1, "", f"longer than {MOST_CHARACTERS} bytes")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Mistakes([Mistake(line, "", "not UTF-8")]) from None


def _composed(text: str) -> yaml.Node | None:
    try:
        for event in yaml.parse(text, _Loader):
            if isinstance(event, yaml.AliasEvent):
                raise Mistakes([Mistake(_number(event.start_mark), "", "aliases have no place here")])
            if getattr(event, "tag", None):
                raise Mistakes([Mistake(_number(event.start_mark), "", "tags have no place here")])
        return yaml.compose(text, _Loader)
    except yaml.MarkedYAMLError as error:
        line = _number(error.problem_mark or error.context_mark)
        raise Mistakes([Mistake(line, "", error.problem or "cannot be read")]) from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise Mistakes([Mistake(line, "", "a character that has no place in a text")]) from None
    except RecursionError:
        raise Mistakes([Mistake(1, "", "too deep")]) from None


def _number(mark: Any) -> int:
    """The line of a place in the text, from 1."""
    return int(mark.line) + 1 if mark else 1


def _invalid(found: Mapping[str, Any], lines: Mapping[Path, int]) -> Iterator[Mistake]:
    whole = laid_over(DEFAULT_POLICY.model_dump(mode="json"), found)
    try:
        Policy.model_validate_json(json.dumps(whole), strict=True)
    except ValidationError as error:
        faults = error.errors(include_url=False)
    else:
        return
    unknown = {_path(fault["loc"]) for fault in faults if fault["loc"][-1] == _KEY}
    for fault in faults:
        path = _path(fault["loc"])
        if fault["type"] == "alike":
            yield from _alike(fault["ctx"]["pairs"], lines)
            continue
        if path not in unknown and any(path[: len(one)] == one for one in unknown):
            continue  # what is missing below a name that should not be there
        yield Mistake(_line(path, lines), ".".join(path), _said(path, fault, unknown))


def _alike(pairs: Iterable[tuple[str, str]], lines: Mapping[Path, int]) -> Iterator[Mistake]:
    """Each pair at what the file says; the other of the two may be a default, which no line of it holds."""
    for pair in pairs:
        paths: list[Path] = [("levels", *one.split(".")) for one in pair]
        here = max(paths, key=lambda path: lines.get(path, 0))
        other = next(path for path in paths if path != here)
        yield Mistake(_line(here, lines), ".".join(here), f"the same as {'.'.join(other)}: levels must be told apart")


def _path(loc: tuple[int | str, ...]) -> Path:
    return tuple(str(part) for part in loc if part != _KEY)


def _line(path: Path, lines: Mapping[Path, int]) -> int:
    """Of the name itself, or of the nearest one above it that the file has."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _said(path: Path, fault: Any, unknown: set[Path]) -> str:
    if path not in unknown and fault["type"] != "extra_forbidden":
        return str(fault["msg"])
    known: Any = DEFAULT_POLICY.model_dump(mode="json")
    for part in path[:-1]:
        known = known.get(part, {})
    return f"there is no such value; there are {', '.join(known)}"


def changes(before: Policy, after: Policy) -> list[str]:
    """What differs, a line each: `levels.high.wave: 1 → 3`."""
    old, new = (dict(_flat(one.model_dump(mode="json"))) for one in (before, after))
    names = [*old, *(name for name in new if name not in old)]
    return [f"{name}: {_shown(old, name)} → {_shown(new, name)}" for name in names if old.get(name) != new.get(name)]


def _flat(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _shown(values: Mapping[str, Any], name: str) -> str:
    return json.dumps(values[name], ensure_ascii=False) if name in values else "-"
