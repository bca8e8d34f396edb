"""What a console must know before anybody has signed in."""

from importlib.metadata import version
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from web.session import Context

router = APIRouter(tags=["about"])


class About(BaseModel):
    """What this installation is; nothing of what is in it."""

    name: str
    version: str
    simulated: bool = Field(description="texts go to a simulator and reach no real phone: every page says so")
    second_factor: Literal["required", "optional"]
    languages: list[str] = Field(description="the languages people are shown, the first one before all others")


@router.get("/about", summary="What this installation is; needs no sign-in")
def about(context: Context) -> About:
    """The same for everybody."""
    return About(
        name="bluevest",
        version=version("bluevest"),
        simulated=context.settings.simulated,
        second_factor=context.settings.second_factor.value,
        languages=["zh", "en"],
    )
