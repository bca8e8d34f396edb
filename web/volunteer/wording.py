"""The words of the volunteer's page, Chinese first and English second."""

from collections.abc import Mapping
from typing import Final

from web.volunteer.frame import Words, spoken

_BEFORE: Final[Words] = {
    "title": ("蓝马甲任务", "Blue vest task"),
    "asked": ("有一位居民正在被骗，您能去吗？", "A resident is being defrauded. Can you go?"),
    "late": ("回复时间已过，但还没有人去", "The time to answer is over, but nobody is going yet"),
    "community": ("社区", "Community"),
    "type": ("类型", "Type"),
    "unknown": ("不详", "not known"),
    "distance": ("距离", "Distance"),
    "arrival": ("约", "about"),
    "minutes": ("分钟到", "min to the door"),
    "metres": ("米", "m"),
    "shown_after": ("接单后显示姓名、地址和电话。", "Name, address and phone are shown once you accept."),
    "accept": ("我去", "I will go"),
    "decline": ("我不能去", "I cannot go"),
    "decline_means": ("马上改派别人，不能再改回来。", "Somebody else is asked at once; this cannot be undone."),
    "decline_sure": ("确定不去", "Yes, I cannot go"),
    "over": ("这个任务已结束", "This task is over"),
    "thanks": ("谢谢您！如有新任务，会再发短信给您。", "Thank you! You get a text when there is a new one."),
    "own": (
        "近90天问过您{asked}次，您接了{taken}次。派单时按约{percent}%的可能性估计您会接，只给您自己看。",
        "In 90 days you were asked {asked} times and went {taken}. The plan reckons with {percent}%; only you see it.",
    ),
    "missing": ("没有这个链接", "There is no such link"),
    "check_link": ("请点短信里的链接，或按短信里的码回复。", "Open the link in your text, or answer it with its code."),
    "refresh": ("看最新情况", "See how things stand now"),
}

_ON_THE_WAY: Final[Words] = {
    "on_the_way": ("任务是您的，请马上去", "The task is yours. Please go now"),
    "at_the_door": ("您已到场", "You are at the door"),
    "name": ("居民", "Resident"),
    "address": ("地址", "Address"),
    "call": ("拨打居民电话", "Call the resident"),
    "navigate": ("导航去", "Find the way"),
    "no_point": ("没有定位，请按地址问路。", "The position is not known; ask for the way to the address."),
    "arrived": ("我到了", "I have arrived"),
    "share": ("在路上共享我的位置", "Share my position on the way"),
    "share_off": ("位置没有共享", "Your position is not shared"),
    "share_asking": ("正在定位…", "Looking for your position…"),
    "share_on": ("正在共享位置，到场后自动停止", "Sharing your position; it stops when you arrive"),
    "share_stop": ("停止共享", "Stop sharing"),
    "share_denied": (
        "手机不允许定位，没有共享。请在设置里允许后再点。不共享也能接着做任务。",
        "The phone refuses; nothing is shared. Allow it in the settings and tap again, or go on without.",
    ),
    "share_unavailable": (
        "现在定不了位，没有共享。不影响任务。",
        "No position at the moment; nothing is shared. The task goes on.",
    ),
    "share_trouble": ("网络不通，连上后接着共享", "No network; sharing goes on once it is back"),
}

_AT_THE_DOOR: Final[Words] = {
    "identify": ("先让居民核实您", "First, let them check who you are"),
    "code": ("您的核实码", "Your check code"),
    "say": ("这样说", "Say this"),
    "introduce": (
        "“我是{station}派来的{kind}。先别信我：请您自己查派出所公布的电话，或者打96110，报核实码 {code}。”",
        "“I am the {kind} sent by {station}. Check me first: look up the station's number yourself, "  # noqa: ISC004
        "or call 96110, and give the code {code}.”",
    ),
    "how_checked": (
        "民警按码核对；居民也可在派出所海报上的核实网页输入。电话和网址都不要由您来报。任务结束，码就作废。",
        "The officer looks the code up, or they type it into the check page on the station's poster. "  # noqa: ISC004
        "Never name a number or an address yourself. The code ends with the task.",
    ),
    "see_check": ("看看居民的核实网页", "See the residents' check page"),
    "no_code": ("请居民打96110核实您。", "Ask the resident to check you with 96110."),
    "guide": ("见面怎么说", "What to say"),
    "this_fraud": ("针对这类骗局", "About this fraud"),
    "four_checks": ("四查（请居民自己打开手机）", "Check four things (they open their own phone)"),
    "three_questions": ("三问", "Ask three"),
    "protect_once": ("一防护", "Protect once"),
    "report": ("怎么样了？", "How is it going?"),
    "stop_card": ("钱在转，快止付", "Money is moving: stop the card"),
    "help": ("请民警打给我", "Officer, call me"),
    "call_station": ("打给派出所", "Call the station"),
    "not_found": ("没找到人", "Nobody found"),
    "where": ("可能在哪里", "Where they may be"),
    "met": ("见到人，劝住了", "Met and dissuaded"),
    "met_means": (
        "您的任务就此结束，这页不再显示居民信息。钱还在转，先按“快止付”。",
        "Your task ends here and the page shows nothing more. If money is still moving, stop the card first.",
    ),
    "met_sure": ("确定，劝住了", "Yes, dissuaded"),
    "release": ("我去不了了", "I cannot go on"),
    "release_means": (
        "任务交给别人，这页不再显示居民信息，不能再改回来。",
        "Somebody else takes over and the page shows nothing more; this cannot be undone.",
    ),
    "release_sure": ("确定，交给别人", "Yes, hand it over"),
}

_DONE: Final[Words] = {
    "not_counted": ("这一步没有记上，请看下面的最新情况。", "That was not counted. This is how things stand now."),
    "said_accept": ("接单了，谢谢！", "It is yours, thank you!"),
    "said_decline": ("知道了，会请别人去。", "Noted; somebody else is asked."),
    "said_arrived": ("已记录：到场", "Noted: arrived"),
    "said_met": ("已记录：已劝住。谢谢！", "Noted: dissuaded. Thank you!"),
    "said_not_found": ("已记录：没找到，继续找", "Noted: not found; the search goes on"),
    "said_stop_card": ("已叫值班民警止付", "The duty officer was told to stop the card"),
    "said_help": ("已叫值班民警给您回电", "The duty officer was asked to call you"),
}

_KINDS: Final[Words] = {
    "vest": ("蓝马甲队员", "blue vest"),
    "grid_worker": ("网格员", "grid worker"),
    "auxiliary": ("辅警", "auxiliary police officer"),
    "police": ("民警", "police officer"),
    "guard": ("保安员", "guard"),
}


def wording(language: str) -> Mapping[str, str]:
    """All words of the page in one language: "en", else Chinese."""
    return spoken({**_BEFORE, **_ON_THE_WAY, **_AT_THE_DOOR, **_DONE}, language)


def kind_word(kind: str, language: str) -> str:
    """What a person of this kind is called."""
    zh, en = _KINDS.get(kind, _KINDS["vest"])
    return en if language == "en" else zh
