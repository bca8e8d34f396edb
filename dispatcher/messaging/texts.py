"""The words of our texts, in Chinese and English (contract: SMS; field guide §6).

A reader stands in the rain with one hand free: the code first, then what to do, the link last so that phones
make all of it a link. What we ask people to answer is a digit with their code, never a word Twilio answers itself.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from dispatcher.codes import is_code
from dispatcher.levels import LONGEST_EN
from dispatcher.words import known, word

SIGNATURES: Final[Mapping[str, str]] = {"zh": "【蓝马甲】", "en": "[BlueVest] "}
"""Chinese carriers want the brackets; in English plain ones keep a text within GSM-7."""

_MAX_LEVEL, _MAX_COMMUNITY, _MAX_LINK = LONGEST_EN, 16, 120
_LINK = re.compile(r"https?://[!-~]+")


class Template(StrEnum):
    """Why we write to somebody."""

    OFFER = "offer"
    TAKEN = "taken"
    STOOD_DOWN = "stood_down"
    NUDGE = "nudge"
    UNCLEAR = "unclear"
    OLD_CODE = "old_code"
    STRANGER = "stranger"


PARAMS: Final[Mapping[Template, frozenset[str]]] = {
    Template.OFFER: frozenset({"level", "code", "community", "fraud_type", "link"}),
    Template.TAKEN: frozenset({"code"}),
    Template.STOOD_DOWN: frozenset({"code"}),
    Template.NUDGE: frozenset({"code", "link"}),
    Template.UNCLEAR: frozenset({"code"}),
    Template.OLD_CODE: frozenset({"code"}),
    Template.STRANGER: frozenset(),
}
"""What each template must be given.

level and fraud_type are codes of `dispatcher.words` (or its words); community, fraud_type and the code of `unclear`
may be empty; an unknown fraud type is left out, for it is the free text of a stranger.
"""

OPTIONAL: Final[Mapping[Template, frozenset[str]]] = {Template.OFFER: frozenset({"called"})}
"""What it may be given besides, and nothing else. called: the station's own word for the level."""

_ZH: Final[Mapping[Template, str]] = {
    Template.OFFER: '{what}。回"1{code}"接单,"2{code}"不能去 {link}',
    Template.TAKEN: "{code}已有人接单，您不用去了，谢谢！",
    Template.STOOD_DOWN: "{code}任务已结束，您不用去了，辛苦了！",
    Template.NUDGE: '{code}您到了吗？到了回"3{code}"，去不了回"2{code}" {link}',
    Template.UNCLEAR: (
        '没看懂您的短信，已转值班民警。请这样回："1{code}"接单；换数字：2不能去 3到了 4劝住了 5没找到 6快止付 7要帮忙'
    ),
    Template.OLD_CODE: "{code}已结束或不是您的任务，这条不算数，已转值班民警。有急事请打110",
    Template.STRANGER: "本号只收登记队员的短信。急事请打110，防骗咨询请打96110",
}
_ZH_UNCLEAR_BARE = "没看懂您的短信，已转值班民警。上岗回8，离岗回9；接任务请照派单短信里的码回"

_EN: Final[Mapping[Template, str]] = {
    Template.OFFER: "{what}. Reply 1{code} accept, 2{code} decline {link}",
    Template.TAKEN: "{code} is taken. No need to go. Thank you!",
    Template.STOOD_DOWN: "{code} is over. No need to go. Thank you!",
    Template.NUDGE: "{code}: are you there? Reply 3{code} if you are, 2{code} if you cannot go {link}",
    Template.UNCLEAR: (
        "Not understood; the duty officer sees it. Reply 1{code} accept, or another digit: "
        "2 decline 3 arrived 4 dissuaded 5 not found 6 stop card 7 call me"
    ),
    Template.OLD_CODE: "{code} is over or not yours: not counted, the duty officer sees it. Urgent: call 110",
    Template.STRANGER: "This number takes texts of registered volunteers only. Urgent: call 110. Advice: call 96110",
}
_EN_UNCLEAR_BARE = (
    "Not understood; the duty officer sees it. Reply 8 on duty, 9 off duty; for a task, the digit and code in its text"
)


def render(template: Template, params: Mapping[str, str], lang: str) -> str:
    """The text of `template` in `lang` ("zh", or "en"; anything else is Chinese), signature included.

    Raises ValueError when a parameter is missing, unknown, or not what it should be: a code that is none, a link
    that is no plain http(s) address or longer than 120 characters (a link cut short opens nothing).
    """
    lang = "en" if lang == "en" else "zh"
    if params.keys() - OPTIONAL.get(template, frozenset()) != PARAMS[template]:
        raise ValueError(f"{template} takes {sorted(PARAMS[template])}, got {sorted(params)}")
    values = {name: _CHECKS[name](value, lang) for name, value in params.items() if name in _CHECKS}
    code = values.get("code", "")
    if "code" in params and not code and template is not Template.UNCLEAR:
        raise ValueError(f"{template} needs a code")
    if template is Template.OFFER:
        parts = [values[name] for name in ("code", "community", "fraud_type")]
        values["what"] = " ".join(part for part in (values.get("called") or values["level"], *parts) if part)
    return SIGNATURES[lang] + _pattern(template, lang, with_code=bool(code)).format_map(values)


def _pattern(template: Template, lang: str, *, with_code: bool) -> str:
    if template is Template.UNCLEAR and not with_code:
        return _EN_UNCLEAR_BARE if lang == "en" else _ZH_UNCLEAR_BARE
    return (_EN if lang == "en" else _ZH)[template]


def clean(value: str, most: int) -> str:
    """`value` on one line, without controls, invisible characters and signature brackets, at most `most` long."""
    plain = "".join(" " if c.isspace() else c for c in value if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join(re.sub("[【】]", "", plain).split())[:most].rstrip()


def _level(value: str, lang: str) -> str:
    return clean(word("level", value, lang), _MAX_LEVEL)


def _called(value: str, _lang: str) -> str:
    return clean(value, _MAX_LEVEL)


def _fraud_type(value: str, lang: str) -> str:
    return word("fraud_type", value, lang) if known("fraud_type", value) else ""


def _community(value: str, _lang: str) -> str:
    return clean(value, _MAX_COMMUNITY)


def _code(value: str, _lang: str) -> str:
    if value and not is_code(value):
        raise ValueError("code: not a code")
    return value


def _link(value: str, _lang: str) -> str:
    if len(value) > _MAX_LINK or not _LINK.fullmatch(value):
        raise ValueError("link: not an http(s) address of at most 120 plain characters")
    return value


_CHECKS: Final[Mapping[str, Callable[[str, str], str]]] = {
    "level": _level,
    "called": _called,
    "code": _code,
    "community": _community,
    "fraud_type": _fraud_type,
    "link": _link,
}
