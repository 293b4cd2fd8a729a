"""What is written down: forms, their items, code lists and edit checks."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from charcot.protocol.strict import Identifier, Number, Part, Text

ItemType = Literal["integer", "decimal", "text", "date", "datetime", "time", "choice", "choices", "yes_no"]
Visibility = Literal["open", "blinded", "donor_identity", "product", "personal"]

PARTS: Mapping[str, Mapping[str, str]] = {
    "consent": {"consent_form_version": "text", "consented_on": "datetime"},
    "confirmation": {},
    "infusion": {
        "started_at": "datetime",
        "weight": "decimal",
        "planned_dose": "decimal",
        "given_dose": "decimal",
        "volume": "decimal",
    },
    "adverse_event": {"term": "text", "onset": "date"},
    "death": {"died_on": "date", "cause": "text"},
    "contact": {"contacted_on": "date", "alive": "yes_no"},
    "laboratory": {},
    "function": {},
    "lung_function": {"fvc_litres": "decimal", "fvc_percent": "decimal", "equation": "choice"},
}
"""The parts a form can play in the conduct of a trial, each with the items it must then have, and their types."""


def _codes(value: Any) -> Any:
    if isinstance(value, Mapping):
        return tuple(
            {"code": str(code), "label": label if label is None else str(label)}
            for code, label in value.items()
        )
    return value


class Code(Part):
    """One answer of a code list: what is stored and what is shown."""

    code: Text
    label: Text


Codes = Annotated[tuple[Code, ...], BeforeValidator(_codes)]


class CodeList(Part):
    """A closed list of answers that several items can use."""

    id: Identifier
    codes: Codes


Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class NormalRange(Part):
    """The range held normal by the laboratory, for one sex or some ages where it differs, from a day on where it changed."""

    low: Number | None = None
    high: Number | None = None
    sex: str | None = None
    age_from: int | None = None
    """The first age in completed years that it holds for."""
    age_to: int | None = None
    """The last age in completed years that it holds for."""
    since: Day | None = None
    """The first day of samples that it holds for; samples taken before keep the range that held then."""


class Item(Part):
    """One question. Its id never changes type, unit or codes between versions."""

    id: Identifier
    label: Text
    type: ItemType
    unit: str | None = None
    range: tuple[Number, Number] | None = None
    """Values outside are refused."""
    expected: tuple[Number, Number] | None = None
    """Values outside are questioned."""
    precision: int | None = None
    """Decimal places that the measurement can carry."""
    codes: Identifier | Codes | None = None
    """A code list by its id, or written in place as `code: label`."""
    required: bool = False
    required_if: str | None = None
    shown_if: str | None = None
    computed: str | None = None
    partial: bool = False
    """Whether a date may be given without day or month."""
    ahead: bool = False
    """Whether a date may lie in the future, such as a planned one; others have happened."""
    personal: bool = False
    visibility: Visibility = "open"
    help: str | None = None
    normal: tuple[NormalRange, ...] = ()
    not_reported: bool = False
    """The publication that this trial follows does not report it."""

    @cached_property
    def lasting_range(self) -> NormalRange | None:
        """Its only normal range, where that is for everybody and always held."""
        only = self.normal[0] if len(self.normal) == 1 else None
        if only is None or only.sex is not None or only.since is not None:
            return None
        return only if only.age_from is None and only.age_to is None else None


class EditCheck(Part):
    """A rule that must be TRUE of a filled form; where it is FALSE, `message` says what to do."""

    id: Identifier
    rule: Text
    severity: Literal["error", "query", "note"]
    message: Text
    items: tuple[Identifier, ...] = ()


class Form(Part):
    """A set of questions filled at once, about a participant, a donor or a lot."""

    form: Identifier
    title: Text
    section: str | None = None
    subject: Literal["participant", "donor", "lot"] = "participant"
    plays: Annotated[str, Field(pattern="^(" + "|".join(PARTS) + ")$")] | None = None
    repeating: bool = False
    visibility: Visibility = "open"
    domain: str | None = None
    """The SDTM domain that the form feeds."""
    instructions: str | None = None
    source: str | None = None
    items: tuple[Item, ...]
    checks: tuple[EditCheck, ...] = ()

    def labels_of(self, item: Item) -> frozenset[str]:
        """The visibility labels of which a role has to see every one to see a value of an item."""
        return frozenset({self.visibility, item.visibility, *(("personal",) if item.personal else ())})

    @cached_property
    def items_by_id(self) -> dict[str, Item]:
        """Each item under its id; of two with one id, the first."""
        return {item.id: item for item in reversed(self.items)}

    def item(self, item_id: str) -> Item | None:
        """The item with this id."""
        return self.items_by_id.get(item_id)

    def with_items(self, items: tuple[Item, ...]) -> "Form":
        """The same form with other items. Not `model_copy`, which would copy what was found about the old ones."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return Form.model_construct(**{**fields, "items": items})
