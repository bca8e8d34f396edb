"""Why this person: one sentence in each language, stored with the offer."""

from datetime import datetime

from dispatcher.matching.waves import Pick
from dispatcher.model import PositionSource

_SOURCES = {
    PositionSource.PAGE: ("手机定位", "phone"),
    PositionSource.BASE: ("常驻点", "base"),
    PositionSource.GRID: ("网格中心", "middle of the grid"),
}


def reason(pick: Pick, now: datetime) -> dict[str, str]:
    """The sentence in Chinese and English, with the numbers it rests on."""
    minutes = max(1, round(pick.eta_s / 60))
    if pick.metres is None:
        zh, en = [f"距离不明，按约{minutes}分钟估算"], [f"distance not known, taken as about {minutes} min"]
    else:
        zh = [f"直线{pick.metres}米，约{minutes}分钟到门口"]
        en = [f"{pick.metres} m away, about {minutes} min to the door"]
    if pick.candidate.source:
        where_zh, where_en = _SOURCES[pick.candidate.source]
        age = _age(pick.candidate.seen_at, now)
        zh.append(f"位置：{where_zh}" + (f"，{age}分钟前" if age is not None else ""))
        en.append(f"position: {where_en}" + (f", {age} min old" if age is not None else ""))
    if pick.passed_over:
        zh.append(f"更近的{pick.passed_over}人正被派往别处")
        en.append(f"{pick.passed_over} nearer being asked elsewhere")
    else:
        zh.append("空闲人员中最快")
        en.append("the soonest of those free")
    return {"zh": "；".join(zh), "en": "; ".join(en)}


def _age(seen_at: datetime | None, now: datetime) -> int | None:
    return max(0, round((now - seen_at).total_seconds() / 60)) if seen_at else None
