"""The ground all protocol parts stand on: frozen, and refusing keys they do not know."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from charcot.clinical_time import Offset, parse_offset


class Part(BaseModel):
    """One part of a protocol."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


def _number_as_written(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _offset(value: Any) -> Any:
    return parse_offset(value) if isinstance(value, str) else value


Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
"""A name a rule can use: lower case letters, digits and underscores, starting with a letter."""

Number = Annotated[str, BeforeValidator(_number_as_written), Field(pattern=r"^-?\d+(\.\d+)?(e[+-]?\d+)?$")]
"""A number kept as it was written."""

Length = Annotated[Offset, BeforeValidator(_offset)]
"""A signed length of time: `2 months`, `-4 weeks`."""

Text = Annotated[str, Field(min_length=1)]
