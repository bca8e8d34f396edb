"""Finds the Chromium that the browser tests and the screenshots run in, or gets one.

In this order: BLUEVEST_BROWSER; the system's; Debian's package, only as root and with BLUEVEST_INSTALL_BROWSER=1; one
that Playwright puts into .venv/browsers. What is missing is said in one line, and is a failure.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-noto-cjk")
LOCAL = Path(sys.prefix) / "browsers"
MISSING = f"no Chromium: install it (Debian: apt-get install {' '.join(PACKAGES)}), or name one in BLUEVEST_BROWSER"
NO_FONTS = "no Chinese fonts: install them (Debian: apt-get install fonts-noto-cjk)"
_DOWNLOAD_S = 300
_APT_S = 600


class NoBrowser(Exception):
    """There is no Chromium; the text is one line that says what to install."""


def find_chromium() -> str:
    """The path of a Chromium that runs. Raises NoBrowser."""
    named = os.environ.get("BLUEVEST_BROWSER")
    if named:
        path = shutil.which(named)
        if path is None or not runs(path):
            raise NoBrowser(f"BLUEVEST_BROWSER={named} is no Chromium that runs here")
        return path
    for candidate in candidates():
        if runs(candidate):
            return candidate
    raise NoBrowser(MISSING)


def candidates() -> Iterator[str]:
    """The system's, then the project's own, newest first."""
    yield from (found for found in map(shutil.which, NAMES) if found)
    for pattern in ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/**/Chromium"):
        yield from (str(found) for found in sorted(LOCAL.glob(pattern), reverse=True))


def runs(path: str) -> bool:
    """Whether it starts at all: a stub that asks for a package, or one without its libraries, does not."""
    return quiet([path, "--version"], 60)


def has_chinese_fonts() -> bool:
    """Whether some font here has Chinese characters."""
    try:
        found = subprocess.run(
            ["fc-list", ":lang=zh", "family"], capture_output=True, text=True, timeout=60, check=False
        )
    except OSError:
        return False
    return bool(found.stdout.strip())


def prepare() -> str:
    """The path of a Chromium that runs, got first where that is allowed. Raises NoBrowser."""
    if may_install() and not (has_chinese_fonts() and any(map(runs, candidates()))):
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        quiet(["apt-get", "update", "-qq"], _APT_S, env)
        quiet(["apt-get", "install", "-qq", "--yes", "--no-install-recommends", *PACKAGES], _APT_S, env)
    try:
        return find_chromium()
    except NoBrowser:
        if os.environ.get("BLUEVEST_BROWSER"):
            raise
    env = {**os.environ, "PLAYWRIGHT_BROWSERS_PATH": str(LOCAL)}
    quiet([sys.executable, "-m", "playwright", "install", "chromium"], _DOWNLOAD_S, env)
    return find_chromium()


def may_install() -> bool:
    """Whether Debian's packages may be installed: asked for, as root, and there is apt."""
    asked = os.environ.get("BLUEVEST_INSTALL_BROWSER") == "1"
    return asked and os.geteuid() == 0 and shutil.which("apt-get") is not None


def quiet(command: Sequence[str], patience_s: float, env: dict[str, str] | None = None) -> bool:
    """Whether the command ran to a good end; what it said is dropped."""
    try:
        done = subprocess.run(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=patience_s,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def main() -> int:
    """0 and the path, or 1 and one line on stderr."""
    try:
        path = prepare()
    except NoBrowser as error:
        print(f"browser: {error}", file=sys.stderr)
        return 1
    note = "" if has_chinese_fonts() else f"; {NO_FONTS}"
    print(f"browser: {path}{note}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
