import unicodedata

import pytest

from dispatcher.access.officers import add_officer
from dispatcher.access.passwords import hash_password, verify_password
from dispatcher.errors import BadInput, Conflict
from dispatcher.model import Role
from tests.access.world import LT, PASSWORD, World


def test_fifteen_characters_are_enough_whatever_they_are() -> None:
    assert verify_password("a" * 15, hash_password("a" * 15))
    with pytest.raises(BadInput) as short:
        hash_password("a" * 14)
    assert short.value.field == "password"
    with pytest.raises(BadInput):
        hash_password("a" * 1025)


def test_a_password_typed_in_another_unicode_form_is_the_same() -> None:
    composed = unicodedata.normalize("NFC", "é" * 15)
    assert verify_password(unicodedata.normalize("NFD", composed), hash_password(composed))
    assert "argon2id" in hash_password(composed)


def test_nobodys_password_never_fits() -> None:
    assert not verify_password("the password of nobody at all", None)
    assert not verify_password("\ud800" * 20, hash_password(PASSWORD))
    assert not verify_password("x" * 5000, hash_password(PASSWORD))
    with pytest.raises(BadInput):
        hash_password("\ud800" * 20)


def test_a_taken_name_is_a_conflict_in_any_form(world: World) -> None:
    world.officer("José")
    with pytest.raises(Conflict):
        world.officer(unicodedata.normalize("NFD", " José "))


@pytest.mark.parametrize(
    ("name", "place", "field"),
    [
        ("", LT, "name"),
        ("a\nb", LT, "name"),
        ("x" * 65, LT, "name"),
        ("zhang", "nowhere", "station"),
        ("zhang", "LT-TY", "station"),
    ],
)
def test_what_cannot_be_is_refused_and_named(world: World, name: str, place: str, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        world.database.transact(lambda work: add_officer(work, name, place, Role.DUTY, PASSWORD))
    assert refused.value.field == field
