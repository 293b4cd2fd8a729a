"""Whether a site can do its work: the ledger answers and is closed to changes, the site's database answers, the disk has room."""

import shutil
from dataclasses import asdict, dataclass

from django.db import DatabaseError

from charcot.store.databases import is_closed
from charcot.store.site_database import answers
from charcot.wiring.folder import TrialFolder

LEAST_ROOM = 200 * 2**20
"""How much room on the disk is left at least [bytes]."""


@dataclass(frozen=True)
class Health:
    """What was looked at, and whether it is well; nothing of the trial."""

    ledger: bool
    triggers: bool
    site: bool
    disk: bool

    @property
    def is_well(self) -> bool:
        """Whether everything is."""
        return all(asdict(self).values())


def examine(folder: TrialFolder, alias: str, least_room: int = LEAST_ROOM) -> Health:
    """Looks at everything, and changes nothing. `alias` is that of the site's database."""
    try:
        folder.ledger.head()
        ledger, triggers = True, is_closed(folder.ledger)
    except DatabaseError:
        ledger = triggers = False
    return Health(ledger, triggers, answers(alias), shutil.disk_usage(folder.path).free >= least_room)
