"""The page as HTML; every value is escaped."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dispatcher.words import known, word
from web.volunteer.task import Stage, Summary, TaskPage
from web.volunteer.wording import wording

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def task_page(page: TaskPage, token: str, lang: str, said: str | None, *, simulated: bool) -> str:
    """The page of a link; `said` is the act that was just done, or `nothing` when it did not count."""
    words = wording(lang)
    under_way = page.resident is not None and not page.resident.arrived
    return _templates.get_template("task.html").render(
        page=page,
        token=token,
        lang=lang,
        words=words,
        simulated=simulated,
        under_way=under_way,
        said=words["not_counted"] if said == "nothing" else words.get(f"said_{said}"),
        heading=_heading(page, words["asked"], words["on_the_way"], words["at_the_door"]),
        **_described(page.summary, lang),
    )


def missing_page(lang: str, *, simulated: bool) -> str:
    """What a link that is none shows."""
    return _templates.get_template("missing.html").render(lang=lang, words=wording(lang), simulated=simulated)


def _heading(page: TaskPage, asked: str, on_the_way: str, at_the_door: str) -> str:
    if page.stage is Stage.ASKED or page.resident is None:
        return asked
    return at_the_door if page.resident.arrived else on_the_way


def _described(summary: Summary | None, lang: str) -> dict[str, str | None]:
    """A fraud type that is not on the list is a stranger's free text, and is left out."""
    if summary is None:
        return {}
    listed = known("fraud_type", summary.fraud_type)
    return {
        "level": word("level", summary.level, lang),
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
