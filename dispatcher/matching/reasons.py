"""Why this person: in words of each language and in numbers, stored with the offer."""

from datetime import datetime
from typing import Any

from dispatcher.matching.waves import Pick
from dispatcher.model import Means, PositionSource

_SOURCES = {
    PositionSource.PAGE: ("手机定位", "phone"),
    PositionSource.BASE: ("常驻点", "base"),
    PositionSource.GRID: ("网格中心", "middle of the grid"),
}
_MEANS = {Means.WALK: ("步行", "on foot"), Means.BIKE: ("骑车", "by bike"), Means.CAR: ("开车", "by car")}


def reason(pick: Pick, now: datetime) -> dict[str, Any]:
    """The sentence in Chinese and English, and under `numbers` what it rests on: metres, seconds, people, shares."""
    parts = [_way(pick), _position(pick, now), *_others(pick), _together(pick)]
    zh, en = zip(*(part for part in parts if part), strict=True)
    return {"zh": "；".join(zh), "en": "; ".join(en), "numbers": _numbers(pick, now)}


def _way(pick: Pick) -> tuple[str, str]:
    minutes = max(1, round(pick.eta_s / 60))
    zh, en = _MEANS[pick.candidate.means]
    if pick.metres is None:
        return f"距离不明，按{zh}约{minutes}分钟估算", f"distance not known, taken as about {minutes} min {en}"
    return (
        f"直线{pick.metres}米，{zh}约{minutes}分钟到门口",
        f"{pick.metres} m away, about {minutes} min to the door {en}",
    )


def _position(pick: Pick, now: datetime) -> tuple[str, str] | None:
    if not pick.candidate.source:
        return None
    zh, en = _SOURCES[pick.candidate.source]
    age = _age_min(pick.candidate.seen_at, now)
    if age is None:
        return f"位置：{zh}", f"position: {en}"
    return f"位置：{zh}，{age}分钟前", f"position: {en}, {age} min old"


def _others(pick: Pick) -> list[tuple[str, str]]:
    found = []
    if pick.candidate.station:
        found.append(
            (f"本所无人可派，由{pick.candidate.station}支援", f"lent by {pick.candidate.station}: nobody left here")
        )
    if pick.elsewhere:
        found.append((f"更近的{pick.elsewhere}人正被派往别处", f"{pick.elsewhere} nearer being asked elsewhere"))
    if pick.later:
        found.append(
            (
                f"更近的{pick.later}人排在后面（近期任务多、未休息、较少接单、短信不达或缺技能）",
                f"{pick.later} nearer stand behind (more tasks of late, not rested, seldom free, texts lost, no skill)",
            )
        )
    return found or [("空闲人员中最快", "the soonest of those free")]


def _together(pick: Pick) -> tuple[str, str]:
    share = round(pick.together * 100)
    return f"同时询问的人中至少一人接单的可能性约{share}%", f"about {share}% that one of those asked together accepts"


def _numbers(pick: Pick, now: datetime) -> dict[str, Any]:
    person = pick.candidate
    return {
        "metres": pick.metres,
        "eta_s": pick.eta_s,
        "means": person.means.value,
        "position": person.source.value if person.source else None,
        "position_age_min": _age_min(person.seen_at, now),
        "elsewhere": pick.elsewhere,
        "later": pick.later,
        "together": round(pick.together, 2),
    }


def _age_min(seen_at: datetime | None, now: datetime) -> int | None:
    return max(0, round((now - seen_at).total_seconds() / 60)) if seen_at else None
