"""The colours that stations choose from for their levels: the same on every screen, and readable in both themes."""

import re
from pathlib import Path

import pytest

from dispatcher.levels import USUAL_LOOKS, Colour
from tests.console.event_kinds import ROOT

CONSOLE = ROOT / "web/console/src/styles/base.css"
PAGE = ROOT / "web/volunteer/volunteer.css"
ENOUGH = 4.5
ON_PAGE = {Colour.RED: "red-level", Colour.BLUE: "blue-level"}  # plain red and blue are the page's own buttons


def theme(sheet: Path, dark: bool) -> dict[str, str]:
    """The colours by name that hold by day, or by night."""
    blocks = re.findall(r"(?:^:root|^html\.dark|^ +:root) \{(.*?)\}", sheet.read_text(), re.DOTALL | re.MULTILINE)
    found: list[dict[str, str]] = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block)) for block in blocks]
    assert len(found) == 2
    return {
        name: value if len(value) > 4 else "#" + "".join(2 * one for one in value[1:])
        for name, value in found[dark].items()
    }


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, brighter = sorted((luminance(one), luminance(other)))
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("colour", Colour)
def test_a_level_can_be_read_in_its_colour(colour: Colour, dark: bool) -> None:
    """As the ground of its name; on the map also as a letter on what is behind it."""
    console, page = theme(CONSOLE, dark), theme(PAGE, dark)
    for ground in ("on-level", "surface", "raised", "chosen"):
        assert contrast(console[colour], console[ground]) >= ENOUGH, ground
    here = page[ON_PAGE.get(colour, colour)]
    assert contrast(here, page["on-level"]) >= ENOUGH
    assert here == console[colour], "the page and the console show the same"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_two_colours_are_one(dark: bool) -> None:
    colours = theme(CONSOLE, dark)
    assert len({colours[colour] for colour in Colour}) == len(Colour)


def test_every_colour_of_a_policy_has_its_class_and_its_name_in_the_console() -> None:
    sheet, page = CONSOLE.read_text(), PAGE.read_text()
    palette = (ROOT / "web/console/src/map/palette.ts").read_text()
    for colour in Colour:
        assert f".level-{colour} {{ --level: var(--{colour}); }}" in sheet
        assert f".{colour} {{ --level: var(--{ON_PAGE.get(colour, colour)}); }}" in page
        assert f"'{colour}'," in palette


def test_the_console_knows_the_usual_colours_of_the_service() -> None:
    told = re.search(r"USUAL_COLOURS.*= \{ (.*) \}", (ROOT / "web/console/src/words/levels.ts").read_text())
    assert told
    assert told[1] == ", ".join(f"{level}: '{look.colour}'" for level, look in USUAL_LOOKS.items())
