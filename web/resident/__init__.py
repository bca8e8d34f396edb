"""What a resident opens who wants to know whether the person at the door is real."""

from web.resident.routes import router

__all__ = ["router"]
