"""The outside of the web for tests: an application of some routers, asked without a network."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
from fastapi import APIRouter, FastAPI

from web import problems
from web.services import Services


class Outside:
    """Somebody who asks these routers over HTTP; redirects are not followed."""

    def __init__(self, services: Services, *routers: APIRouter) -> None:
        self.app = FastAPI()
        self.app.state.services = services
        problems.install(self.app)
        for router in routers:
            self.app.include_router(router)

    def ask(self, method: str, path: str, headers: Mapping[str, str] | None = None, **body: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            # An error that nobody answered is an answer too: 500.
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://somewhere.example") as client:
                return await client.request(method, path, headers=headers, **body)

        return asyncio.run(ask())
