"""The page as HTML; every value is escaped."""

from dataclasses import asdict
from typing import Any

from dispatcher.guidance import Guidance, Said, guidance
from dispatcher.levels import level_word
from dispatcher.protection.phones import as_dialled
from dispatcher.words import known, word
from web.volunteer.frame import environment, framed
from web.volunteer.maps import map_links
from web.volunteer.task import Resident, Sender, Stage, Summary, TaskPage
from web.volunteer.wording import kind_word, wording

_templates = environment()
_HALF = 3


def task_page(page: TaskPage, token: str, lang: str, said: str | None, *, simulated: bool) -> str:
    """The page of a link; `said` is the act that was just done, or `nothing` when it did not count."""
    words = wording(lang)
    return _templates.get_template("task.html").render(
        page=page,
        token=token,
        stage=_stage(page),
        said=words["not_counted"] if said == "nothing" else words.get(f"said_{said}"),
        warns=said == "nothing",
        own=words["own"].format_map(asdict(page.own)) if page.own else None,
        **framed(lang, words, simulated=simulated),
        **_described(page.summary, lang),
        **_on_the_way(page, lang),
    )


def missing_page(lang: str, *, simulated: bool) -> str:
    """What a link that is none shows."""
    return _templates.get_template("missing.html").render(framed(lang, wording(lang), simulated=simulated))


def spaced(code: str) -> str:
    """A code in two halves, as it is read out, and never broken between them: 482 913."""
    return f"{code[:_HALF]}\N{NO-BREAK SPACE}{code[_HALF:]}"


def _stage(page: TaskPage) -> str:
    """asked, on_the_way, at_the_door or over."""
    if page.stage is not Stage.ACCEPTED or page.resident is None:
        return page.stage.value
    return "at_the_door" if page.resident.arrived else "on_the_way"


def _described(summary: Summary | None, lang: str) -> dict[str, str | None]:
    """A fraud type that is not on the list is a stranger's free text, and is left out."""
    if summary is None:
        return {}
    listed = known("fraud_type", summary.fraud_type)
    return {
        "level": level_word(summary.looks, summary.level, lang),
        "colour": summary.looks[summary.level].colour.value,
        "fraud_type": word("fraud_type", summary.fraud_type, lang) if listed else None,
        "community": summary.community_en if lang == "en" else summary.community,
        "distance": _distance(summary, lang),
    }


def _distance(summary: Summary, lang: str) -> str:
    words = wording(lang)
    parts = []
    if summary.metres is not None:
        parts.append(f"{summary.metres} {words['metres']}")
    if summary.minutes is not None:
        parts.append(f"{words['arrival']} {summary.minutes} {words['minutes']}")
    return (", " if lang == "en" else "，").join(parts)


def _on_the_way(page: TaskPage, lang: str) -> dict[str, Any]:
    """What only somebody who has taken the task is shown."""
    if page.summary is None or page.resident is None or page.sender is None:
        return {}
    return {
        "maps": _maps(page.resident, lang),
        "guide": _guide(guidance(page.summary.fraud_type), lang),
        "resident_phone": as_dialled(page.resident.phone) if page.resident.phone else None,
        "station_phone": as_dialled(page.sender.phone) if page.sender.phone else None,
        **_identity(page.sender, lang),
    }


def _maps(resident: Resident, lang: str) -> list[tuple[str, str]]:
    return [(link.name(lang), link.url) for link in map_links(resident.point)] if resident.point else []


def _identity(sender: Sender, lang: str) -> dict[str, str | None]:
    code = spaced(sender.check_code) if sender.check_code else None
    station = sender.station_en if lang == "en" else sender.station
    line = wording(lang)["introduce"].format(station=station, kind=kind_word(sender.kind, lang), code=code)
    return {"code": code, "introduce": line}


def _guide(found: Guidance, lang: str) -> dict[str, Any]:
    def each(sentences: tuple[Said, ...]) -> list[str]:
        return [said.spoken(lang) for said in sentences]

    return {
        "say": each(found.say),
        "checks": each(found.checks),
        "questions": each(found.questions),
        "protect": found.protect.spoken(lang),
        "where": found.where.spoken(lang),
    }
