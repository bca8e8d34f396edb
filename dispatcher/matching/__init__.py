"""Case → offers: who is asked, in which order, how many at once, and why."""
