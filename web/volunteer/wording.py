"""The words of the volunteer's page, Chinese first and English second."""

from collections.abc import Mapping
from typing import Final

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("蓝马甲任务", "Blue vest task"),
    "brand": ("蓝马甲", "Blue vest"),
    "other_language": ("English", "中文"),
    "simulated": ("模拟演练，不是真实警情", "Simulation: not a real case"),
    "asked": ("有一位居民正在被骗，您能去吗？", "A resident is being defrauded. Can you go?"),
    "late": ("回复时间已过，但还没有人去", "The time to answer is over, but nobody is going yet"),
    "community": ("社区", "Community"),
    "type": ("类型", "Type"),
    "unknown": ("不详", "not known"),
    "distance": ("距离", "Distance"),
    "arrival": ("约", "about"),
    "minutes": ("分钟到", "min to the door"),
    "metres": ("米", "m"),
    "on_the_way": ("任务是您的，请马上去", "The task is yours. Please go now"),
    "at_the_door": ("您已到场", "You are at the door"),
    "name": ("居民", "Resident"),
    "address": ("地址", "Address"),
    "call": ("拨打", "Call"),
    "report": ("到了之后怎么样？", "How did it go?"),
    "over": ("这个任务已结束", "This task is over"),
    "thanks": ("谢谢您！如有新任务，会再发短信给您。", "Thank you! You get a text when there is a new one."),
    "missing": ("没有这个链接", "There is no such link"),
    "check_link": ("请点短信里的链接，或按短信里的码回复。", "Open the link in your text, or answer it with its code."),
    "urgent": ("有急事请打110", "Urgent: call 110"),
    "not_counted": ("这一步没有记上，请看下面的最新情况。", "That was not counted. This is how things stand now."),
    "share": ("行进中共享我的位置", "Share my position on the way"),
    "sharing": ("正在共享位置，到场后自动停止", "Sharing your position; it stops when you arrive"),
    "not_shared": ("位置没有共享", "Your position is not shared"),
    "accept": ("我去", "I will go"),
    "decline": ("我不能去", "I cannot go"),
    "release": ("我去不了了", "I cannot go any more"),
    "arrived": ("我到了", "I have arrived"),
    "met": ("见到人，劝住了", "Met and dissuaded"),
    "not_found": ("没找到人", "Nobody found"),
    "stop_card": ("钱在转，快止付", "Money is moving: stop the card"),
    "help": ("请民警打给我", "Officer, call me"),
    "said_accept": ("接单了，谢谢！", "It is yours, thank you!"),
    "said_decline": ("知道了，会请别人去。", "Noted; somebody else is asked."),
    "said_arrived": ("已记录：到场", "Noted: arrived"),
    "said_met": ("已记录：已劝住。谢谢！", "Noted: dissuaded. Thank you!"),
    "said_not_found": ("已记录：没找到，继续找", "Noted: not found; the search goes on"),
    "said_stop_card": ("已叫值班民警止付", "The duty officer was told to stop the card"),
    "said_help": ("已叫值班民警给您回电", "The duty officer was asked to call you"),
}


def wording(language: str) -> Mapping[str, str]:
    """All words in one language: "en", else Chinese."""
    column = 1 if language == "en" else 0
    return {key: pair[column] for key, pair in _WORDS.items()}
