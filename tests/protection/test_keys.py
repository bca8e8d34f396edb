import json
import logging
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.protection.errors import (
    KeysExistError,
    KeysMissingError,
    KeysUnusableError,
    ProtectionError,
    TamperedError,
    UnknownKeyError,
)
from dispatcher.protection.keys import KeyRing, current_keys, use_keys

RING = KeyRing.generate()


def test_a_new_file_is_closed_to_others_and_read_back_as_the_same_ring(tmp_path: Path) -> None:
    made = KeyRing.create(tmp_path / "keys.json")

    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600
    read = KeyRing.load(tmp_path / "keys.json")
    assert read.decrypt(made.encrypt("王某丽".encode(), b"place"), b"place").decode() == "王某丽"
    assert read.fingerprint() == made.fingerprint()
    assert list(tmp_path.iterdir()) == [tmp_path / "keys.json"]


def test_keys_are_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    KeyRing.create(path)
    before = path.read_bytes()

    with pytest.raises(KeysExistError):
        KeyRing.create(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [tmp_path / "keys.json"]


def test_a_rotation_writes_with_the_new_key_and_reads_the_old(tmp_path: Path) -> None:
    ring = KeyRing.create(tmp_path / "keys.json")
    old = ring.encrypt(b"before")
    fingerprint, index, token = ring.fingerprint(), ring.blind_index("phone", "1"), ring.link_token("task")

    assert ring.add_key() == ring.current == 2

    new = ring.encrypt(b"after")
    assert (ring.key_id_of(old), ring.key_id_of(new)) == (1, 2)
    assert new.startswith(ring.header())
    assert (ring.decrypt(old), ring.decrypt(new)) == (b"before", b"after")
    assert KeyRing.load(tmp_path / "keys.json").decrypt(new) == b"after"
    assert (ring.fingerprint(), ring.blind_index("phone", "1"), ring.link_token("task")) == (
        fingerprint,
        index,
        token,
    )
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600


def test_a_running_process_takes_over_the_key_another_one_added(tmp_path: Path) -> None:
    service = KeyRing.create(tmp_path / "keys.json")
    service.encrypt(b"")
    command = KeyRing.load(tmp_path / "keys.json")

    command.add_key()

    assert service.decrypt(command.encrypt(b"by the new key")) == b"by the new key"
    assert service.key_id_of(service.encrypt(b"")) == 2


def test_a_file_spoilt_under_a_running_process_does_not_stop_it(tmp_path: Path) -> None:
    service = KeyRing.create(tmp_path / "keys.json")
    value = service.encrypt(b"still here")
    (tmp_path / "keys.json").write_text("{")

    assert service.decrypt(service.encrypt(b"goes on")) == b"goes on"
    (tmp_path / "keys.json").unlink()
    assert service.decrypt(value) == b"still here"


def test_another_ring_put_in_the_files_place_is_not_taken_over(tmp_path: Path) -> None:
    service = KeyRing.create(tmp_path / "keys.json")
    value = service.encrypt(b"ours")
    (tmp_path / "keys.json").unlink()
    KeyRing.create(tmp_path / "keys.json")

    assert service.decrypt(service.encrypt(b"ours too")) == b"ours too"
    assert service.decrypt(value) == b"ours"


def test_of_many_rotations_at_once_none_is_lost(tmp_path: Path) -> None:
    KeyRing.create(tmp_path / "keys.json")
    rings = [KeyRing.load(tmp_path / "keys.json") for _ in range(8)]
    threads = [threading.Thread(target=ring.add_key) for ring in rings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert KeyRing.load(tmp_path / "keys.json").current == 9
    assert [ring.decrypt(other.encrypt(b"x")) for ring in rings for other in rings] == [b"x"] * 64


def test_a_full_ring_and_a_ring_without_a_file_say_so(tmp_path: Path) -> None:
    content = json.loads(Path(KeyRing.create(tmp_path / "keys.json")._path or "").read_text())
    content["encryption"]["255"] = content["encryption"]["1"]
    (tmp_path / "keys.json").write_text(json.dumps(content))

    with pytest.raises(KeysUnusableError, match="full"):
        KeyRing.load(tmp_path / "keys.json").add_key()
    with pytest.raises(KeysUnusableError, match="no file"):
        KeyRing.from_json((tmp_path / "keys.json").read_text()).add_key()


def test_the_environments_text_is_the_files_text(tmp_path: Path) -> None:
    made = KeyRing.create(tmp_path / "keys.json")
    assert KeyRing.from_json((tmp_path / "keys.json").read_text()).decrypt(made.encrypt(b"x")) == b"x"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"version": 2}',
        '{"version": 1, "current": 1, "encryption": {"1": "AAAA"}, "index": "", "link": ""}',
        '{"version": 1, "current": 1, "encryption": [], "index": "", "link": ""}',
        "[" * 100_000,
    ],
)
def test_a_spoilt_text_gives_one_clear_line(text: str) -> None:
    with pytest.raises(KeysUnusableError) as caught:
        KeyRing.from_json(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("change", [{"current": 2}, {"encryption": {}}, {"current": None}, {"index": "!"}])
def test_a_ring_that_does_not_fit_together_is_refused(change: dict[str, object], tmp_path: Path) -> None:
    KeyRing.create(tmp_path / "keys.json")
    content = json.loads((tmp_path / "keys.json").read_text()) | change
    with pytest.raises(KeysUnusableError):
        KeyRing.from_json(json.dumps(content))


def test_a_missing_file_and_a_missing_folder_say_so(tmp_path: Path) -> None:
    with pytest.raises(KeysMissingError, match="no key file"):
        KeyRing.load(tmp_path / "keys.json")
    with pytest.raises(KeysUnusableError, match="cannot be written"):
        KeyRing.create(tmp_path / "nowhere" / "keys.json")
    with pytest.raises(KeysUnusableError, match="cannot be read"):
        KeyRing.load(tmp_path)


def test_a_file_others_can_read_is_used_with_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    KeyRing.create(tmp_path / "keys.json")
    with caplog.at_level(logging.WARNING):
        KeyRing.load(tmp_path / "keys.json")
        assert not caplog.records
        (tmp_path / "keys.json").chmod(0o644)
        KeyRing.load(tmp_path / "keys.json")
    assert "chmod 600" in caplog.text


def test_no_key_shows_in_what_is_printed(tmp_path: Path) -> None:
    ring = KeyRing.create(tmp_path / "keys.json")
    content = json.loads((tmp_path / "keys.json").read_text())
    shown = repr(ring) + repr(ring._keys)
    for secret in (content["index"], content["link"], content["encryption"]["1"]):
        assert secret not in shown
    assert "encryption" not in repr(ring._keys)


def test_without_keys_the_process_is_told_what_is_missing() -> None:
    use_keys(None)
    with pytest.raises(KeysMissingError, match="use_keys"):
        current_keys()


@given(st.binary(max_size=300), st.binary(max_size=30))
def test_what_is_encrypted_comes_back_and_looks_different_every_time(plain: bytes, aad: bytes) -> None:
    first, second = RING.encrypt(plain, aad), RING.encrypt(plain, aad)
    assert RING.decrypt(first, aad) == RING.decrypt(second, aad) == plain
    assert first != second
    assert len(first) == 2 + 12 + len(plain) + 16


@given(st.binary(max_size=60), st.data())
def test_any_changed_bit_is_noticed(plain: bytes, data: st.DataObject) -> None:
    blob = bytearray(RING.encrypt(plain))
    blob[data.draw(st.integers(0, len(blob) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises((TamperedError, UnknownKeyError)):
        RING.decrypt(bytes(blob))


@given(st.binary(max_size=60))
def test_bytes_that_were_never_encrypted_are_refused(blob: bytes) -> None:
    with pytest.raises(ProtectionError):
        RING.decrypt(blob)


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_a_value_opens_only_in_its_own_place(here: bytes, there: bytes) -> None:
    blob = RING.encrypt(b"x", here)
    if here != there:
        with pytest.raises(TamperedError):
            RING.decrypt(blob, there)


def test_the_key_id_cannot_be_exchanged(tmp_path: Path) -> None:
    ring = KeyRing.create(tmp_path / "keys.json")
    blob = ring.encrypt(b"x")
    ring.add_key()
    with pytest.raises(TamperedError):
        ring.decrypt(blob[:1] + b"\x02" + blob[2:])


PAIRS = st.tuples(st.text(max_size=12), st.text(max_size=12))


@given(PAIRS, PAIRS)
def test_blind_indexes_are_equal_exactly_for_equal_values_of_a_kind(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    assert len(RING.blind_index(*one)) == 16
    assert (RING.blind_index(*one) == RING.blind_index(*other)) == (one == other)


def test_another_rings_blind_index_and_tokens_differ() -> None:
    other = KeyRing.generate()
    assert RING.blind_index("phone", "+8613800000001") != other.blind_index("phone", "+8613800000001")
    assert RING.link_token("task") != other.link_token("task")
    assert RING.fingerprint() != other.fingerprint()


@given(st.text(max_size=40), st.text(max_size=40))
def test_link_tokens_are_short_plain_and_their_subjects_own(one: str, other: str) -> None:
    token = RING.link_token(one)
    assert len(token) == 17
    assert token.isascii()
    assert token.isalnum()
    assert (token == RING.link_token(other)) == (one == other)
