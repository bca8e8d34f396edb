from collections.abc import Iterator

import pytest

from dispatcher.protection.keys import KeyRing, use_keys


@pytest.fixture
def ring() -> Iterator[KeyRing]:
    """A fresh ring, and the process's for the length of the test."""
    ring = KeyRing.generate()
    use_keys(ring)
    yield ring
    use_keys(None)
