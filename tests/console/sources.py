"""What the console's sources say: its texts in both languages, and how they are asked for."""

import json
import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tools.node import CONSOLE, environment, find_node

SCRIPT = Path(__file__).parent / "texts.mjs"


@dataclass(frozen=True)
class Use:
    """One place that asks for a text: for a key, for a family (`level.*`), or (None) for nobody knows what."""

    file: str
    key: str | None
    code: str


@dataclass(frozen=True)
class Sources:
    """All texts by language and key, all uses, and the sources as one text."""

    texts: dict[str, dict[str, str]] = field(repr=False)
    uses: tuple[Use, ...] = field(repr=False)
    code: str = field(repr=False)


@cache
def read_sources() -> Sources:
    """Run the script that reads them with the tools they are built with."""
    node = find_node()
    done = subprocess.run(
        [str(node.folder / "node"), str(SCRIPT)],
        cwd=CONSOLE,
        env=environment(node),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    return Sources(found["texts"], tuple(Use(**use) for use in found["uses"]), found["words"])
