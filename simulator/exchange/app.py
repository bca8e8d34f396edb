from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.requests import ClientDisconnect

from simulator.exchange import control, handsets, messages
from simulator.exchange.refusals import Refusal
from simulator.exchange.switchboard import Switchboard
from simulator.settings import ExchangeSettings

_HUNG_UP = 499
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def create_exchange(settings: ExchangeSettings) -> FastAPI:
    """The handset exchange: Twilio's Messages API, `/control/…`, and the page with the phones at `/`.

    `app.state.on_stop` lets waiting readers go; a server calls it before it drains its connections.
    """
    board = Switchboard(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await board.close()

    app = FastAPI(title="模拟话务台 · handset exchange (simulation)", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.switchboard = board
    app.state.on_stop = board.ledger.close
    app.add_exception_handler(Refusal, _refused)
    app.middleware("http")(_with_headers)
    for part in (messages, control, handsets):
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=handsets.STATIC), name="static")
    return app


async def _refused(_request: Request, trouble: Exception) -> Response:
    if not isinstance(trouble, Refusal):
        raise trouble
    headers = {} if trouble.retry_after is None else {"Retry-After": str(trouble.retry_after)}
    return JSONResponse(trouble.body(), status_code=trouble.status, headers=headers)


async def _with_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    try:
        response = await call_next(request)
    except ClientDisconnect:
        response = Response(status_code=_HUNG_UP)
    response.headers.update(_HEADERS)
    return response
