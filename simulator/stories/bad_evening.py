"""A bad evening: forty warnings in one hour, eleven vests, one officer. Made up from the rules of the streets."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from simulator.centre import Receipt
from simulator.officer import Officer
from simulator.stories.driver import Step
from simulator.stories.evening_vests import PHONE_OFF, RECEIVED, SAYS_RECEIVED, Vest, Vests
from simulator.stories.evening_warnings import Order, Warnings
from simulator.stories.stage import Stage, Stuck

_FEW = 3
"""So many cases with nobody left to ask, at least, before the rush counts as one."""


class BadEvening:
    """One playing of the evening; `receipts` is what the centre was answered, order by order.

    The vests answer for themselves, beside the story: whoever plays it runs them, and needs a station whose roster they
    are, all of them and nobody else; so a demonstration, which has its own people, cannot play it.
    """

    zh, en = "糟糕的一晚", "A bad evening"

    def __init__(self, stage: Stage, vests: Vests, seed: int) -> None:
        self._stage, self._vests = stage, vests
        self.warnings = Warnings(stage.run, stage.station, seed)
        self.receipts: list[tuple[Order, Receipt]] = []
        self.withdrawal: Receipt | None = None
        self.people: Mapping[str, str] = {}
        self._warned_again: frozenset[str] = frozenset()

    @property
    def steps(self) -> Sequence[Step]:
        """From seven in the evening to the last case in somebody's hands."""
        return [
            Step(self.come_on_duty, "十一人在岗,六人在夜市", "eleven on duty, six of them at the night market"),
            Step(self.warn_where_one_walks, "第一条预警:一人步行出发", "the first warning: one sets out on foot"),
            Step(self.pass_over_phone_off, "一人手机关机:立刻问下一个", "one phone is off: the next is asked"),
            Step(self.hear_received, "一人什么都回“收到”:转到收件箱", "one answers 收到: it waits in the inbox"),
            Step(self.warn_across_the_border, "一条在社区边界上,坐标是GCJ-02", "one at a border, in GCJ-02"),
            Step(self.warn_without_place, "一条没有坐标", "one without coordinates"),
            Step(self.warn_with_wrong_number, "一条电话号码是错的", "one with a wrong phone number"),
            Step(self.rush, "一下子来了许多条", "many at once"),
            Step(self.take_back, "队员在路上时中心撤回第一条", "the centre takes the first back, a vest on the way"),
            Step(self.rush_on, "还在来,两位居民第二次被预警", "they go on; two residents are warned about again"),
            Step(self.wear_on, "能去的人都在路上了", "everybody who can go is out"),
            Step(self.see_to_the_desk, "民警一人:看过警报和收件箱", "the officer, alone: alarms and inbox are seen to"),
            Step(self.take_in_hand, "没人去的案件,民警全部接手", "the officer takes in hand what nobody is on"),
            Step(
                self.close_what_is_done,
                "已劝住的和撤回的,民警结案",
                "closed: who was dissuaded, and what was taken back",
            ),
        ]

    def come_on_duty(self) -> str:
        """Who is who: names are the roster's, ids the service's."""
        self.people = {person["name"]: person["id"] for person in self._officer.volunteers()}
        return str(len(self.people))

    def warn_where_one_walks(self) -> str:
        """Somebody is under way, and will be for a long time."""
        case_id = self._warn(self.warnings.taken_back)
        found = self._stage.until_case(case_id, lambda case: case["state"] == "accepted", "the acceptance")
        return str(found["number"])

    def pass_over_phone_off(self) -> None:
        """Nearest to the door, and no text reaches them: the next is asked at once."""
        self._stage.exchange.phone(PHONE_OFF.phone).switch_off()
        case_id = self._warn(self.warnings.at_phone_off)
        me = self.people[PHONE_OFF.name]

        def passed_over(case: Mapping[str, Any]) -> bool:
            states = {offer["volunteer"]: offer["state"] for offer in case["offers"]}
            return states.get(me) == "undeliverable" and len(states) > 1

        self._stage.until_case(case_id, passed_over, "somebody else is asked")

    def hear_received(self) -> None:
        """Nearest to the door, and no answer: what they say is nothing that can be acted on."""
        case_id = self._warn(self.warnings.at_says_received)
        self._until_asked(case_id, SAYS_RECEIVED)
        self._stage.until(lambda: any(text["body"] == RECEIVED for text in self._officer.inbox()), "收到 in the inbox")

    def warn_across_the_border(self) -> str:
        """The order says in which system its numbers are; the place follows from that."""
        return str(self._stage.case(self._warn(self.warnings.across_the_border))["community"])

    def warn_without_place(self) -> str:
        """Dispatched by what is known (contract: warning orders)."""
        return str(self._stage.case(self._warn(self.warnings.unplaced))["flags"])

    def warn_with_wrong_number(self) -> str:
        """Refusing would cost the family."""
        return str(self._stage.case(self._warn(self.warnings.wrong_number))["flags"])

    def rush(self) -> str:
        """More than there are people: what nobody can be asked for is with the officer at once."""
        half = len(self.warnings.ordinary) // 2
        self._warn_all([*(twice.first for twice in self.warnings.twice), *self.warnings.ordinary[:half]])
        self._stage.until(lambda: sum(case["state"] == "escalated" for case in self._open()) >= _FEW, "the officer's")
        return str(len(self.receipts))

    def take_back(self) -> str:
        """A withdrawal while somebody is on the way asks the officer (contract: warning orders)."""
        order = self.warnings.taken_back
        self.withdrawal = self._stage.centre.withdraw(order["alert_no"], "经核实为本人正常转账")
        case_id = self.case_id(order)
        asked = self._stage.until_case(case_id, lambda case: "withdrawal_asked" in case["flags"], "the question")
        return str(asked["number"])

    def rush_on(self) -> str:
        """The rest of the forty."""
        half = len(self.warnings.ordinary) // 2
        self._warn_all([*self.warnings.ordinary[half:], *(twice.again for twice in self.warnings.twice)])
        return str(len(self.receipts))

    def wear_on(self) -> str:
        """Until everybody who goes at all is on the last task of the evening."""
        self._stage.until(self._vests.all_on_their_last, "everybody is out")
        return str(sum(case["state"] == "escalated" for case in self._open()))

    def see_to_the_desk(self) -> str:
        """By hand, one by one. Who was warned about again after the visit was not talked out of it after all."""
        alarms, texts = self._officer.alarms(), self._officer.inbox()
        self._warned_again = frozenset(alarm["case_id"] for alarm in alarms if alarm["kind"] == "warned_again")
        for alarm in alarms:
            self._officer.acknowledge(alarm["id"])
        for text in texts:
            self._officer.handle(text["id"])
        return f"{len(alarms)} + {len(texts)}"

    def take_in_hand(self) -> str:
        """Nobody new is asked for what an officer holds."""
        left = [case["id"] for case in self._open() if _nobodys(case) or case["id"] in self._warned_again]
        for case_id in left:
            self._officer.hold(case_id)
        return str(len(left))

    def close_what_is_done(self) -> str:
        """No reply closes a case, and no withdrawal; the officer does."""
        reported = {case["id"] for case in self._open() if "dissuaded_reported" in case["flags"]}
        done = reported - self._warned_again
        for case_id in done:
            self._officer.close(case_id, "dissuaded", "队员报告已当面劝阻,复核无误")
        self._officer.close(self.case_id(self.warnings.taken_back), "withdrawn", "中心撤回指令,核实无误")
        return str(len(done) + 1)

    def case_id(self, order: Order) -> str:
        """The case that the centre was told its order became."""
        return next(str(receipt.case_id) for sent, receipt in self.receipts if sent is order)

    @property
    def _officer(self) -> Officer:
        return self._stage.officer

    def _open(self) -> list[dict[str, Any]]:
        return self._officer.open_cases()

    def _warn(self, order: Order) -> str:
        """The centre sends the order and keeps the answer. Raises Stuck when it was not taken."""
        receipt = self._stage.centre.send_alert(order, pause=self._stage.pause)
        self.receipts.append((order, receipt))
        if receipt.case_id is None:
            raise Stuck(f"{order['alert_no']} was answered {receipt.status}")
        return receipt.case_id

    def _warn_all(self, orders: Iterable[Order]) -> None:
        for order in orders:
            self._warn(order)

    def _until_asked(self, case_id: str, vest: Vest) -> None:
        me = self.people[vest.name]

        def asked(case: Mapping[str, Any]) -> bool:
            return me in {offer["volunteer"] for offer in case["offers"]}

        self._stage.until_case(case_id, asked, f"{vest.name} is asked")


def _nobodys(case: Mapping[str, Any]) -> bool:
    """Nobody is on the way and nobody was there: whoever may still be asked, the case is for the officer."""
    on_it = any(offer["state"] == "accepted" for offer in case["offers"])
    return not on_it and case["held_by"] is None and "dissuaded_reported" not in case["flags"]
