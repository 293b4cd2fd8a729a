"""What the rules of the protocol may ask about a participant, answered from the casebook."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from charcot.clinical_time import ClinicalTime
from charcot.ledger import Value
from charcot.participants.casebook import Casebook, FormKey, FormVersion
from charcot.participants.standing import Standing
from charcot.protocol import Reference


@dataclass(frozen=True)
class ParticipantFacts:
    """Facts as they were at `moment`, seen from the form `here` while `values` stand on it.

    `form.item` is the form of the same encounter where there is one, otherwise the latest one that was
    filled by then.
    """

    standing: Standing
    casebook: Casebook
    moment: ClinicalTime
    here: FormKey | None = None
    values: Mapping[str, Value] = field(default_factory=dict)

    def value(self, reference: Reference) -> str | None:
        """The text of a value; None where it is not known."""
        if reference.form == "this":
            return str(self.moment.day) if self.moment.is_complete else None
        if reference.form == "participant":
            return self._standing(reference.item)
        if (
            self.here is not None
            and reference.form == self.here.form
            and reference.encounter in (None, self.here.encounter)
        ):
            value = self.values.get(reference.item)
            return None if value is None else value.text
        version = self._version(reference.form, reference.encounter)
        return None if version is None else version.text(reference.item)

    def rows(self, form: str) -> Sequence[Mapping[str, str | None]]:
        """Every filled instance of a repeating form: its texts by item."""
        others = [
            {item: value.text for item, value in version.values.items()}
            for version in self._by_now(form)
            if version.key != self.here
        ]
        if self.here is not None and self.here.form == form:
            others.append({item: value.text for item, value in self.values.items()})
        return others

    def _standing(self, item: str) -> str | None:
        moment = {
            "consented_on": self.standing.consented_at,
            "enrolled_on": self.standing.enrolled_at,
            "infused_on": self.standing.infused_at,
            "died_on": self.standing.died_at,
        }[item]
        return None if moment is None or not moment.is_complete else str(moment.day)

    def _version(self, form: str, encounter: str | None) -> FormVersion | None:
        here = self.here
        if here is not None and here.encounter and encounter in (None, here.encounter):
            same = self.casebook.latest(FormKey(form, here.encounter, here.instance))
            if same is not None:
                return same
        filled = [v for v in self._by_now(form) if encounter in (None, v.key.encounter)]
        return filled[-1] if filled else None

    def _by_now(self, form: str) -> list[FormVersion]:
        return [v for v in self.casebook.instances(form) if not self.moment.surely_before(v.clinical_time)]
