import re
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.levels import LONGEST_EN, LONGEST_ZH
from dispatcher.lifecycle import CaseState, Disposition, OfferState
from dispatcher.messaging.segments import count_segments
from dispatcher.messaging.texts import PARAMS, SIGNATURES, Template, clean, render
from dispatcher.model.case import Level
from dispatcher.model.track import Channel, ContactResult
from dispatcher.tracking.grammar import Reply, parse
from dispatcher.words import FRAUD_TYPES, word

LINK = "https://vest.example.cn/t/abcdefghijklmnop"
SAMPLE = {
    "level": "extreme",
    "code": "K73",
    "community": "桃源社区",
    "fraud_type": "impersonating_authorities",
    "link": LINK,
}
TWILIO_WORDS = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "START", "YES", "HELP", "INFO"}
BOTH = pytest.mark.parametrize("lang", ["zh", "en"])
EVERY = pytest.mark.parametrize("template", list(Template))


def sample(template: Template, **other: str) -> dict[str, str]:
    return {name: (SAMPLE | other)[name] for name in PARAMS[template]}


def test_the_offer_has_the_shape_of_the_contract() -> None:
    assert render(Template.OFFER, sample(Template.OFFER), "zh") == (
        f'【蓝马甲】特急 K73 桃源社区 冒充公检法。回"1K73"接单,"2K73"不能去 {LINK}'
    )


def test_an_offer_without_place_or_type_has_no_gaps() -> None:
    bare = sample(Template.OFFER, community="", fraud_type="", level="low")
    assert render(Template.OFFER, bare, "zh") == f'【蓝马甲】一般 K73。回"1K73"接单,"2K73"不能去 {LINK}'


def test_a_type_that_is_not_in_the_list_stays_out_of_the_text() -> None:
    text = render(Template.OFFER, sample(Template.OFFER, fraud_type="王某丽 13800000001"), "zh")
    assert "王某丽" not in text
    assert "138" not in text


@BOTH
def test_an_offer_says_the_stations_own_word_for_the_level(lang: str) -> None:
    own = sample(Template.OFFER) | {"called": "low"}  # a word, whatever codes there are
    assert render(Template.OFFER, own, lang).startswith(f"{SIGNATURES[lang]}low K73 ")


@BOTH
def test_the_longest_names_of_a_level_cost_no_text_more_than_two_segments(lang: str) -> None:
    longest = "警" * LONGEST_ZH if lang == "zh" else "W" * LONGEST_EN
    assert count_segments(render(Template.OFFER, sample(Template.OFFER) | {"called": longest}, lang)) <= 2
    assert longest in render(Template.OFFER, sample(Template.OFFER) | {"called": longest}, lang)


@BOTH
@EVERY
def test_every_text_is_signed_once_names_its_code_and_ends_with_its_link(template: Template, lang: str) -> None:
    text = render(template, sample(template), lang)
    assert text.startswith(SIGNATURES[lang])
    assert text.count(SIGNATURES[lang].strip()) == 1
    assert ("K73" in text) == ("code" in PARAMS[template])
    assert text.endswith(" " + LINK) == ("link" in PARAMS[template])
    assert "{" not in text


@BOTH
@EVERY
def test_a_text_costs_one_segment_and_one_with_a_link_two(template: Template, lang: str) -> None:
    cost = count_segments(render(template, sample(template), lang))
    assert cost <= (2 if "link" in PARAMS[template] else 1)


@BOTH
def test_a_text_to_somebody_without_a_code_costs_one_segment(lang: str) -> None:
    assert count_segments(render(Template.UNCLEAR, {"code": ""}, lang)) == 1


def test_english_texts_without_chinese_names_stay_in_the_cheap_alphabet() -> None:
    for template in Template:
        text = render(template, sample(template, community="Taoyuan"), "en")
        assert count_segments(text) <= 1, text


@BOTH
@EVERY
def test_what_we_ask_people_to_answer_is_understood_when_it_comes_back(template: Template, lang: str) -> None:
    text = render(template, sample(template), lang).replace(LINK, "")
    asked = re.findall(r"\b[1-9]K73\b", text, re.ASCII)
    assert bool(asked) == (template in {Template.OFFER, Template.NUDGE, Template.UNCLEAR})
    for answer in asked:
        assert parse(answer) == Reply(int(answer[0]), "K73")
        assert answer not in TWILIO_WORDS
    assert all(inner in asked for inner in re.findall(r'"([^"]*)"', text))


@EVERY
def test_a_missing_or_extra_parameter_is_an_error(template: Template) -> None:
    good = sample(template)
    for name in good:
        with pytest.raises(ValueError, match="takes"):
            render(template, {k: v for k, v in good.items() if k != name}, "zh")
    with pytest.raises(ValueError, match="takes"):
        render(template, good | {"phone": "+8613800000001"}, "zh")


@pytest.mark.parametrize("code", ["", "k73", "K0O", "K73 ", "1K73", "K73\n"])
def test_a_code_that_is_none_is_an_error(code: str) -> None:
    with pytest.raises(ValueError, match="code"):
        render(Template.TAKEN, {"code": code}, "zh")


@pytest.mark.parametrize(
    "link", ["", "vest.example.cn/t/a", "javascript:alert(1)", "https://", LINK + " x", LINK + "\n", LINK + "a" * 100]
)
def test_a_link_that_would_not_open_is_an_error(link: str) -> None:
    with pytest.raises(ValueError, match="link"):
        render(Template.NUDGE, {"code": "K73", "link": link}, "zh")


@given(*[st.text(max_size=300)] * 4, st.sampled_from(["zh", "en", "", "fr"]))
def test_no_parameter_can_blow_up_a_text(level: str, called: str, community: str, fraud_type: str, lang: str) -> None:
    link = "https://" + "a" * 112
    given_ = sample(Template.OFFER, level=level, community=community, fraud_type=fraud_type, link=link)
    given_ |= {"called": called} if called else {}
    text = render(Template.OFFER, given_, lang)
    assert text.encode()
    assert text.isprintable()
    assert count_segments(text) <= 4
    assert text.count("【") == text.count("】") == (0 if lang == "en" else 1)


def test_a_value_is_cleaned_of_lines_invisible_characters_and_signatures() -> None:
    assert clean(" 桃源\r\n社区\u200b\u202e【中国银行】\ud800 ", 20) == "桃源 社区中国银行"
    assert clean("{code} 桃源社区", 8) == "{code} 桃"


@BOTH
@pytest.mark.parametrize(
    ("group", "states"),
    [
        ("level", Level),
        ("case", CaseState),
        ("offer", OfferState),
        ("disposition", Disposition),
        ("channel", Channel),
        ("result", ContactResult),
    ],
)
def test_every_state_has_a_word(group: str, states: type[StrEnum], lang: str) -> None:
    for state in states:
        assert word(group, state, lang) != state or state == "96110"
    assert word(group, "no-such-thing", lang) == "no-such-thing"


def test_the_official_ten_fraud_types_have_words() -> None:
    assert len(FRAUD_TYPES) == 10
    assert len({word("fraud_type", code, "zh") for code in FRAUD_TYPES}) == 10
    assert word("fraud_type", "impersonating_authorities", "zh") == "冒充公检法"
    assert word("no such group", "x", "zh") == "x"
