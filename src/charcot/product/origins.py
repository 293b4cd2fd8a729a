"""Where what was entered about the product came from; entries of earlier releases do not say, and those of a demonstration were synthetic."""

from collections.abc import Iterable

from charcot.ledger import Entry, Origin

SUBJECTS = ("donor", "material", "equipment", "product", "dose", "recall")
"""What entries about the product are about."""


def is_of_product(entry: Entry) -> bool:
    """Whether an entry is about the product."""
    return entry.subject.partition("/")[0] in SUBJECTS


def origin_of(entry: Entry, purpose: str) -> Origin:
    """The origin of one entry about the product; `purpose` is that of the trial."""
    stated = entry.data.get("origin")
    if stated is not None:
        return Origin(stated)
    return Origin.SYNTHETIC if purpose == "demo" else Origin.ENTERED


def join_origins(entries: Iterable[Entry | None], purpose: str, others: Iterable[str] = ()) -> str:
    """The origins of some entries and `others`, each once, joined by `+`; those of derived values count through their parents."""
    found = {str(origin_of(entry, purpose)) for entry in entries if entry is not None}
    return "+".join(sorted(found | {one for one in others if one != Origin.DERIVED}))
