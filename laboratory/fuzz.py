"""Coverage-guided bytes for the three readers of strangers' words: `python -m laboratory.fuzz sms --seconds 60`.

A process for each: the fuzzer takes it over and ends it, with 0 when nothing was found, else with the input printed
and kept in a file `crash-…`. Linux on x86_64 only, where atheris has wheels.
"""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]
import typer

from dispatcher.errors import BadInput

with atheris.instrument_imports(include=["dispatcher"]):
    from dispatcher.codes import is_code
    from dispatcher.intake.order import read_order
    from dispatcher.roster.person import read_person
    from dispatcher.roster.reading import parse_roster
    from dispatcher.tracking.grammar import Reply, Unclear, parse

_LONGEST = 4096


def sms(content: bytes) -> None:
    """A text is a reply that means the same when it is typed properly, or it is unclear."""
    found = parse(content.decode(errors="replace"))
    if isinstance(found, Unclear):
        return
    assert found.digit in range(1, 10)
    assert found.code is None or is_code(found.code)
    assert parse(f"{found.digit}{found.code or ''}") == Reply(found.digit, found.code)


def order(content: bytes) -> None:
    """A body is an order that can be kept, or one refusal that names a field."""
    try:
        found = read_order(content.decode(errors="replace"))
    except BadInput as refused:
        assert refused.field
        return
    assert json.dumps(found.data, allow_nan=False).encode()


def roster(content: bytes) -> None:
    """A file is rows, each a person or a list of what is wrong with it, or one refusal on one line."""
    try:
        rows = parse_roster(content).rows
    except BadInput as refused:
        assert "\n" not in str(refused)
        return
    for row in rows:
        assert read_person(row)


TARGETS: Mapping[str, Callable[[bytes], None]] = {"sms": sms, "order": order, "roster": roster}
SEEDS: Mapping[str, tuple[bytes, ...]] = {
    "sms": (b"1K73", "３k73".encode(), b"k73 4"),
    "order": (
        b'{"type": "alert.withdrawn", "timestamp": "2026-04-29T08:00:00Z", "data": {"alert_no": "A", "reason": "r"}}',
        b'{"type": "alert.raised", "data": {"alert_no": "A", "resident": {"phone": "+8613800000000"}}}',
        b'{"type": "alert.raised", "data": {"alert_no": "B", "money": {"at_risk": "1.00"}, "level": "high"}}',
    ),
    "roster": ("name,phone,station,lon,lat\n陈,13800000000,440306-LT,113.8,22.5\n".encode(), b"PK\x03\x04"),
}
"""Where the search begins."""


def main(
    target: Annotated[str, typer.Argument(help="sms, order or roster")],
    seconds: Annotated[int, typer.Option(help="how long")] = 60,
    corpus: Annotated[Path, typer.Option(help="what was found to reach new lines is kept here")] = Path("var/fuzz"),
) -> None:
    """Throw bytes at one reader."""
    folder = corpus / target
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[target]):
        (folder / f"seed-{number}").write_bytes(seed)
    options = [f"-max_total_time={seconds}", f"-max_len={_LONGEST}", f"-artifact_prefix={corpus}/", str(folder)]
    atheris.Setup([sys.argv[0], *options], TARGETS[target])
    atheris.Fuzz()


if __name__ == "__main__":
    typer.run(main)
