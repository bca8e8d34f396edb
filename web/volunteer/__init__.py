"""What a volunteer's phone opens: one page for one task, behind a link nobody can guess (contract: Links)."""

from web.volunteer.routes import router

__all__ = ["router"]
