"""Reading orders: whatever comes, an order or one clear refusal."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.errors import BadInput
from dispatcher.intake.order import OrderType, read_order
from tests.intake.world import body, data, withdrawal

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def test_the_contracts_example_is_an_order() -> None:
    order = read_order(body().decode())
    assert (order.type, order.alert_no) == (OrderType.RAISED, "BA-20260429-0017")
    assert order.data == data()


def test_what_is_blank_was_not_said() -> None:
    order = read_order(body(summary="  ", resident={"name": " ", "address": ""}).decode())
    assert order.data is not None
    assert "summary" not in order.data
    assert set(order.data["resident"]) == {"phone", "location"}


def test_a_withdrawal_carries_its_number_and_reason() -> None:
    order = read_order(withdrawal("A", reason="误报").decode())
    assert (order.type, order.alert_no, order.reason, order.data) == (OrderType.WITHDRAWN, "A", "误报", None)


@given(st.text())
def test_any_text_is_an_order_or_one_refusal(sent: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_order(sent)
    assert refused.value.field


@given(JSON, st.sampled_from(sorted(data())))
def test_any_member_may_be_anything_and_is_taken_or_named(value: Any, member: str) -> None:
    document = {"type": "alert.raised", "data": data() | {member: value}}
    assert taken_or_named(json.dumps(document), member)


def taken_or_named(sent: str, member: str) -> bool:
    """Whether the order was read and can be kept, or the refusal points to the member."""
    try:
        order = read_order(sent)
    except BadInput as refused:
        return refused.field == "body" or (refused.field or "").startswith(f"data.{member}")
    return bool(json.dumps(order.data, allow_nan=False).encode())
