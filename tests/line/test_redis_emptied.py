"""Redis carries wake-ups and nudges: emptied in the middle, nothing is lost."""

from simulator.centre import Centre
from simulator.codes import offer_code
from simulator.handset import Exchange
from tests.line.people import order, roster, vests
from tests.line.processes import PATIENCE_S, until
from tests.line.service import SOURCE, RunningService

ORDERS = 6


def test_orders_are_dispatched_although_redis_is_emptied_all_the_time(
    service: RunningService, provider: Exchange
) -> None:
    people = vests(ORDERS)
    service.add_people(roster(people))
    secret = service.add_source()
    console = service.add_officer()
    console.start()
    redis = service.redis()
    cases = []
    with Centre(service.url, SOURCE, secret) as centre:
        for number in range(ORDERS):
            phone = f"+861351234{number:04d}"
            cases.append(str(centre.send_alert(order(number, level="high", phone=phone)).case_id))
            redis.flushall()
    assert len(set(cases)) == ORDERS
    for person in people:
        code = offer_code(provider.phone(person).expect_sms("接单", timeout=PATIENCE_S))
        redis.flushall()
        provider.phone(person).reply(f"1{code}")
        redis.flushall()
    redis.close()
    until(lambda: states(console.snapshot()) == {"accepted"}, "all accepted")
    for case_id in cases:
        assert [offer["state"] for offer in console.case(case_id)["offers"]] == ["accepted"]
    console.close()
    provider.expect_nothing_else()


def states(snapshot: dict[str, list[dict[str, str]]]) -> set[str]:
    return {case["state"] for case in snapshot["cases"]}
