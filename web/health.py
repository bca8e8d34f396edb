"""Whether the service lives, takes orders, and how much it does (contract: Health)."""

from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from web.metrics import Metrics
from web.probe import DEGRADED, OK, Probe

router = APIRouter(tags=["health"])
counters = APIRouter(tags=["health"])
"""Apart from the rest: not every surface tells everybody how much it does."""


@router.get("/healthz", summary="The process is alive")
async def alive() -> dict[str, str]:
    """Asks nobody else."""
    return {"status": OK}


@router.get("/readyz", summary="Orders can be accepted", responses={503: {"description": "PostgreSQL takes no writes"}})
async def ready(request: Request) -> JSONResponse:
    """200 while PostgreSQL takes writes; every other part is named as ok or degraded."""
    probe: Probe = request.app.state.probe
    health = await probe.look()
    well = all(state == OK for state in health.parts.values())
    status = (OK if well else DEGRADED) if health.ready else "unavailable"
    code = HTTPStatus.OK if health.ready else HTTPStatus.SERVICE_UNAVAILABLE
    return JSONResponse({"status": status, "parts": dict(health.parts)}, code, headers={"Cache-Control": "no-store"})


@counters.get("/metrics", summary="Counters for Prometheus", response_class=Response)
def metrics(request: Request) -> Response:
    """Of the answering process alone."""
    counted: Metrics = request.app.state.metrics
    return Response(generate_latest(counted.registry), media_type=CONTENT_TYPE_LATEST)
