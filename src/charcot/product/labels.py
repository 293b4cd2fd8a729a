"""Labels of the product: what stands on them, what their code says, and what a scanned code means."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol as Shape

from charcot.refusal import BadValue, Refusal

CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._/:+-]{0,38}[A-Za-z0-9])?")
"""What may stand in a label's code: identifiers, never words. A person's name has a space in it."""
LONGEST_TEXT = 72
OWN_HEAD = "CH1;"
"""How a code of Charcot's own begins."""
ROOM = 13
"""How many lines a label has room for; a warning takes two."""
RULE = "Labels: codes only, no participant's name and no donor's name; the code is read back before printing"


class UnreadableLabel(Refusal):
    """A label's code could not be read back, or says something else than the record."""


@dataclass(frozen=True)
class Label:
    """One label. `kind` is what it sticks to (dose, vial, vessel, sample), `codes` what its code says.

    `lines` are the words beside the code, each with its name; `warnings` are set apart and bold, such as
    those of 21 CFR 1271.90. Raises BadValue for what is no identifier, too long or too much.
    """

    kind: str
    codes: Mapping[str, str]
    title: str
    lines: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, code in {"kind": self.kind, **self.codes}.items():
            if not CODE.fullmatch(code) or not re.fullmatch(r"[a-z]+", name):
                raise _bad(
                    f"{code!r} cannot stand in a label's code as {name}",
                    "Use letters, digits and . _ / : + -.",
                )
        texts = [self.title, *self.warnings, *(f"{name}{text}" for name, text in self.lines)]
        if any(len(text) > LONGEST_TEXT or "\n" in text for text in texts):
            raise _bad(f"A line of the label is longer than {LONGEST_TEXT} characters", "Shorten it.")
        if len(self.lines) + 2 * len(self.warnings) > ROOM:
            raise _bad("There is more to say than the label has room for", "Leave a line out.")


def label_of_dose(trial: str, text: Mapping[str, str]) -> Label:
    """The label of a dose from what the record says stands on it: dose, lot, participant, product, donor, cells, and so on.

    Raises BadValue where something does not fit on a label.
    """
    lines = (
        ("Participant", text["participant"]),
        ("Dose", text["dose"]),
        ("Lot", text["lot"]),
        ("Donor", text["donor"]),
        ("Cells", text["cells"]),
        ("Volume", text["volume"]),
        ("Use before", text["expires"].replace("T", ", ")),
    )
    warnings = [text["warning"]] if text.get("warning") else []
    named = ("dose", "lot", "participant", "expires")
    codes = {"trial": trial} | {name: text[name] for name in named if text[name]}
    return Label("dose", codes, text["product"], lines, (*warnings, "For clinical trial use only"))


def _bad(what: str, next_step: str) -> BadValue:
    return BadValue(what, rule=RULE, next_step=next_step)


class LabelScheme(Shape):
    """How codes become the text of a two-dimensional code, and back.

    Charcot's own identifiers are the default. A site that is licensed for ISBT 128 adds its scheme as an
    installed package, under the entry point `charcot.label_schemes`; no code table of it ships here.
    """

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    def compose(self, label: Label) -> str:
        """The text that the code holds."""
        ...

    def parse(self, text: str) -> Mapping[str, str]:
        """`kind` and codes of a scanned text. Raises UnreadableLabel for what this scheme did not write."""
        ...


@dataclass(frozen=True)
class OwnScheme:
    """Charcot's own identifiers: `CH1;kind=dose;dose=D01;...;check`, the check being of all before it."""

    name: str = "charcot"

    def compose(self, label: Label) -> str:
        """The text that the code holds.

        >>> OwnScheme().compose(Label("dose", {"dose": "D01", "lot": "L01"}, "Cells")).rpartition(";")[0]
        'CH1;kind=dose;dose=D01;lot=L01'
        """
        parts = [f"{name}={code}" for name, code in {"kind": label.kind, **label.codes}.items()]
        body = ";".join(["CH1", *parts])
        return f"{body};{_check(body)}"

    def parse(self, text: str) -> Mapping[str, str]:
        """`kind` and codes of a scanned text. Raises UnreadableLabel for a foreign or damaged text."""
        body, _, check = text.strip().rpartition(";")
        head, *parts = body.split(";")
        if f"{head};" != OWN_HEAD:
            raise _unreadable("This code was not printed by Charcot")
        if check != _check(body):
            raise _unreadable("This code is damaged or was mistyped: its check does not fit")
        return {name: code for name, _, code in (part.partition("=") for part in parts)}


def _check(body: str) -> str:
    return sha256(body.encode()).hexdigest()[:6]


def _unreadable(what: str) -> UnreadableLabel:
    return UnreadableLabel(what, rule=RULE, next_step="Scan the label's square code again; do not type it.")


OWN_SCHEME = OwnScheme()


def codes_scanned(text: str, name: str, scheme: LabelScheme = OWN_SCHEME) -> Mapping[str, str]:
    """The codes of what a scanner gave: all of a label's, or `name` alone where only a bare code was scanned or written.

    Raises UnreadableLabel for a damaged label, and for one of another scheme than that by which the labels are printed.

    >>> dict(codes_scanned(" D01 ", "dose"))
    {'dose': 'D01'}
    """
    scanned = text.strip()
    try:
        return scheme.parse(scanned)
    except UnreadableLabel:
        if scanned.startswith(OWN_HEAD):
            if scheme.name == OWN_SCHEME.name:
                raise
            raise _of_another(f"Charcot's own, not {scheme.name}") from None
        if CODE.fullmatch(scanned):
            return {name: scanned}
        raise _of_another(f"another than {scheme.name}") from None


def require_printed_by(printed: str, scheme: LabelScheme) -> None:
    """Raises UnreadableLabel where the labels were printed by another scheme (its name) than scans are read by."""
    if printed != scheme.name:
        raise UnreadableLabel(
            f"The labels were printed by the scheme {printed}, and scans are read by {scheme.name}",
            rule=RULE,
            next_step=f"Read scans by {printed}, or print the labels again by {scheme.name} and put them on.",
        )


def _of_another(which: str) -> UnreadableLabel:
    return UnreadableLabel(
        f"This code is of another label scheme: {which}",
        rule="Labels: what is scanned is read by the scheme that the labels were printed by",
        next_step="Scan the square code of this trial's own label. If the bag has none, do not use it, and call the laboratory.",
    )


def require_same_code(label: Label, read: str | None, scheme: LabelScheme = OWN_SCHEME) -> str:
    """The SHA-256 of the text that was read back from a drawn label. Raises UnreadableLabel unless it is the record's."""
    wanted = scheme.compose(label)
    if read != wanted:
        raise UnreadableLabel(
            "The code on the label cannot be read back"
            if read is None
            else "The code on the label says something else",
            rule=RULE,
            next_step="Do not print it. Shorten the codes or enlarge the label, and draw it again.",
        )
    return sha256(wanted.encode()).hexdigest()


def check_copies(
    printed: int, *, applied: int, kept: int = 0, destroyed: int = 0, returned: int = 0
) -> tuple[str, ...]:
    """What does not add up when printed copies are reconciled; nothing where each copy is accounted for.

    >>> check_copies(3, applied=1, kept=1)
    ('1 of 3 printed labels is not accounted for',)
    """
    counts = {"applied": applied, "kept": kept, "destroyed": destroyed, "returned": returned}
    wrong = [f"{name} labels cannot be {count}" for name, count in counts.items() if count < 0]
    missing = printed - sum(counts.values())
    if missing > 0:
        wrong.append(
            f"{missing} of {printed} printed labels {'is' if missing == 1 else 'are'} not accounted for"
        )
    if missing < 0:
        wrong.append(f"{-missing} more labels are accounted for than the {printed} printed")
    return tuple(wrong)
