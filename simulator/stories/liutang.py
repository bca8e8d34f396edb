"""Liutang: ten million in a car park (Xixiang Street, Shenzhen). True but for times, names and numbers."""

from collections.abc import Sequence
from datetime import UTC, datetime

from simulator.alerts import liutang
from simulator.chance import chance
from simulator.stories.driver import Step
from simulator.stories.stage import Asked, Stage

_WORDS = ("特急", "桃源社区", "冒充公检法")
_CAR_PARK = (113.8679, 22.5757)
"""Longitude and latitude, WGS-84."""


class Liutang:
    """One playing of the story; what has happened so far is in `case_id`, `vest`, `others` and `finder`."""

    zh, en = "流塘", "Liutang"

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.case_id = ""
        self.vest = self.finder = Asked("", "", "", 0)
        self.others: Sequence[Asked] = ()

    @property
    def steps(self) -> Sequence[Step]:
        """What happened on 29 April, and the closing."""
        return [
            Step(
                self.order,
                "反诈中心下达特急指令:桃源社区王某丽疑遭冒充公检法诈骗,一千万元",
                "the centre's order: ten million at risk",
            ),
            Step(self.ask, "最近的在岗队员收到短信", "the nearest vests on duty have their texts"),
            Step(self.accept, "一名队员短信接单,其他人收到不用去", "one accepts by text, the others are stood down"),
            Step(
                self.stop,
                "民警查看家属,应家属要求起草本人账户保护性止付",
                "the officer drafts a protective stop, asked for by the family",
            ),
            Step(self.call_husband, "民警电话联系丈夫:正在赶去银行", "the officer speaks to the husband by phone"),
            Step(self.arrive, "队员到场", "the vest is at the door"),
            Step(self.find_nobody, "家中无人,队员回5:开始查找", "nobody is at home: 5 opens the search"),
            Step(
                self.ask_near_by,
                "视频看到她在露天停车场,民警指派最近的志愿者,志愿者接单",
                "video sees her in an open-air car park: the officer asks whoever is nearest, who accepts",
            ),
            Step(
                self.meet,
                "志愿者在停车场当面见到并劝住:位置已共享,回4",
                "the volunteer meets her there and talks her out of it: position shared, 4",
            ),
            Step(self.close, "民警结案:已劝阻", "the officer closes the case: dissuaded"),
        ]

    def order(self) -> str:
        """A new resident each time: an earlier playing may have left its case open."""
        stage = self._stage
        phone = f"+861380000{chance('liutang', stage.run).randint(0, 9999):04d}"
        stage.exchange.claim("liutang", *_WORDS)
        self.case_id = stage.order(liutang(datetime.now(UTC), f"BA-{stage.run}-LT", stage.station, phone))
        return str(stage.case(self.case_id)["number"])

    def ask(self) -> str:
        """The first wave of an extreme order."""
        self.vest, *self.others = self._stage.asked(self.case_id)
        self._stage.exchange.unclaim("liutang")
        return " ".join(f"{one.phone} {one.code}" for one in (self.vest, *self.others))

    def accept(self) -> str:
        """First acceptance wins; everybody else who could still answer is told so once."""
        said = self._stage.says(self.case_id, self.vest, 1)
        ends = {offer["volunteer"]: offer["state"] for offer in self._stage.case(self.case_id)["offers"]}
        for other in self.others:
            if ends[other.volunteer] == "stood_down":
                self._stage.text(other.phone, other.code, "不用去了")
        return said

    def stop(self) -> str:
        """Her own account, from the order; its number is unmasked for that reason."""
        officer = self._stage.officer
        whole = officer.unmask(self.case_id, "联系家属并填写保护性止付")
        own = next(account for account in whole["accounts"] if account["whose"] == "own")
        case = officer.stop(
            self.case_id,
            whose="own",
            asked_by="family",
            bank=own["bank"],
            account=own["account"],
            account_name=whole["resident"]["name"],
            amount="10000000.00",
        )
        return str(case["freezes"][-1]["account"])

    def call_husband(self) -> None:
        """The kin stand on the case's page."""
        self._stage.officer.contact(self.case_id, "family", "spoken", "丈夫已接电话:妻子上午出门未归,正去银行协助止付")

    def arrive(self) -> str:
        """By text."""
        return self._stage.says(self.case_id, self.vest, 3)

    def find_nobody(self) -> str:
        """The search stays open until somebody meets her."""
        said = self._stage.says(self.case_id, self.vest, 5)
        self._stage.until_case(self.case_id, lambda case: "searching" in case["flags"], "the search")
        return said

    def ask_near_by(self) -> str:
        """A second person on the case, chosen by the officer; the search task of the story."""
        stage = self._stage
        stage.exchange.claim("liutang", *_WORDS)
        self.finder = stage.ask_nearest(self.case_id, *_CAR_PARK, "视频在露天停车场看到本人,请就近前往")
        stage.exchange.unclaim("liutang")
        return stage.says(self.case_id, self.finder, 1)

    def meet(self) -> str:
        """Recorded with time and place by whoever finds her: 4 without a 3 is arrival and meeting (contract: SMS).

        She had given away card, password and codes, and was about to call the bank to undo the stop.
        """
        self._stage.share_position(self.finder, *_CAR_PARK)
        return f"{_CAR_PARK[0]},{_CAR_PARK[1]} {self._stage.says(self.case_id, self.finder, 4)}"

    def close(self) -> None:
        """No reply closes a case; the officer does."""
        self._stage.officer.close(self.case_id, "dissuaded", "已在露天停车场当面劝阻,本人认清骗局,家属到场")
        self._stage.until_case(self.case_id, lambda case: case["state"] == "closed", "the closing")
