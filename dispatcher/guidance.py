"""What to say at the door: check four things, ask three, protect once (field guide §2), and what this kind of fraud
needs to hear (field guide §4). Chinese first, English second; read aloud by somebody who is out of breath.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dispatcher.words import FRAUD_TYPES_BY_YEAR


@dataclass(frozen=True)
class Said:
    """One sentence or two, in both languages."""

    zh: str
    en: str

    def spoken(self, lang: str) -> str:
        """The words in `lang`: "en", else Chinese."""
        return self.en if lang == "en" else self.zh


@dataclass(frozen=True)
class Guidance:
    """What to do at the door of one victim.

    `checks`, `questions` and `protect` are the same for everybody; `say` is for this kind of fraud, `where` says where
    its victims may be when nobody opens. `fraud_type` is None for a type that is not on the list.
    """

    fraud_type: str | None
    checks: tuple[Said, ...]
    questions: tuple[Said, ...]
    protect: Said
    say: tuple[Said, ...]
    where: Said


CHECKS: Final = (
    Said("通话和短信记录：有没有陌生、境外或很长的电话", "Calls and texts: unknown, foreign or very long calls"),
    Said("聊天记录：微信、QQ 和没见过的聊天软件", "Chats: WeChat, QQ, and chat apps you do not know"),
    Said("诈骗软件：投资、贷款、会议、共享屏幕类", "Scam apps: investment, loan, meeting, screen sharing"),
    Said("转账记录：近几天有没有频繁、大额的转账", "Transfers: frequent or large ones in the last days"),
)
"""The four checks, on the resident's phone and with their consent."""

QUESTIONS: Final = (
    Said("现在还有人在跟您通话或看您的屏幕吗？", "Is somebody on the phone with you, or watching your screen, now?"),
    Said(
        "谁让您转钱、贷款、取现金，或者报验证码？",
        "Who told you to transfer, borrow or withdraw money, or to read out a code?",
    ),
    Said(
        "是不是叫您别告诉家人、别相信警察？",
        "Were you told to keep it from your family, and not to believe the police?",
    ),
)
"""The three questions."""

PROTECT: Final = Said(
    "请居民挂断电话、退出共享屏幕；钱在转就按“快止付”；再一起卸载诈骗软件、改密码、装“国家反诈中心”。",
    "Have them hang up and stop sharing the screen; if money is moving, tap “stop the card”. Then together: remove the "
    "scam apps, change passwords, install the National Anti-Fraud Centre app.",
)
"""Protect once."""

_GENERAL: Final = (
    (
        Said("先别转钱，等十分钟不会有损失。", "Do not send money yet: ten minutes cost you nothing."),
        Said("您可以自己打96110，问一问这是不是骗局。", "Call 96110 yourself and ask whether this is a fraud."),
    ),
    Said(
        "问家属、邻居和物业；再看附近的银行、取款机和安静的地方。",
        "Ask family, neighbours and the building's office; then banks, cash machines and quiet places nearby.",
    ),
)

_BY_TYPE: Final[Mapping[str, tuple[tuple[Said, ...], Said]]] = {
    "brushing_rebates": (
        (
            Said("先给您返几块钱，是为了让您再垫大钱。", "The first small rebates are bait for your big advance."),
            Said(
                "“连单”“卡单”“交保证金才能提现”，都是借口。",
                "“Linked orders”, “frozen order”, “deposit first” are excuses.",
            ),
            Said(
                "刷单本身就违法，垫进去的钱很难要回来。",
                "Brushing is itself illegal; what you advance hardly ever comes back.",
            ),
        ),
        Said(
            "多在家里或宿舍，盯着手机做任务；问室友和同事。",
            "Usually at home or in the dormitory, busy with tasks on the phone; ask room-mates and colleagues.",
        ),
    ),
    "fake_investment": (
        (
            Said(
                "软件里的盈利只是数字，您现在提一笔大的试试。",
                "The profit in the app is only a number: try to withdraw a large sum.",
            ),
            Said(
                "要先交税、交保证金才能提现的，都是骗子。",
                "Whoever wants tax or a deposit before paying out is a fraud.",
            ),
            Said(
                "群里的“老师”和“学员”，可能只有您一个是真的。",
                "In that group of “teachers” and “students”, you may be the only real one.",
            ),
        ),
        Said(
            "可能在银行柜台、取款机前，或等人上门取现金、黄金；问配偶和子女。",
            "Perhaps at a bank or cash machine, or waiting for a courier of cash or gold; ask spouse and children.",
        ),
    ),
    "fake_shopping": (
        (
            Said("离开平台私下付钱，平台就管不了您。", "Once you pay outside the platform, it cannot protect you."),
            Said(
                "再让您交“定金”“关税”“解冻费”，就是骗局。", "Another “deposit”, “duty” or “unfreezing fee” means fraud."
            ),
            Said("保存聊天和付款截图，现在就报警。", "Keep screenshots of chats and payments, and report it now."),
        ),
        Said(
            "多在家里或店里；问同住的人和店员。", "Usually at home or in their shop; ask those who live or work there."
        ),
    ),
    "fake_customer_service": (
        (
            Said(
                "真客服退款是原路退回，不用您转一分钱。",
                "A real refund comes back the way you paid; you transfer nothing.",
            ),
            Said(
                "没有“百万保障到期要扣费”这回事。", "There is no “insurance fee” that falls due unless you cancel it."
            ),
            Said(
                "先把共享屏幕关掉，对方正看着您的验证码。",
                "Stop the screen sharing first: they are reading your codes.",
            ),
        ),
        Said(
            "多在家里或单位，正通话和共享屏幕，电话打不进；请同事去座位旁看。",
            "Usually at home or at work, on a call and sharing the screen, so the line is busy; have a colleague look.",
        ),
    ),
    "loan_credit": (
        (
            Said("正规贷款放款之前不收一分钱。", "A real lender takes no money before paying out."),
            Said(
                "“账号填错、要交解冻费”是骗子自己改的。",
                "The “wrong account, pay to unfreeze” was typed by the fraudster.",
            ),
            Said(
                "征信只归中国人民银行管，没人能花钱修复。",
                "Credit records belong to the People's Bank; nobody can mend them for money.",
            ),
        ),
        Said(
            "多避着家人：在单位、车里、出租屋；先找同事和房东。",
            "Often away from the family: at work, in a car, a rented room; ask colleagues and the landlord.",
        ),
    ),
    "impersonating_acquaintance": (
        (
            Said("现在就用您原来存的号码打给本人问一句。", "Call that person now, on the number you already had."),
            Said(
                "头像、声音、视频都能造假，转账必须当面核实。",
                "Picture, voice and video can be faked; check face to face before paying.",
            ),
            Said("越催、越要保密，越是骗子。", "The more hurry and secrecy, the surer it is a fraud."),
        ),
        Said(
            "多在单位财务室或网银电脑前；直接找单位负责人和同事。",
            "Often in the accounts office or at online banking; go straight to their manager and colleagues.",
        ),
    ),
    "impersonating_authorities": (
        (
            Said("公安、检察院、法院没有“安全账户”。", "Police, prosecutors and courts have no “safe account”."),
            Said(
                "真警察不会在电话、微信里办案，也不会发逮捕令。",
                "Real police do not investigate by phone or chat, and send no warrants there.",
            ),
            Said(
                "您要是不信我，自己打96110问，我陪您等。", "If you doubt me, call 96110 yourself; I will wait with you."
            ),
        ),
        Said(
            "多被叫到没人的地方：酒店房间、停车场、车里、楼梯间，手机可能被转接或关机；查附近酒店。",
            "Often sent somewhere quiet: a hotel room, car park, car or stairwell; calls may be diverted, the phone "
            "off. Ask hotels nearby.",
        ),
    ),
    "romance": (
        (
            Said("没见过面就谈钱的，不是恋人。", "Who has never met you and talks about money is no lover."),
            Said(
                "让对方现在跟您视频，挥挥手、报今天的日期。",
                "Ask for a video call now: a wave of the hand, and today's date.",
            ),
            Said(
                "带您投资、博彩的“内部消息”，都是为了骗钱。",
                "The “inside tip” for investing or betting is there to take your money.",
            ),
        ),
        Said(
            "多独自在家或车里聊天，也可能正去车站、机场“见面”；悄悄问好友，别当众说。",
            "Often alone at home or in a car, or on the way to “meet” at a station; ask a close friend, not in public.",
        ),
    ),
    "fake_game_trade": (
        (
            Said("离开游戏官方平台的买卖，都没有保障。", "A trade outside the game's own platform has no protection."),
            Said("“账号冻结、先充钱解冻”就是骗局。", "“Account frozen, pay to unfreeze” is the fraud itself."),
            Said("如果是孩子，先别骂，让他把手机给您看。", "If it is a child: do not scold, ask to see the phone."),
        ),
        Said(
            "多是学生：在家、宿舍、网吧，可能用着家长的手机；找家长和老师。",
            "Mostly students: at home, in a dormitory or internet café, perhaps with a parent's phone; ask parents.",
        ),
    ),
    "ticket_refund": (
        (
            Said(
                "退改签只在航空公司或12306官方办，打官方电话问。",
                "Changes and refunds are made by the airline or 12306 only: call their own number.",
            ),
            Said(
                "退票不用转账，也不用共享屏幕、报验证码。", "A refund needs no transfer, no screen sharing and no code."
            ),
        ),
        Said(
            "多在去机场、车站的路上，或在酒店；打不通就请机场、车站广播找人。",
            "Often on the way to the airport or station, or in a hotel; if no answer, have them paged there.",
        ),
    ),
}

_CODES: Final[Mapping[str, str]] = {
    name: code for year in FRAUD_TYPES_BY_YEAR.values() for code, words in year.items() for name in (code, *words)
}


def guidance(fraud_type: str | None) -> Guidance:
    """What to do and say about a fraud type, by its code or its word in either language.

    A type that is not on the list, or none, gets what is true of every fraud.
    """
    code = _CODES.get(fraud_type or "")
    say, where = _BY_TYPE.get(code or "", _GENERAL)
    return Guidance(code, CHECKS, QUESTIONS, PROTECT, say, where)
