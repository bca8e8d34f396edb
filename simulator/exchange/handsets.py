"""The page that shows the phones."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

STATIC = Path(__file__).parent / "static"
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect x="8" y="2" width="16" height="28" rx="3" fill="#0b5cad"/>'
    '<rect x="10" y="5" width="12" height="19" fill="#fff"/></svg>'
)
router = APIRouter(include_in_schema=False)


@router.get("/")
async def page() -> FileResponse:
    """The phones, each with its thread and a field to answer."""
    return FileResponse(STATIC / "handsets.html", media_type="text/html; charset=utf-8")


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Alive."""
    return {"status": "ok"}


@router.get("/icon.svg")
async def icon() -> Response:
    """The page's icon."""
    return Response(_ICON, media_type="image/svg+xml")
