"""Name a data cut: the record up to an entry, noted with its hash, from which reports can be made again for ever."""

import re
from itertools import takewhile

from charcot.conduct.trial import Situation, Trial, act_on_trial, require_text, signing
from charcot.ledger import TRIAL, Actor, Draft, Entry, Kind
from charcot.refusal import BadValue
from charcot.team import Signature

CUT_NAME = r"[A-Za-z][A-Za-z0-9-]*"
"""A letter, then letters, digits and hyphens, so that it is never taken for an entry number or a date."""
LONGEST_NAME = 60
MEANING = "I declare this data cut"
DECLARED = "declared"
"""How it was signed where no signature was given: the role's holder said so, at a terminal."""


def cut(
    trial: Trial,
    actor: Actor,
    *,
    name: str,
    statement: str,
    at_entry: int | None = None,
    signature: Signature | None = None,
) -> tuple[Entry, ...]:
    """Names the record up to `at_entry` (by default the last entry), with a statement of what the cut is for.

    Raises BadValue for a name that is taken or cannot be one, and for an entry that is not the last of its act.
    """

    def judge(situation: Situation) -> list[Draft]:
        _require_free_name(name, situation)
        entry = _require_end_of_act(trial, at_entry)
        data = {
            "name": name,
            "sequence": entry.sequence,
            "hash": entry.hash,
            "statement": require_text(statement, "statement").strip(),
            "signature": {
                "person": actor.person,
                "role": actor.role,
                "meaning": MEANING,
                "method": DECLARED,
            },
            **signing(situation, actor, signature, MEANING),
        }
        return [Draft(Kind.DATA_CUT_MADE, TRIAL, "cut", actor, data=data)]

    return act_on_trial(trial, actor, "cut", judge)


def _require_free_name(name: str, situation: Situation) -> None:
    if not re.fullmatch(CUT_NAME, name) or len(name) > LONGEST_NAME:
        raise BadValue(
            f"A data cut cannot be called {name!r}.",
            rule=f"Data cuts: a name is a letter, then letters, digits and hyphens, {LONGEST_NAME} at most",
            next_step="Choose a name such as interim-1.",
            facts={"given": name},
        )
    taken = situation.charter.cut(name)
    if taken is not None:
        raise BadValue(
            f"There is a data cut {taken.name!r} already, at entry {taken.sequence}.",
            rule="Data cuts: a name stands for one cut for ever, in capitals or not",
            next_step="Choose another name.",
            facts={"given": name, "entry": taken.sequence},
        )


def _require_end_of_act(trial: Trial, at_entry: int | None) -> Entry:
    """The entry to cut at: it exists, and no later entry belongs to the same act."""
    last = trial.ledger.head().sequence
    at = last if at_entry is None else at_entry
    if not 1 <= at <= last:
        raise BadValue(
            f"There is no entry {at} to cut at.",
            rule=f"Data cuts: the trial has entries 1 to {last}",
            next_step="Give one of these numbers, or none for the last.",
            facts={"given": at, "last": last},
        )
    (entry,) = trial.ledger.entries(after=at - 1, until=at)
    *_, ends = takewhile(lambda later: later.act == entry.act, trial.ledger.entries(after=at - 1))
    if ends.sequence != at:
        raise BadValue(
            f"Entry {at} is a part of an act that ends with entry {ends.sequence}.",
            rule="Data cuts: an act is cut before or after, never in between",
            next_step=f"Cut at entry {ends.sequence}, or at {entry.act - 1}.",
            facts={"given": at, "ends": ends.sequence},
        )
    return entry
