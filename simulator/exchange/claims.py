"""Texts that somebody else plays: a story claims them beforehand, and the simulated volunteers leave them alone."""

from pydantic import BaseModel, ConfigDict, Field

LONGEST_S = 600.0


class Claim(BaseModel):
    """Texts that hold every one of `words` are `player`'s, for so many seconds: a player who died holds up nothing."""

    model_config = ConfigDict(extra="forbid")
    player: str = Field(min_length=1, max_length=64)
    words: list[str] = Field(min_length=1, max_length=8)
    seconds: float = Field(gt=0, le=LONGEST_S)


class Claims:
    """The claims in force, at most one a player. Times are seconds of any steady clock."""

    def __init__(self) -> None:
        self._claims: dict[str, tuple[Claim, float]] = {}

    def put(self, claim: Claim, now: float) -> None:
        """In force from now on, in the place of the player's earlier one."""
        self._claims[claim.player] = (claim, now + claim.seconds)

    def drop(self, player: str) -> None:
        """The player claims nothing more; what was claimed stays theirs."""
        self._claims.pop(player, None)

    def player_of(self, body: str, now: float) -> str | None:
        """Whose this text is, or None."""
        for player, (claim, until) in self._claims.items():
            if now < until and all(word in body for word in claim.words):
                return player
        return None
