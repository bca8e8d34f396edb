"""Every error leaves as problem JSON (RFC 9457) that names the field, and never tells more than the asker may know."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from dispatcher import errors

log = structlog.get_logger(__name__)

STATUS: Mapping[type[errors.DispatcherError], HTTPStatus] = {
    errors.BadInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.NotAllowed: HTTPStatus.FORBIDDEN,
    errors.NotSignedIn: HTTPStatus.UNAUTHORIZED,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


def problem(
    status: HTTPStatus, detail: str, *, field: str | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """One problem as a response; `field` is the dotted path of what is wrong."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
    }
    if field:
        body["field"] = field
    return JSONResponse(body, status.value, dict(headers or {}), media_type="application/problem+json")


def of_error(error: errors.DispatcherError) -> JSONResponse:
    """A refusal of the core as a response."""
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), HTTPStatus.BAD_REQUEST)
    headers: dict[str, str] = {}
    if isinstance(error, errors.TooMany):
        headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, errors.Unavailable):
        headers["Retry-After"] = "2"
    return problem(status, error.message, field=error.field, headers=headers)


def _field(error: Mapping[str, Any]) -> str:
    """The member that has the wrong shape; the body itself when it holds no members at all."""
    if error["type"] == "json_invalid":
        return "body"
    path = [str(part) for part in error["loc"] if part not in {"body", "query", "path"}]
    return ".".join(path) or str(error["loc"][0])


def database_away() -> JSONResponse:
    """The database did not answer: nothing was changed, the same request may come again."""
    return of_error(errors.Unavailable("the database cannot be written to at the moment; nothing was changed"))


def install(app: FastAPI) -> None:
    """Answer every error of `app` as a problem."""

    @app.exception_handler(errors.DispatcherError)
    def _refused(_request: Request, error: Exception) -> Response:
        assert isinstance(error, errors.DispatcherError)  # noqa: S101  # registered for this type alone
        return of_error(error)

    @app.exception_handler(RequestValidationError)
    def _wrong_shape(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101  # registered for this type alone
        first = error.errors()[0]
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(first["msg"]), field=_field(first))

    @app.exception_handler(HTTPException)
    def _http(_request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101  # registered for this type alone
        return problem(HTTPStatus(error.status_code), error.detail, headers=error.headers)

    @app.exception_handler(DBAPIError)
    @app.exception_handler(PoolTimeout)
    def _database(_request: Request, error: Exception) -> Response:
        log.error("database_away", error=type(error).__name__)
        return database_away()

    @app.exception_handler(Exception)
    def _unforeseen(_request: Request, error: Exception) -> Response:
        log.error("unforeseen", error=type(error).__name__, exc_info=error)
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "something went wrong here; it has been written down")
