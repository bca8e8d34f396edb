import random


def chance(*parts: object) -> random.Random:
    """A random source that is the same whenever its parts are: habits and days can be played again."""
    return random.Random("|".join(str(part) for part in parts))  # noqa: S311 - play, not secrecy
