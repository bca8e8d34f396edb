"""What the pages for phones share: the frame around them, their headers, their language, and who may post to them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from web.origin import check_origin
from web.services import Services, services

HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
}

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "brand": ("蓝马甲", "Blue vest"),
    "other_language": ("English", "中文"),
    "simulated": ("模拟演练，不是真实警情", "Simulation: not a real case"),
    "urgent": ("有急事请打110", "Urgent: call 110"),
}

Words = Mapping[str, tuple[str, str]]
Context = Annotated[Services, Depends(services)]


def environment(*folders: Path) -> Environment:
    """Templates of the folders and the frame; every value is escaped, and one that is missing is an error."""
    return Environment(
        loader=FileSystemLoader([*folders, Path(__file__).parent]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def spoken(words: Words, lang: str) -> dict[str, str]:
    """The frame's words and the page's own in one language: "en", else Chinese."""
    column = 1 if lang == "en" else 0
    return {key: pair[column] for key, pair in {**_WORDS, **words}.items()}


def language(asked: str | None) -> str:
    """The language asked for; Chinese for anything but "en"."""
    return "en" if asked == "en" else "zh"


def framed(lang: str, words: Mapping[str, str], *, simulated: bool) -> dict[str, Any]:
    """What the frame itself needs of every page."""
    return {"lang": lang, "words": words, "simulated": simulated}


def own_page(request: Request, context: Context) -> None:
    """What acts comes from our own page, as far as browsers say so; the token is what gives the right to act.

    Our pages say no-referrer, and a browser then sends the Origin of its forms as "null" (Fetch standard, §3.2).
    Raises NotAllowed.
    """
    if request.headers.get("origin") == "null" and request.headers.get("sec-fetch-site") in {None, "same-origin"}:
        return
    check_origin(request.headers, context.settings)
