"""The shipped trial with its amendment on a real site: one person enrolled and confirmed, everybody with an account, no product yet."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from charcot import conduct
from charcot.conduct import Trial, approve, delegate, open_trial
from charcot.ledger import Actor
from charcot.wiring.accounts import make_account
from charcot.wiring.clock import SimulatedClock
from charcot.wiring.folder import create_folder, read_protocol
from charcot.wiring.served import choose, open_site
from charcot.wiring.templates import find_template
from faces.practice import PASSWORD, add_second_factor, agree
from faces.test_first_day import SCREENING, VITALS

DOCTOR = Actor("investigator-1", "investigator")
NURSE = Actor("nurse-n", "coordinator")
TECHNICIAN = Actor("tech-t", "gmp_technician")
SECOND = Actor("tech-u", "gmp_technician")
TESTER = Actor("tester-v", "gmp_technician")
REVIEWER = Actor("reviewer-w", "gmp_technician")
QP = Actor("person-q", "qualified_person")
INSPECTOR = Actor("inspector-i", "inspector")
PEOPLE = (DOCTOR, NURSE, TECHNICIAN, SECOND, TESTER, REVIEWER, QP, INSPECTOR)
FORMS = {
    "Demography": "demography", "Diagnosis of ALS": "diagnosis", "Medical history": "medical_history", "ALSFRS-R": "alsfrs_r",
    "Vital signs and weight": "vital_signs", "Spirometry": "spirometry",
}  # fmt: skip
WEIGHED = {**VITALS, "weight": "70.0"}
MRI = {
    "brain": "normal",
    "cervical_cord": "normal",
    "thoracic_lumbar_cord": "normal",
    "other_explanation": "no",
}
NOW = datetime.now(UTC).replace(second=0, microsecond=0)


def ago(days: float = 0, hours: float = 0) -> str:
    """The minute so long ago, by the clock on the wall of the site."""
    moment = NOW - timedelta(days=days, hours=hours)
    return f"{moment.astimezone(ZoneInfo('Asia/Tehran')):%Y-%m-%dT%H:%M}"


@dataclass
class Setting:
    """Who enters what, at which moment."""

    trial: Trial
    clock: SimulatedClock

    def act(self, verb: str, actor: Actor, days: float, **given: Any) -> None:
        """Enters an act on the day so long ago."""
        self.clock.advance(max(NOW - timedelta(days=days) - self.clock(), timedelta()))
        getattr(conduct, verb)(self.trial, actor, participant="S-01", **given)


def make_clinic(path: Path) -> None:
    """Makes the folder: S-01 was screened 30 days ago, enrolled, and the diagnosis confirmed after the MRI."""
    template = find_template("royan-admsc")
    files = {**template.protocol_files(), **read_protocol(template.place / "amendment")}
    folder = create_folder(path, files)
    clock = SimulatedClock(NOW - timedelta(days=32))
    trial = Trial(folder.ledger, folder.vault, clock)
    open_trial(trial, DOCTOR, purpose="practice", people=[DOCTOR], protocol_files=folder.protocol_files())
    for document, version in (("protocol", "1.1"), ("consent_form", "1.0")):
        approve(trial, DOCTOR, document=document, version=version, committee="Ethics committee", reference="EC-1",
                approved_on="2014-01-01")  # fmt: skip
    for one in PEOPLE[1:]:
        delegate(trial, DOCTOR, person=one.person, role=one.role, since=date.fromisoformat(ago(32)[:10]))
    stock(trial)
    setting = Setting(trial, clock)
    setting.act("screen", NURSE, 30, at=ago(31)[:10])
    agree(trial, NURSE, "S-01", ago(31)[:10])
    for title, form in FORMS.items():
        values = dict(SCREENING[title])
        if form == "demography":
            values |= {"birth_date": str(NOW.year - 50), "age_at_consent": "50"}
        setting.act("record", NURSE, 28, form=form, encounter="screening", at=ago(28)[:10], values=values)
    setting.act("assess", NURSE, 27, at=ago(27)[:10])
    setting.act("enrol", DOCTOR, 26, at=ago(26)[:10])
    setting.act("record", NURSE, 7, form="mri", encounter="baseline_mri", at=ago(7)[:10],
                values={"performed_on": ago(7)[:10], **MRI})  # fmt: skip
    setting.act("record", DOCTOR, 6, form="diagnosis_confirmation", encounter="baseline_mri", at=ago(6)[:10],
                values={"confirmed": "yes", "mri_date": ago(7)[:10]})  # fmt: skip
    choose(open_site(folder))
    for one in PEOPLE:
        add_second_factor(trial, one.role, make_account(one.person, PASSWORD))
    folder.close()


def stock(trial: Trial) -> None:
    """What lies in the laboratory's refrigerator: everything but collagenase and a centrifuge."""
    day = ago(32)[:10]
    for kind in ("pbs", "fbs", "medium", "flasks", "trypsin", "saline"):
        conduct.receive_material(trial, TECHNICIAN, code=f"{kind}-9", material=kind, lot_number="X", supplier="S", expires="2100-01-01",
                                 amount="5000", at=day)  # fmt: skip
        conduct.release_material(trial, QP, code=f"{kind}-9", certificate="C-1")
    for kind in ("incubator", "counter"):
        conduct.calibrate(trial, TECHNICIAN, code=f"{kind}-9", equipment=kind, label=f"The {kind}", on=day, due="2100-01-01")  # fmt: skip
