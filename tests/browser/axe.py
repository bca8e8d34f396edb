"""What axe-core finds wrong with a page for people who cannot see, hear or move well."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SCRIPT = Path(__file__).parents[2] / "web" / "console" / "node_modules" / "axe-core" / "axe.min.js"


def violations(page: Page) -> list[str]:
    """One line for each element that breaks a rule, best practices too. The page's security policy stays as it is."""
    page.evaluate(_script())
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{broken['id']}: {' '.join(str(part) for part in node['target'])}: {_why(node)}"
        for broken in found["violations"]
        for node in broken["nodes"]
    ]


@cache
def _script() -> str:
    return SCRIPT.read_text()


def _why(node: dict[str, Any]) -> str:
    return " ".join(str(node.get("failureSummary", "")).split())
