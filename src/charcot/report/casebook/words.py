"""Who did something and when, as a casebook says it."""

from charcot.ledger import Entry
from charcot.protocol import Protocol
from charcot.report.format import format_clinical


def who_words(protocol: Protocol, entry: Entry) -> str:
    """Person, role, moment of recording, and the entry."""
    return (
        f"{entry.actor.person}, {role_words(protocol, entry.actor.role)}, "
        f"{recorded_words(entry.recorded_at)}, entry {entry.sequence}"
    )


def role_words(protocol: Protocol, role: str) -> str:
    """The label of a role."""
    found = protocol.role(role)
    return found.label if found else role.replace("_", " ")


def recorded_words(recorded_at: str) -> str:
    """The moment of recording, to the minute.

    >>> recorded_words("2014-03-14T09:30:12.000000Z")
    '14 Mar 2014 09:30 UTC'
    """
    return f"{format_clinical(recorded_at[:10])} {recorded_at[11:16]} UTC"


def moment_words(text: str) -> str:
    """A clinical time with its time of day, as precise as it is known.

    >>> moment_words("2014-03-14T09:30"), moment_words("2014-03")
    ('14 Mar 2014 09:30', 'Mar 2014')
    """
    day, _, time = text.partition("T")
    return f"{format_clinical(day)} {time}".strip()
