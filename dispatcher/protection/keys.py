"""The keys that protect personal data, and what is done with them."""

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dispatcher.protection import keyfile
from dispatcher.protection.errors import (
    KeysMissingError,
    KeysUnusableError,
    TamperedError,
    UnknownKeyError,
)

_VERSION = 1
_KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_HEADER_BYTES = 2
_LAST_KEY_ID = 255
_INDEX_BYTES = 16
_TOKEN_ALPHABET = string.digits + string.ascii_letters
_TOKEN_LENGTH = 17  # 62 ** 17 > 2 ** 101; the contract asks for 96 bits


@dataclass(frozen=True)
class _Keys:
    """One version of the ring's content; never changed, only put in another's place."""

    current: int
    encryption: Mapping[int, bytes] = field(repr=False)
    index: bytes = field(repr=False)
    link: bytes = field(repr=False)

    @classmethod
    def fresh(cls) -> Self:
        return cls(1, {1: _random_key()}, index=_random_key(), link=_random_key())

    def with_new_key(self) -> "_Keys":
        new = max(self.encryption) + 1
        if new > _LAST_KEY_ID:
            raise KeysUnusableError(f"the key ring is full: it holds key {_LAST_KEY_ID} already")
        return _Keys(new, {**self.encryption, new: _random_key()}, index=self.index, link=self.link)

    def to_json(self) -> str:
        encryption = {str(key_id): _to_text(key) for key_id, key in self.encryption.items()}
        content = {
            "version": _VERSION,
            "current": self.current,
            "encryption": encryption,
            "index": _to_text(self.index),
            "link": _to_text(self.link),
        }
        return json.dumps(content, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        try:
            content = json.loads(text)
            if content["version"] != _VERSION:
                raise KeysUnusableError(f"the keys are of an unknown version; this program reads {_VERSION}")
            keys = cls(
                current=int(content["current"]),
                encryption={int(key_id): _from_text(key) for key_id, key in content["encryption"].items()},
                index=_from_text(content["index"]),
                link=_from_text(content["link"]),
            )
        except json.JSONDecodeError:
            raise KeysUnusableError("the keys are not JSON") from None
        except (LookupError, TypeError, AttributeError, ValueError, RecursionError):
            raise KeysUnusableError("the keys are JSON, but not of the shape of a key ring") from None
        if keys.current not in keys.encryption or not all(1 <= k <= _LAST_KEY_ID for k in keys.encryption):
            raise KeysUnusableError(f"the keys' ids must be 1 to {_LAST_KEY_ID}, the current one among them")
        return keys


class KeyRing:
    """Several AES-256-GCM keys, one of them for writing and all for reading, and two keys for HMAC-SHA256.

    A ring that came from a file notices when the file is replaced: after a rotation every running process
    writes with the new key at once. Safe to share between threads.
    """

    def __init__(self, keys: _Keys, path: Path | None = None, stamp: keyfile.Stamp | None = None) -> None:
        self._keys = keys
        self._path = path
        self._stamp = stamp

    def __repr__(self) -> str:
        return f"KeyRing(current={self._keys.current}, keys={sorted(self._keys.encryption)})"

    @classmethod
    def generate(cls) -> Self:
        """A new ring in memory only, for tests and trials."""
        return cls(_Keys.fresh())

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make new keys and write them to a file of mode 0600, whole or not at all.

        Raises KeysExistError when something stands there already, KeysUnusableError when writing fails.
        """
        keys = _Keys.fresh()
        keyfile.create(path, keys.to_json())
        return cls(keys, path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """The ring in a file.

        Raises KeysMissingError when there is none, KeysUnusableError when it is no readable key ring.
        """
        stamp = keyfile.stamp(path)  # before the reading: a version that comes in between is then read again
        return cls(_Keys.from_json(keyfile.read(path)), path, stamp)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The ring in a text of the same form as the file, as BLUEVEST_KEYS holds it.

        Raises KeysUnusableError when it is no key ring.
        """
        return cls(_Keys.from_json(text))

    @property
    def current(self) -> int:
        """The id of the key new values are written with, 1 to 255."""
        self._follow_file()
        return self._keys.current

    def add_key(self) -> int:
        """Add a key, make it the current one, save the file; values of the older keys stay readable.

        Gives the new key's id. Raises KeysUnusableError when the ring is full, came from the environment (and
        so has no file), or the file cannot be written.
        """
        path = self._path
        if path is None:
            raise KeysUnusableError("these keys have no file to save a new one in; rotate where they are kept")
        with keyfile.locked(path):
            keys = _Keys.from_json(keyfile.read(path)).with_new_key()
            keyfile.replace(path, keys.to_json())
            self._keys, self._stamp = keys, keyfile.stamp(path)
        return keys.current

    def encrypt(self, plain: bytes, aad: bytes = b"") -> bytes:
        """Version byte, key id byte, 12 bytes of nonce, ciphertext and tag; `aad` names the value's place."""
        self._follow_file()
        keys = self._keys
        header = _header(keys)
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(keys.encryption[keys.current]).encrypt(nonce, plain, header + aad)
        return header + nonce + sealed

    def decrypt(self, blob: bytes, aad: bytes = b"") -> bytes:
        """What was encrypted, with the same `aad`.

        Raises TamperedError when the value was changed or belongs elsewhere, UnknownKeyError when the ring
        does not hold its key.
        """
        key_id = self.key_id_of(blob)
        if key_id not in self._keys.encryption:
            self._follow_file()
        key = self._keys.encryption.get(key_id)
        if key is None:
            raise UnknownKeyError(f"a stored value was written with key {key_id}, which is not on the ring")
        header, nonce = blob[:_HEADER_BYTES], blob[_HEADER_BYTES : _HEADER_BYTES + _NONCE_BYTES]
        try:
            return AESGCM(key).decrypt(nonce, blob[_HEADER_BYTES + _NONCE_BYTES :], header + aad)
        except InvalidTag:
            raise TamperedError("a stored value was changed, moved, or written with other keys") from None

    def header(self) -> bytes:
        """The two bytes every value begins with that is written now."""
        self._follow_file()
        return _header(self._keys)

    def key_id_of(self, blob: bytes) -> int:
        """The id of the key a value was written with. Raises TamperedError when it is no such value."""
        if len(blob) < _HEADER_BYTES + _NONCE_BYTES + _TAG_BYTES or blob[0] != _VERSION:
            raise TamperedError("a stored value is not an encrypted one")
        return blob[1]

    def blind_index(self, kind: str, value: str) -> bytes:
        """16 bytes that are equal for equal values of a kind, and tell nothing else without the key.

        The value must have been brought to its one normal form before. A rotation does not change them.
        """
        return _mac(self._keys.index, "index", kind, value)[:_INDEX_BYTES]

    def link_token(self, subject: str) -> str:
        """The token of a subject's link `/t/{token}`: 17 letters and digits, 101 bits, always the same.

        No punctuation: phones cut a link at a trailing hyphen. Whether it is still good, the database says.
        """
        number = int.from_bytes(_mac(self._keys.link, "link", subject))
        letters = []
        for _ in range(_TOKEN_LENGTH):
            number, digit = divmod(number, len(_TOKEN_ALPHABET))
            letters.append(_TOKEN_ALPHABET[digit])
        return "".join(letters)

    def fingerprint(self) -> str:
        """A check value to keep in the database, to notice wrong keys at the start; equal after rotations."""
        return _mac(self._keys.index, "fingerprint", "")[:_INDEX_BYTES].hex()

    def _follow_file(self) -> None:
        """Take over the file's new version, if there is one that can be read."""
        path = self._path
        if path is None:
            return
        stamp = keyfile.stamp(path)
        if stamp is None or stamp == self._stamp:
            return
        try:
            keys = _Keys.from_json(keyfile.read(path))
        except (KeysMissingError, KeysUnusableError):
            return
        if keys.index == self._keys.index:
            self._keys = keys
        self._stamp = stamp


class _Holder:
    """Where the process keeps its ring: column types are built before any ring is known."""

    ring: KeyRing | None = None


def use_keys(ring: KeyRing | None) -> None:
    """Set this process's ring, before the first row is read or written; None takes it away."""
    _Holder.ring = ring


def current_keys() -> KeyRing:
    """The process's ring. Raises KeysMissingError when none was set."""
    if _Holder.ring is None:
        raise KeysMissingError("no keys are set in this process: call use_keys before touching personal data")
    return _Holder.ring


def _header(keys: _Keys) -> bytes:
    return bytes((_VERSION, keys.current))


def _mac(key: bytes, *parts: str) -> bytes:
    """HMAC-SHA256 over the parts, each with its length before it, so that no two lists run into one."""
    mac = hmac.new(key, digestmod=hashlib.sha256)
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        mac.update(len(encoded).to_bytes(8))
        mac.update(encoded)
    return mac.digest()


def _random_key() -> bytes:
    return secrets.token_bytes(_KEY_BYTES)


def _to_text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _from_text(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != _KEY_BYTES:
        raise binascii.Error("a key of the wrong length")
    return key
