"""What to say at the door: for every kind of fraud on the list, in both languages, and short enough to be said."""

import re

import pytest

from dispatcher.guidance import guidance
from dispatcher.words import FRAUD_TYPES, FRAUD_TYPES_BY_YEAR

CHINESE = re.compile(r"[一-鿿]")


@pytest.mark.parametrize("fraud_type", sorted(FRAUD_TYPES))
def test_each_kind_has_two_or_three_sentences_of_its_own(fraud_type: str) -> None:
    found = guidance(fraud_type)
    assert found.fraud_type == fraud_type
    assert len(found.say) in {2, 3}
    for said in (*found.say, *found.checks, *found.questions, found.protect, found.where):
        assert CHINESE.search(said.zh)
        assert not CHINESE.search(said.en)
        assert said.zh.endswith(("。", "？")) or said in found.checks
    assert max(len(said.zh) for said in found.say) <= 30


def test_no_two_kinds_say_the_same() -> None:
    said = [sentence.zh for code in FRAUD_TYPES for sentence in (*guidance(code).say, guidance(code).where)]
    assert len(said) == len(set(said))


def test_a_kind_is_known_by_its_words_as_well() -> None:
    for code, words in FRAUD_TYPES_BY_YEAR[2025].items():
        assert all(guidance(word) == guidance(code) for word in words)


@pytest.mark.parametrize("fraud_type", [None, "", "杀猪盘", "<script>"])
def test_what_is_not_on_the_list_gets_what_holds_for_every_fraud(fraud_type: str | None) -> None:
    found = guidance(fraud_type)
    assert found.fraud_type is None
    assert found.say
    assert found.checks == guidance("romance").checks


def test_who_obeys_false_police_is_sought_where_it_is_quiet() -> None:
    where = guidance("impersonating_authorities").where
    assert "停车场" in where.zh
    assert "酒店" in where.zh
    assert "car park" in where.en
