"""The kinds of events that consoles are told, read off the calls that write them."""

import ast
from collections.abc import Iterator
from pathlib import Path

from dispatcher.lifecycle import OfferState

ROOT = Path(__file__).parents[2]
_WRITERS = {"emit", "emit_case", "_emit", "_tell"}


def event_kinds() -> set[str]:
    """Every kind there is; `f"offer.{state}"` stands for all states of an offer."""
    files = [file for part in ("dispatcher", "web", "workers") for file in (ROOT / part).rglob("*.py")]
    return {kind for file in files if "node_modules" not in file.parts for kind in _kinds_in(file)}


def _kinds_in(file: Path) -> Iterator[str]:
    tree = ast.parse(file.read_text())
    named = {name: value for node in tree.body for name, value in _constant(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in _WRITERS:
            for argument in node.args:
                yield from _kinds(named.get(_name(argument), argument))


def _constant(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """A name that the module gives to one value."""
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
        yield from ((target.id, node.value) for target in node.targets if isinstance(target, ast.Name))


def _kinds(argument: ast.expr) -> Iterator[str]:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and "." in argument.value:
        yield argument.value
    if isinstance(argument, ast.JoinedStr) and isinstance(argument.values[0], ast.Constant):
        head = str(argument.values[0].value)
        assert head == "offer.", f"a computed kind of event that nobody foresaw: {head}"
        yield from (f"{head}{state.value}" for state in OfferState)


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
