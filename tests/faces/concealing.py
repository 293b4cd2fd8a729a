"""A practice trial at two sites in which something is concealed from each role: markers that may not be shown."""

from datetime import timedelta
from pathlib import Path

from charcot.conduct import delegate, open_query, record, screen
from charcot.ledger import Actor
from charcot.wiring.accounts import make_account
from charcot.wiring.acting import trial_in
from charcot.wiring.folder import open_folder
from charcot.wiring.served import choose, open_site
from charcot.wiring.templates import find_template
from faces.practice import BEGAN, PASSWORD, Practice, add_second_factor, agree, make_practice, roles_of

HERE, THERE = "tehran", "shiraz"
BLINDED, DONOR, ASKED = "Arm-B-marker", "Zeynab-the-donor-marker", "Is-it-really-arm-B-marker"
LEVEL = "77.7713"
"""A laboratory value that would tell the arm, far outside its range."""
AT_HERE, AT_THERE = "S-01", "S-03"
"""A participant of each site."""
_SITES = """\
    sites:
      - {id: tehran, name: The first site}
      - {id: shiraz, name: The second site}
"""
_ITEMS = """\
  - {id: arm, label: Arm, type: text, visibility: blinded}
  - {id: donor, label: Donor, type: text, visibility: donor_identity}
"""
_TEST = """\
  - {id: trough, label: Trough, type: decimal, unit: mg/l, precision: 4, visibility: blinded, normal: [{low: 1, high: 2}]}
"""


def concealed_files() -> dict[str, str]:
    """The shipped protocol with two sites, a blinded item and one about the donor on one form, and a blinded laboratory test."""
    files = find_template("royan-admsc").protocol_files()
    trial = files["trial.yaml"]
    start = trial.index("    sites:\n")
    end = trial.index("    summary:", start)
    form = files["forms/unscheduled_visit.yaml"]
    return files | {
        "trial.yaml": trial[:start] + _SITES + trial[end:],
        "forms/unscheduled_visit.yaml": form + _ITEMS,
        "forms/laboratory_haematology.yaml": files["forms/laboratory_haematology.yaml"].replace(
            "checks:\n", _TEST + "checks:\n", 1
        ),
    }


def make_concealed(path: Path) -> None:
    """Makes it: for each role somebody of every site (-1) and somebody of the second site alone (-2)."""
    make_practice(path, concealed_files())
    folder = open_folder(path)
    trial, doctor, desk = (
        trial_in(folder),
        Actor("investigator-1", "investigator"),
        Actor("coordinator-1", "coordinator"),
    )
    day = f"{BEGAN + timedelta(days=5):%Y-%m-%d}"
    screen(trial, desk, participant=AT_THERE, at=day, site=THERE)
    agree(trial, desk, AT_THERE, day)
    for participant in (AT_HERE, AT_THERE):
        record(
            trial, desk, participant=participant, form="unscheduled_visit", encounter="unscheduled", at=f"{day}T12:00",
            values={"reason": "other", "details": "came by", "contact": "telephone", "arm": BLINDED, "donor": DONOR},
        )  # fmt: skip
        record(
            trial, desk, participant=participant, form="laboratory_haematology", encounter="screening", at=f"{day}T12:30",
            values={"collected_at": f"{day}T12:30", "haemoglobin": "9.9", "trough": LEVEL},
        )  # fmt: skip
        open_query(
            trial, doctor, participant=participant, form="unscheduled_visit", encounter="unscheduled", item="arm", text=ASKED
        )  # fmt: skip
    choose(open_site(folder))
    for role in roles_of(trial):
        delegate(trial, doctor, person=f"{role}-2", role=role, since=BEGAN.date(), site=THERE)
        add_second_factor(trial, role, make_account(f"{role}-2", PASSWORD))
    folder.close()


def open_concealed(path: Path) -> Practice:
    """The trial that was made before."""
    return Practice(open_folder(path))
