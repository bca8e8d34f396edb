"""The station's words, Chinese first and English second (field guide §2, §4; contract: States)."""

from collections.abc import Mapping
from typing import Final

_Words = Mapping[str, tuple[str, str]]

FRAUD_TYPES_BY_YEAR: Final[Mapping[int, _Words]] = {
    2025: {
        "brushing_rebates": ("刷单返利", "Brushing for rebates"),
        "fake_investment": ("虚假网络投资理财", "Fake investment"),
        "fake_shopping": ("虚假购物服务", "Fake shopping"),
        "fake_customer_service": ("冒充电商物流客服", "Fake customer service"),
        "loan_credit": ("贷款征信", "Loan or credit"),
        "impersonating_acquaintance": ("冒充领导熟人", "Impersonating a boss"),
        "impersonating_authorities": ("冒充公检法", "Impersonating police"),
        "romance": ("婚恋交友", "Romance"),
        "fake_game_trade": ("网络游戏产品虚假交易", "Fake game trade"),
        "ticket_refund": ("机票退改签", "Ticket refund"),
    },
}
"""The official ten of each year (field guide §4); a code keeps its meaning for ever."""

FRAUD_TYPES: Final[frozenset[str]] = frozenset(FRAUD_TYPES_BY_YEAR[max(FRAUD_TYPES_BY_YEAR)])
"""The codes of the newest list."""

_GROUPS: Final[Mapping[str, _Words]] = {
    "level": {
        "extreme": ("特急", "EXTREME"),
        "high": ("紧急", "HIGH"),
        "medium": ("较急", "MEDIUM"),
        "low": ("一般", "LOW"),
    },
    "kind": {
        "fund": ("资金预警", "Fund warning"),
        "contact": ("触网预警", "Contact warning"),
    },
    "fraud_type": {code: words for year in FRAUD_TYPES_BY_YEAR.values() for code, words in year.items()},
    "disposition": {
        "dissuaded": ("已劝阻", "Dissuaded"),
        "already_defrauded": ("已被骗", "Already defrauded"),
        "not_found": ("确实找不到", "Truly not found"),
        "not_matching": ("不符", "Not matching"),
        "repeat": ("重复预警", "Repeat"),
        "transferred": ("移交", "Transferred"),
        "withdrawn": ("已撤回", "Withdrawn"),
    },
    "case": {
        "new": ("新指令", "New"),
        "dispatching": ("派单中", "Dispatching"),
        "escalated": ("转民警", "Escalated"),
        "accepted": ("已接单", "Accepted"),
        "on_scene": ("已到场", "On scene"),
        "closed": ("已结案", "Closed"),
    },
    "offer": {
        "queued": ("待发", "Queued"),
        "sent": ("已发", "Sent"),
        "delivered": ("已送达", "Delivered"),
        "accepted": ("已接单", "Accepted"),
        "declined": ("不能去", "Declined"),
        "expired": ("超时未回", "No answer in time"),
        "stood_down": ("不用去了", "Stood down"),
        "undeliverable": ("未送达", "Undeliverable"),
        "released": ("已退单", "Released"),
        "recalled": ("已召回", "Recalled"),
        "completed": ("已完成", "Completed"),
    },
    "channel": {
        "phone": ("电话", "Phone"),
        "96110": ("96110", "96110"),
        "sms": ("短信", "SMS"),
        "wechat": ("微信", "WeChat"),
        "door": ("上门", "Door"),
        "family": ("家属", "Family"),
        "neighbours": ("邻居", "Neighbours"),
        "workplace": ("单位", "Workplace"),
        "video": ("视频查找", "Video search"),
    },
    "result": {
        "arrived": ("已到场", "Arrived"),
        "met": ("已见面", "Met"),
        "spoken": ("已通话", "Spoken to"),
        "no_answer": ("无人应答", "No answer"),
        "not_found": ("暂时找不到", "Not found for now"),
        "refused": ("不愿沟通", "Refused"),
    },
}


def known(group: str, text: str) -> bool:
    """Whether `text` is a code of the group, or one of its words in either language."""
    words = _GROUPS.get(group, {})
    return text in words or any(text in pair for pair in words.values())


def word(group: str, code: str, lang: str) -> str:
    """The word for `code` in `lang` ("zh" or "en"), else the code itself.

    Groups: level, kind, fraud_type, disposition, case, offer, channel, result.
    """
    pair = _GROUPS.get(group, {}).get(code)
    if pair is None:
        return code
    return pair[1] if lang == "en" else pair[0]
