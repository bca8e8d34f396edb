"""How often codes may be asked for, so that nobody finds one by trying: from one address, and from everywhere."""

from ipaddress import IPv6Address, ip_address
from typing import Final

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

AN_ADDRESS: Final = (RateLimitItemPerMinute(6), RateLimitItemPerHour(20))
EVERYBODY: Final = (RateLimitItemPerMinute(30), RateLimitItemPerHour(300))
"""With 15 tasks under way, all of an hour's tries find one of the 900,000 codes once in 200 hours."""

_IPV6_NETWORK: Final = 64
_ALL: Final = "everybody"


class Guesses:
    """Counts the asking in this process."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def allow(self, address: str | None) -> bool:
        """Count one try; False when its address, or all together, have had their share.

        What an address is refused for is not counted against everybody: one alone cannot close the page.
        """
        own = whose(address)
        if own is not None and not self._hit(AN_ADDRESS, own):
            return False
        return self._hit(EVERYBODY, _ALL)

    def _hit(self, shares: tuple[RateLimitItem, ...], key: str) -> bool:
        return all(self._limiter.hit(share, key) for share in shares)


def whose(address: str | None) -> str | None:
    """Whom an address stands for: itself, or its network where people have a whole one (IPv6).

    None for an address that is nobody's in particular, such as that of a proxy in front of us.
    """
    try:
        found = ip_address(address or "")
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return whose(str(found.ipv4_mapped))
        return str(int(found) >> _IPV6_NETWORK) if found.is_global else None
    return str(found) if found.is_global else None
