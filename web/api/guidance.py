"""What to say at the door, for the case's page: the same words as on the volunteer's."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict

from dispatcher.guidance import guidance
from web.api.fields import Code
from web.session import CaseReader

router = APIRouter(tags=["guidance"])


class SaidOut(BaseModel):
    """One sentence or two, in both languages."""

    model_config = ConfigDict(from_attributes=True)

    zh: str
    en: str


class GuidanceOut(BaseModel):
    """Check four things, ask three, protect once; what this kind of fraud needs to hear; where its victim may be."""

    model_config = ConfigDict(from_attributes=True)

    fraud_type: str | None
    checks: list[SaidOut]
    questions: list[SaidOut]
    protect: SaidOut
    say: list[SaidOut]
    where: SaidOut


@router.get("/guidance/{fraud_type}", summary="What to say to the victim of a kind of fraud")
def read_guidance(
    fraud_type: Annotated[Code, Path(description="a code of the list; anything else gets what holds for every fraud")],
    viewer: CaseReader,
) -> GuidanceOut:
    """`fraud_type` in the answer is null when the one asked for is not on the list."""
    del viewer
    return GuidanceOut.model_validate(guidance(fraud_type))
