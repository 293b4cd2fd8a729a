"""How the record is watched over: what signatures may say, and which forms are compared with their source."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from charcot.protocol.strict import Identifier, Part, Text

MEANINGS = (
    "I have reviewed these forms; they are complete and agree with what happened",
    "I approve",
    "I have verified this",
)
"""What a signature may say where the protocol lists nothing else."""


def _named(value: Any) -> Any:
    return {"form": value} if isinstance(value, str) else value


class FullyVerified(Part):
    """A form that is compared with its source for every participant: whole, or only `items`, and only where `where` holds."""

    form: Identifier
    items: tuple[Identifier, ...] = ()
    where: Text | None = None
    """An SQL condition on the form, such as `serious = 'yes'`."""


class VerificationPlan(Part):
    """The sampling plan of source verification. `sample`: how many of the other forms, in per cent."""

    full: tuple[Annotated[FullyVerified, BeforeValidator(_named)], ...] = ()
    sample: Annotated[int, Field(ge=0, le=100)] = 100
    note: str | None = None
