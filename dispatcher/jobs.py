"""Names of the jobs that a unit of work may wake; `workers` holds the table from names to functions."""

from enum import StrEnum
from typing import Protocol


class Job(StrEnum):
    """What there is to do; the key beside it (a station's id) says where, and is empty when it is everywhere."""

    PLAN = "plan"
    SEND = "send"
    DELIVER = "deliver"


class Waker(Protocol):
    """Tells others, after a commit, that there is work; losing a call loses nothing, a sweep finds the rows."""

    def wake(self, job: Job, key: str = "") -> bool:
        """Ask a worker to run the job soon; False when nobody could be told."""
        ...

    def nudge(self, station_id: str) -> None:
        """Tell the hubs that a station's feed has grown."""
        ...


class Silence:
    """Tells nobody: everything is left to the sweep."""

    def wake(self, job: Job, key: str = "") -> bool:
        """Nobody was told."""
        return not (job or key)

    def nudge(self, station_id: str) -> None:
        """Nobody is told."""
