"""Yongning: they were at the door when she got home (Xiaolan Town, Zhongshan). True but for names and numbers."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from simulator.chance import chance
from simulator.officer import Officer, Refused
from simulator.stories.driver import Step
from simulator.stories.stage import Asked, Stage, Stuck

_WORDS = ("紧急", "冒充电商物流客服")


class Yongning:
    """One playing of the story: two officers, a colleague's tries beside one's own, and a team under way."""

    zh, en = "永宁", "Yongning"

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.case_id = ""
        self.vest = Asked("", "", "", 0)

    @property
    def steps(self) -> Sequence[Step]:
        """Several channels, tried by several people; none of them closes the case."""
        return [
            Step(
                self.order,
                "反诈中心指令:机主正与假客服通话,只有号码,住址不明",
                "the order: only a phone number, nobody knows where she lives",
            ),
            Step(self.accept, "一名队员接单待命", "a vest takes the task"),
            Step(self.try_by_phone, "民警甲:电话无人接,96110无人接", "officer one: phone and 96110, no answer"),
            Step(
                self.try_elsewhere,
                "民警乙同时:短信无回音,单位无人认识",
                "officer two meanwhile: SMS and workplace, nothing",
            ),
            Step(
                self.know_her, "查明身份住址:中心更新指令", "she is known now: the centre's update brings the address"
            ),
            Step(self.hold, "民警甲接手案件", "officer one takes the case in hand"),
            Step(
                self.talk,
                "民警乙加上她的微信,劝她挂断:手工记录",
                "officer two is accepted on WeChat and talks to her: recorded by hand",
            ),
            Step(
                self.leave_it,
                "民警乙想结案:系统提示案件在甲手中,乙不动",
                "officer two may not close: the case is in officer one's hands",
            ),
            Step(self.meet, "她到家时队员已在门口:回3、回4", "the team is at the door when she gets home: 3, then 4"),
            Step(self.close, "民警甲结案:已劝阻", "officer one closes the case: dissuaded"),
        ]

    @property
    def _first(self) -> Officer:
        return self._stage.officers[0]

    @property
    def _second(self) -> Officer:
        return self._stage.officers[1]

    def order(self) -> str:
        """Dispatched by what is known, and flagged (contract: warning orders)."""
        stage = self._stage
        stage.exchange.claim("yongning", *_WORDS)
        self.case_id = stage.order(self._order())
        case = stage.until_case(self.case_id, lambda case: "no_position" in case["flags"], "the flag")
        return str(case["number"])

    def accept(self) -> str:
        """Whoever is nearest as far as anybody knows."""
        self.vest = self._stage.asked(self.case_id)[0]
        self._stage.exchange.unclaim("yongning")
        return self._stage.says(self.case_id, self.vest, 1)

    def try_by_phone(self) -> None:
        """Two channels in vain."""
        self._first.contact(self.case_id, "phone", "no_answer", "占线")
        self._first.contact(self.case_id, "96110", "no_answer")

    def try_elsewhere(self) -> None:
        """Another officer, other channels, the same case."""
        self._second.contact(self.case_id, "sms", "no_answer")
        self._second.contact(self.case_id, "workplace", "not_found", "原单位称已离职")

    def know_her(self) -> str:
        """The order's update carries the whole of it again (contract: warning orders)."""
        home = {
            "name": "何某芳",
            "address": "永宁花园3栋502",
            "location": {"lon": 113.8663, "lat": 22.5768, "crs": "wgs84"},
        }
        self._stage.order(self._order(**home), event="alert.updated")
        self._stage.until_case(self.case_id, lambda case: "no_position" not in case["flags"], "the address")
        return home["address"] if isinstance(home["address"], str) else ""

    def hold(self) -> None:
        """From now on one officer answers for the case; the vest stays on the way."""
        self._first.hold(self.case_id)

    def talk(self) -> None:
        """A channel outside the service, recorded by hand."""
        self._second.contact(self.case_id, "wechat", "spoken", "通过好友验证,发送警情通报,对方已挂断假客服电话")

    def leave_it(self) -> str:
        """Raises Stuck when the service let two officers step on each other."""
        try:
            self._second.close(self.case_id, "dissuaded", "微信已劝住")
        except Refused as no:
            if no.status == httpx.codes.CONFLICT and self._first.name in no.detail:
                return no.detail
            raise
        raise Stuck("an officer closed what another holds")

    def meet(self) -> str:
        """Met at her door."""
        arrived = self._stage.says(self.case_id, self.vest, 3)
        return f"{arrived} {self._stage.says(self.case_id, self.vest, 4)}"

    def close(self) -> None:
        """By the one who holds it."""
        self._first.close(self.case_id, "dissuaded", "微信劝阻,队员在家门口当面核实")
        self._stage.until_case(self.case_id, lambda case: case["state"] == "closed", "the closing")

    def _order(self, **resident: Any) -> dict[str, Any]:
        run = self._stage.run
        return {
            "alert_no": f"BA-{run}-YN",
            "station": self._stage.station,
            "level": "high",
            "kind": "contact",
            "fraud_type": "fake_customer_service",
            "occurred_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "summary": "机主正与境外号码长时间通话,对方自称客服",
            "resident": {"phone": f"+861380001{chance('yongning', run).randint(0, 9999):04d}", **resident},
        }
