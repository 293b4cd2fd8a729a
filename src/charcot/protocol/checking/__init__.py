"""Checks of a protocol as a whole: what no single part of it can know."""

from charcot.protocol.checking.computations import check_computations
from charcot.protocol.checking.items import check_items
from charcot.protocol.checking.links import check_links
from charcot.protocol.checking.manufacture import check_manufacture
from charcot.protocol.checking.playing import check_playing
from charcot.protocol.checking.readings import check_readings
from charcot.protocol.checking.standing import check_standing
from charcot.protocol.checking.timetable import check_timetable
from charcot.protocol.checking.uniqueness import check_uniqueness
from charcot.protocol.finding import Finding
from charcot.protocol.positions import Positions
from charcot.protocol.rules.book import RuleBook
from charcot.protocol.study import Protocol

__all__ = ["check_protocol"]


def check_protocol(protocol: Protocol, positions: Positions, rules: RuleBook) -> list[Finding]:
    """All findings about a protocol whose parts fit their models and whose rules are in `rules`.

    Where two forms have one name, only that is told: everything else would be said of the wrong form.
    """
    twice = list(check_uniqueness(protocol, positions))
    if len(protocol.forms_by_id) < len(protocol.forms):
        return twice
    return [
        *twice,
        *check_links(protocol, positions),
        *check_readings(protocol, positions),
        *check_timetable(protocol, positions),
        *check_items(protocol, positions),
        *check_playing(protocol, positions, rules),
        *check_computations(protocol, positions, rules),
        *check_standing(protocol, positions),
        *check_manufacture(protocol, positions),
    ]
