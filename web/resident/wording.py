"""The words of the resident's page, Chinese first and English second. Somebody frightened reads them."""

from collections.abc import Mapping
from typing import Final

from web.volunteer.frame import Words, spoken

_WORDS: Final[Words] = {
    "title": ("核实门口的人", "Check who is at your door"),
    "heading": ("门口的人是真的吗？", "Is the person at your door real?"),
    "wait": ("先别开门，也别转账。", "Do not open the door yet, and do not send any money."),
    "call_first": ("第一步：打电话问", "First: call and ask"),
    "not_theirs": (
        "打下面的号码，不要打来人说的号码。",
        "Call one of these numbers, never one that the visitor names.",
    ),
    "hotline": ("全国反诈专线", "National anti-fraud line"),
    "more_stations": ("其他派出所", "Other stations"),
    "then_code": ("第二步：查核实码", "Then: check the code"),
    "ask_code": (
        "问来人要六位核实码，填在这里。",
        "Ask the visitor for the six-digit check code and type it here.",
    ),
    "own_way": (
        "这个网址也要是您自己从派出所的海报上找到的；来人给的网址不能信。",
        "Find this page by yourself, on a poster of the station; do not trust an address that the visitor gives you.",
    ),
    "code": ("六位核实码", "Six-digit check code"),
    "check": ("核实", "Check"),
    "never": (
        "真的蓝马甲和民警不会要您的密码、验证码和银行卡，不会让您转账。",
        "Real blue vests and officers never ask for your password, codes or cards, and never have you send money.",
    ),
    "yes": ("是真的：派出所派来的", "Yes: sent by the police"),
    "sent": (
        "{station}在 {at} 派{kind} {name} 去{community}。",
        "{station} has sent a {kind}, {name}, at {at}, to {community}.",
    ),
    "sent_nowhere": ("{station}在 {at} 派出{kind} {name}。", "{station} has sent a {kind}, {name}, at {at}."),
    "compare": (
        "姓氏、社区对不上，就别开门，打下面的电话。",
        "If the family name or the community does not fit, do not open the door: call the numbers below.",
    ),
    "no": ("没有核实：不要开门", "Not confirmed: do not open the door"),
    "no_means": (
        "现在没有人带着这个码出任务。请打下面的电话；有危险打110。",
        "Nobody is on a task with this code now. Call one of the numbers below; in danger, call 110.",
    ),
    "too_many": ("现在查不了：不要开门", "Cannot be checked now: do not open the door"),
    "too_many_means": (
        "查的次数太多了。请打下面的电话；有危险打110。",
        "There were too many tries. Call one of the numbers below; in danger, call 110.",
    ),
}


def wording(language: str) -> Mapping[str, str]:
    """All words of the page in one language: "en", else Chinese."""
    return spoken(_WORDS, language)
