"""A station's policy as a file: what it says, and what is said of every mistake."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.model import Level
from dispatcher.policy import DEFAULT_POLICY, read_policy
from dispatcher.policy_file import MOST_CHARACTERS, Mistakes, changes, read_policy_file

VALID = """\
# Liutang at night
levels:
  extreme:
    wave: 4
    answer_s: 45
  high: {wave: 2, sign_s: 120}
  medium:
    name: {zh: 中危, en: Middling}
    colour: orange
people_per_case: 2
travel:
  speed_m_s: 1.9
  detour: 1.4
arrival:
  factor: 1.6
  least_s: 240
"""

# What is written instead of what; the line that is named, the value, and a word of what is said.
MUTATIONS = [
    ("wave: 4", "wave: 0", 4, "levels.extreme.wave", "greater than or equal to 1"),
    ("wave: 4", "wave: 301", 4, "levels.extreme.wave", "less than or equal to 300"),
    ("wave: 4", 'wave: "4"', 4, "levels.extreme.wave", "valid integer"),
    ("wave: 4", "wave: 4.5", 4, "levels.extreme.wave", "valid integer"),
    ("wave: 4", "wave: true", 4, "levels.extreme.wave", "valid integer"),
    ("wave: 4", "wave:", 4, "levels.extreme.wave", "valid integer"),
    ("wave: 4", "waves: 4", 4, "levels.extreme.waves", "there are name, colour, wave, step_s, most"),
    ("answer_s: 45", "answer_s: 45\n    answer_s: 50", 6, "levels.extreme.answer_s", "twice, first in line 5"),
    ("answer_s: 45", "answer_s: 3601", 5, "levels.extreme.answer_s", "3600"),
    ("  extreme:", "  exteme:", 3, "levels.exteme", "there are extreme, high, medium, low"),
    ("{wave: 2, sign_s: 120}", "2", 6, "levels.high", "an object"),
    ("{wave: 2, sign_s: 120}", "{wave: 2, sign_s: -1}", 6, "levels.high.sign_s", "greater than or equal to 1"),
    ("{wave: 2, sign_s: 120}", "{wave: 2, sign_s: 120", 7, "", ""),
    ("people_per_case: 2", "people_per_case: [2]", 10, "people_per_case", "valid integer"),
    ("people_per_case: 2", "people: 2", 10, "people", "there are levels, people_per_case"),
    ("  speed_m_s: 1.9", "\tspeed_m_s: 1.9", 12, "", "cannot start any token"),
    ("speed_m_s: 1.9", "speed_m_s: 0", 12, "travel.speed_m_s", "greater than 0"),
    ("speed_m_s: 1.9", "speed_m_s: .nan", 12, "travel.speed_m_s", "valid number"),
    ("detour: 1.4", "detour: 1,4", 13, "travel.detour", "valid number"),
    ("arrival:", "arrival: &a\n  again: *a\n  x:", 15, "", "aliases"),
    ("factor: 1.6", "factor: !!python/object:os.system 1.6", 15, "", "tags have no place here"),
    ("factor: 1.6", "factor: !!int many", 15, "", "tags have no place here"),
    ("factor: 1.6", "factor: !!float .inf", 15, "", "tags have no place here"),
    ("people_per_case: 2", "people_per_case: !!bool yes", 10, "", "tags have no place here"),
    ("least_s: 240", "least_s: 4:00", 16, "arrival.least_s", "valid integer"),
    ("least_s: 240", "least_s 240", 17, "", ""),
    ("least_s: 240", "least_s: 240\x07", 16, "", "a character"),
    ("zh: 中危", "zh: 中危中危中危中危中", 8, "levels.medium.name.zh", "at most 8 characters"),
    ("zh: 中危", 'zh: ""', 8, "levels.medium.name.zh", "at least 1 character"),
    ("zh: 中危", 'zh: "  "', 8, "levels.medium.name.zh", "at least 1 character"),
    ("zh: 中危", 'zh: "中\\u202e危"', 8, "levels.medium.name.zh", "control or invisible characters"),
    ("zh: 中危", "zh: 【中】", 8, "levels.medium.name.zh", "brackets of a signature"),
    ("zh: 中危", "zh: 3", 8, "levels.medium.name.zh", "valid string"),
    ("zh: 中危", "zh: 紧急", 8, "levels.medium.name.zh", "the same as levels.high.name.zh"),
    ("en: Middling", "en: Middling to grave", 8, "levels.medium.name.en", "at most 16 characters"),
    ("en: Middling", 'en: "Mid\\tdling"', 8, "levels.medium.name.en", "control or invisible characters"),
    ("en: Middling", "en: ＨＩＧＨ", 8, "levels.medium.name.en", "the same as levels.high.name.en"),
    ("en: Middling", "de: Mittel", 8, "levels.medium.name.de", "there are zh, en"),
    ("{zh: 中危, en: Middling}", "中危", 8, "levels.medium.name", "an object"),
    ("colour: orange", "colour: pink", 9, "levels.medium.colour", "'purple', 'red', 'orange', 'yellow'"),
    ("colour: orange", "colour: '#ff8800'", 9, "levels.medium.colour", "'blue', 'green' or 'grey'"),
    ("colour: orange", "color: orange", 9, "levels.medium.color", "there are name, colour, wave"),
    ("colour: orange", "colour: red", 9, "levels.medium.colour", "the same as levels.high.colour"),
]


def test_a_file_says_what_it_says() -> None:
    found = read_policy_file(VALID.encode())
    assert found["levels"] == {
        "extreme": {"wave": 4, "answer_s": 45},
        "high": {"wave": 2, "sign_s": 120},
        "medium": {"name": {"zh": "中危", "en": "Middling"}, "colour": "orange"},
    }
    assert read_policy(found).travel.speed_m_s == 1.9


def test_json_is_such_a_file() -> None:
    shown = DEFAULT_POLICY.model_dump(mode="json")
    assert read_policy_file(json.dumps(shown, indent=2).encode()) == shown
    assert read_policy_file(b"") == read_policy_file(b"{}") == {}


@pytest.mark.parametrize(("old", "new", "line", "field", "said"), MUTATIONS, ids=[new for _, new, *_ in MUTATIONS])
def test_every_mistake_is_named_with_its_line(old: str, new: str, line: int, field: str, said: str) -> None:
    assert VALID.count(old) == 1
    with pytest.raises(Mistakes) as wrong:
        read_policy_file(VALID.replace(old, new).encode())
    (mistake,) = wrong.value.found
    assert (mistake.line, mistake.field) == (line, field)
    assert said in mistake.message


def test_all_mistakes_are_named_at_once() -> None:
    text = VALID.replace("wave: 4", "wave: 0").replace("factor: 1.6", "factor: 0.5").replace("detour", "detours")
    with pytest.raises(Mistakes) as wrong:
        read_policy_file(text.encode())
    assert [(one.line, one.field) for one in wrong.value.found] == [
        (4, "levels.extreme.wave"),
        (13, "travel.detours"),
        (15, "arrival.factor"),
    ]


def test_levels_that_look_alike_are_named_where_the_file_says_so() -> None:
    """One of the two may be a default; of two that the file has, the later one is named."""
    text = "levels:\n  low:\n    colour: red\n    name: {en: extreme}\n  high: {name: {zh: 急}}\n  medium: {name: {zh: 急}}\n"
    with pytest.raises(Mistakes) as wrong:
        read_policy_file(text.encode())
    assert [str(one) for one in wrong.value.found] == [
        "line 3: levels.low.colour: the same as levels.high.colour: levels must be told apart",
        "line 4: levels.low.name.en: the same as levels.extreme.name.en: levels must be told apart",
        "line 6: levels.medium.name.zh: the same as levels.high.name.zh: levels must be told apart",
    ]


def test_a_name_without_the_other_language_leaves_the_usual_word_there() -> None:
    own = read_policy({"levels": {"extreme": {"name": {"zh": " 极高危 "}}}}).levels
    assert (own[Level.EXTREME].name.zh, own[Level.EXTREME].name.en) == ("极高危", "Extreme")
    assert own[Level.HIGH] == DEFAULT_POLICY.levels[Level.HIGH]


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (b"- 1\n", 1, "names with values"),
        (b"levels:\n  high: {wave: 1}\n# \xff\n", 3, "not UTF-8"),
        (b"x" * (MOST_CHARACTERS + 1), 1, "longer than"),
        (b"[" * 5000, 1, ""),
        (b"? [1, 2]\n: 3\n", 1, "a name must be a word"),
    ],
)
def test_what_is_no_policy_at_all(content: bytes, line: int, said: str) -> None:
    with pytest.raises(Mistakes) as wrong:
        read_policy_file(content)
    assert wrong.value.found[0].line == line
    assert said in str(wrong.value.found[0])


@given(
    st.binary(max_size=300) | st.text(alphabet="levelshigh:wave!intflobul{}[]&*!#- \n\t\"'0123456789.", max_size=200)
)
def test_any_bytes_are_a_policy_or_named_mistakes(content: bytes | str) -> None:
    raw = content if isinstance(content, bytes) else content.encode()
    try:
        found = read_policy_file(raw)
    except Mistakes as wrong:
        lines = [mistake.line for mistake in wrong.found]
    else:
        lines = []
        read_policy(found)
    assert all(1 <= line <= raw.count(b"\n") + raw.count(b"\r") + 2 for line in lines)


def test_what_would_change_is_said_value_by_value() -> None:
    after = read_policy({"levels": {"high": {"wave": 3}}, "people_per_case": 2})
    assert changes(DEFAULT_POLICY, after) == ["levels.high.wave: 1 → 3", "people_per_case: 1 → 2"]
    assert changes(after, after) == []
    named = read_policy({"levels": {"low": {"name": {"zh": "低危"}, "colour": "green"}}})
    assert changes(DEFAULT_POLICY, named) == [
        'levels.low.name.zh: "一般" → "低危"',
        'levels.low.colour: "blue" → "green"',
    ]
