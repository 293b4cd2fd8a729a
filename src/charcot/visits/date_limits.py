"""Between which days a date of a form can lie: not after now, not before the participant was born."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from charcot.clinical_time import ClinicalTime
from charcot.ledger import Value
from charcot.participants import Casebook
from charcot.protocol import Form, Protocol


@dataclass(frozen=True)
class DateLimits:
    """The moment at the site, and the date of birth as far as it is on record."""

    now: datetime
    born: ClinicalTime | None = None


def find_birth(protocol: Protocol, casebook: Casebook) -> ClinicalTime | None:
    """The participant's date of birth, from the item that the protocol names for it."""
    form, _, item = (protocol.birth_item or "").partition(".")
    known = [text for version in casebook.instances(form) if (text := version.text(item)) is not None]
    return ClinicalTime(known[-1]) if known else None


def check_dates(
    protocol: Protocol, form: Form, values: Mapping[str, Value], limits: DateLimits
) -> dict[str, str]:
    """What is wrong with the dates among fitting values, by item."""
    problems = {}
    own, _, birth_item = (protocol.birth_item or "").partition(".")
    born = limits.born
    if own == form.form:
        given = values.get(birth_item)
        born = ClinicalTime(given.text) if given is not None and given.text is not None else None
    for item in form.items:
        value = values.get(item.id)
        if item.type not in ("date", "datetime") or value is None or value.text is None:
            continue
        moment = ClinicalTime(value.text)
        if moment.earliest > limits.now and not item.ahead:
            problems[item.id] = (
                f"lies in the future; at the site it is {limits.now:%Y-%m-%d %H:%M}. This is {value.text}."
            )
        elif born is not None and moment.surely_before(born):
            problems[item.id] = f"lies before the participant was born ({born.text}). This is {value.text}."
    return problems
