import pytest

from simulator.codes import offer_code, quoted_replies, reply_code


@pytest.mark.parametrize(
    ("body", "offer", "last"),
    [
        ('特急 K73 桃源社区。回"1K73"接单,"2K73"不能去 https://x/t/3A77', "K73", "K73"),
        ("EXTREME K73. Reply 1K73 accept, 2K73 decline http://x/t/1B22", "K73", "K73"),
        ('K73您到了吗？到了回"3K73"', None, "K73"),
        ("K73已有人接单，您不用去了", None, None),
        ("http://x/t/1K73", None, None),
        ("验证码 11K73、1K733、1k73、1O73", None, None),
        ('回"1K73"；回"1M2B"', "K73", "M2B"),
    ],
)
def test_codes_are_read_from_the_replies_a_text_suggests(body: str, offer: str | None, last: str | None) -> None:
    assert (offer_code(body), reply_code(body)) == (offer, last)


def test_all_suggested_replies_are_found() -> None:
    assert quoted_replies('"1K73"接单,"2K73"不能去') == [("1", "K73"), ("2", "K73")]
