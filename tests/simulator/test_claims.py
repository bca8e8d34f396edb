"""A story claims its texts: the simulated volunteers leave them alone, however quick they are."""

import threading
from collections.abc import Callable
from typing import Any

from simulator.exchange.claims import Claim, Claims
from simulator.handset import Exchange
from simulator.volunteers import Volunteers, Watch, answers

OFFER = '【蓝马甲】特急 {code} {community} 冒充公检法。回"1{code}"接单,"2{code}"不能去 https://x/t/abc'
SEED = 7


def test_a_claim_needs_all_its_words_and_ends_by_itself() -> None:
    claims = Claims()
    claims.put(Claim(player="liutang", words=["特急", "桃源社区"], seconds=10), now=100)
    assert claims.player_of("特急 桃源社区", 109) == "liutang"
    assert claims.player_of("特急 流塘社区", 109) is None
    assert claims.player_of("特急 桃源社区", 110) is None


def test_a_player_has_one_claim_and_can_drop_it() -> None:
    claims = Claims()
    for word in ("甲", "乙"):
        claims.put(Claim(player="liutang", words=[word], seconds=10), now=0)
    assert (claims.player_of("甲", 1), claims.player_of("乙", 1)) == (None, "liutang")
    claims.drop("liutang")
    claims.drop("liutang")
    assert claims.player_of("乙", 1) is None


def test_volunteers_answer_what_nobody_claimed(
    client: Any, exchange: Exchange, until: Callable[[Callable[[], bool]], None]
) -> None:
    phone = next(
        number for number in (f"+861380000{n:04d}" for n in range(100)) if len(answers(number, "K73", SEED)) >= 3
    )
    stop = threading.Event()
    watch = Watch(exchange.url, Volunteers(SEED, pace=1000), stop)
    thread = threading.Thread(target=watch.run)
    thread.start()
    until(watch.ready.is_set)
    exchange.claim("liutang", "特急", "桃源社区")
    client.messages.create(to=phone, from_=exchange.number, body=OFFER.format(code="K73", community="桃源社区"))
    exchange.phone(phone).expect_sms("K73")
    exchange.unclaim("liutang")
    client.messages.create(to=phone, from_=exchange.number, body=OFFER.format(code="M22", community="桃源社区"))
    planned = [act.body for act in answers(phone, "M22", SEED)]
    exchange.phone(phone).expect_sms("M22")
    until(lambda: len(exchange.texts(phone)) >= 2 + len(planned))
    stop.set()
    thread.join(10)
    assert [text.body for text in exchange.texts(phone) if text.direction == "inbound"] == planned
