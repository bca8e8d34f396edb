"""On and off duty."""

from dispatcher.jobs import Job
from dispatcher.model import Volunteer
from dispatcher.work import Work


def set_duty(work: Work, volunteer: Volunteer, *, on_duty: bool, by_plan: bool = False) -> bool:
    """Put a person on or off duty; a task in hand stays in hand. False when nothing changed.

    What is said by hand holds until the next boundary of the person's plan, also when it is what was the case already.
    """
    if not by_plan:
        volunteer.duty_said_at = work.now
    if volunteer.on_duty == on_duty:
        return False
    volunteer.on_duty = on_duty
    volunteer.duty_changed_at = work.now
    work.emit("volunteer.changed", volunteer.station_id, volunteer=volunteer)
    if on_duty:
        work.wake(Job.PLAN, volunteer.station_id)
    return True
