from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from dispatcher.feedback.signing import body_of, secrets_at, signed_headers
from dispatcher.ids import new_id
from dispatcher.views import iso
from tests.feedback.conftest import SECRET

NOW = datetime(2026, 4, 29, 8, 0, tzinfo=UTC)
OLD = "whsec_" + "b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xk"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), json_values, max_size=5))
def test_the_bytes_do_not_depend_on_the_order_in_which_the_payload_is_kept(payload: dict[str, Any]) -> None:
    assert body_of(payload) == body_of(dict(reversed(payload.items())))


def test_the_body_is_compact_and_in_plain_utf8() -> None:
    assert (
        body_of({"type": "case.opened", "data": {"by": "蓝马甲"}})
        == '{"data":{"by":"蓝马甲"},"type":"case.opened"}'.encode()
    )


def test_every_secret_verifies_what_was_signed_with_all() -> None:
    body = body_of({"type": "case.opened"})
    headers = signed_headers(new_id(), body, [SECRET, OLD], datetime.now(UTC))
    for secret in (SECRET, OLD):
        assert Webhook(secret).verify(body, headers) == {"type": "case.opened"}
    assert len(headers["webhook-signature"].split(" ")) == 2


def test_a_secret_counts_until_its_end_and_the_newest_comes_first() -> None:
    entries = [
        {"secret": "new", "until": None},
        {"secret": "old", "until": iso(NOW + timedelta(hours=1))},
        {"secret": "gone", "until": iso(NOW - timedelta(seconds=1))},
    ]
    assert secrets_at(entries, NOW) == ("new", "old")
    assert secrets_at(entries, NOW + timedelta(hours=2)) == ("new",)


@pytest.mark.parametrize("secrets", [[], ["whsec_"], ["whsec_x"]])
def test_without_a_usable_secret_nothing_is_signed(secrets: list[str]) -> None:
    with pytest.raises(ValueError):
        signed_headers(new_id(), b"{}", secrets, NOW)
