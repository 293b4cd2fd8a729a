"""Making trials: a folder from a template, the first entries, and the shipped trial played to its end."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from ruamel.yaml import YAML

from charcot.conduct import Trial, activate_protocol, open_trial
from charcot.ledger import Actor, Origin
from charcot.simulation import play, shipped_course
from charcot.wiring.acting import trial_in
from charcot.wiring.claims import write_claims
from charcot.wiring.clock import SimulatedClock, real_clock
from charcot.wiring.folder import TrialFolder, create_folder, read_protocol
from charcot.wiring.raw_files import keep_raw_file
from charcot.wiring.templates import find_template

Progress = Callable[[int, int], None]
"""Told how many acts are done, of how many."""


def new_folder(path: Path, template: str) -> TrialFolder:
    """A new folder with the protocol of a template, to be edited before the trial is opened."""
    found = find_template(template)
    folder = create_folder(path, found.protocol_files())
    write_claims(found, folder.path)
    return folder


def open_trial_in(
    folder: TrialFolder,
    investigator: str,
    purpose: Literal["live", "practice"],
    administrator: str | None = None,
) -> None:
    """Opens the trial with the folder's working copy of the protocol, its first investigator and administrator."""
    actor = Actor(investigator, "investigator")
    people = [actor] if administrator is None else [actor, Actor(administrator, "administrator")]
    open_trial(
        Trial(folder.ledger, folder.vault, real_clock),
        actor,
        purpose=purpose,
        people=people,
        protocol_files=folder.protocol_files(),
    )


def activate_working_copy(folder: TrialFolder, person: str, role: str, reason: str) -> None:
    """Activates the folder's working copy of the protocol; acts are judged by it from its effective day on."""
    activate_protocol(
        trial_in(folder),
        Actor(person, role),
        protocol_files=folder.protocol_files(),
        reason=reason,
    )


def make_demo(path: Path, progress: Progress | None = None) -> TrialFolder:
    """A new folder in which the shipped trial has been played through every act, on a simulated clock."""
    template = find_template("royan-admsc")
    plain = template.protocol_files()
    amendment = read_protocol(template.place / "amendment")
    folder = create_folder(path, {**plain, **amendment})
    claims = write_claims(template, folder.path)
    published = YAML(typ="safe").load((template.place / "course" / "published.yaml").read_text())
    acts = shipped_course(plain, published, claims, amendment)
    clock = SimulatedClock(acts[0].recorded_at)
    play(Trial(folder.ledger, folder.vault, clock, Origin.SYNTHETIC), clock, acts, progress)
    for act in acts:
        if act.verb == "analyse_cytometry":
            for name, content in act.arguments["plan"].tubes.items():
                keep_raw_file(folder, name, [content])
    return folder
