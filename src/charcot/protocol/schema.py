"""The JSON Schema of a protocol, for editors that complete and check YAML while it is written."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from charcot.protocol.forms import Form
from charcot.protocol.study import Protocol


class _Schema(GenerateJsonSchema):
    """Lengths of time and other values of ours are written as text."""

    def is_instance_schema(self, schema: core_schema.IsInstanceSchema) -> JsonSchemaValue:
        return {"type": "string"}

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        inner = super().function_before_schema(schema)
        name = getattr(schema["function"]["function"], "__name__", "")
        if name == "_number_as_written":
            return {"anyOf": [{"type": "number"}, inner]}
        if name == "_window":
            return {"type": "string", "examples": ["-14 days to +14 days"]}
        if name == "_offset":
            return {"type": "string", "examples": ["2 months", "-4 weeks"]}
        if name == "_codes":
            return {"anyOf": [{"type": "object", "additionalProperties": {"type": "string"}}, inner]}
        return inner


def protocol_json_schema() -> dict[str, Any]:
    """The schemas of the files: `protocol` for those at the top (no key is required there, since each file holds some), `form` for `forms/*.yaml`."""
    protocol = _schema(Protocol)
    protocol.pop("required", None)
    protocol.get("properties", {}).pop("forms", None)
    return {"protocol": protocol, "form": _schema(Form)}


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(schema_generator=_Schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
