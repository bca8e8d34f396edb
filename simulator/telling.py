import sys

MARK = "▶ "
"""Begins every line that a person in front of the demonstration is to read."""


def tell(line: str) -> None:
    """Say one line on stdout at once; a reader who has gone away stops nothing."""
    try:
        sys.stdout.write(f"{MARK}{line}\n")
        sys.stdout.flush()
    except (OSError, UnicodeError):
        pass
