"""A small trial and somebody at its desk: what the tests of the acts and of what is read from them begin with."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from charcot import conduct
from charcot.conduct import Trial
from charcot.datasets import Snapshot, take_snapshot
from charcot.ledger import Actor, Entry, Ledger, MemoryLedger, MemoryVault, Vault
from charcot.participants import Dossier
from charcot.team import Signature

INVESTIGATOR = Actor("dr-a", "investigator")
COORDINATOR = Actor("nurse-b", "coordinator")
MONITOR = Actor("monitor-c", "monitor")
DATA_MANAGER = Actor("manager-d", "data_manager")
MEANING = "I approve"
SIGNED = Signature("password", MEANING)

TRIAL = """\
trial:
  id: SMALL-2
  title: A small trial of cells
  short_title: Small
  sponsor: The Institute
  zone: Asia/Tehran
  condition: ALS
  identifiers: []
  design:
    phase: Phase 1
    intervention_model: single_arm
    masking: open_label
    allocation: none
    planned_enrolment: 10
    sites: [Tehran]
version: {number: "1.0", effective: 2014-01-01, summary: First}
approvals:
  - id: ethics
    committee: Committee
    reference: EC-1
    documents:
      - {document: protocol, version: "1.0"}
      - {document: consent_form, version: "1.0"}
objectives: [{id: safety, level: primary, text: Is it safe?}]
endpoints: [{id: events, objective: safety, text: Events}]
populations: [{id: treated, label: Treated, where: infused}]
analysis: []
criteria:
  - {id: I1, kind: inclusion, text: Aged 18 to 65 years, rule: demography.age BETWEEN 18 AND 65, waivable: true}
  - {id: I2, kind: inclusion, text: Sporadic disease, rule: demography.sporadic = 'yes'}
arms:
  - {id: cells_arm, label: Cells, interventions: [cells]}
interventions:
  - id: cells
    label: Cells into a vein
    kind: cell_product
    form: infusion
    encounter: infusion_day
    maximum: 2
    interval: 4 weeks
    dose:
      per_kg: 2e6
      unit: cells
      weight: vital_signs.weight
      weight_not_older_than: 35 days
      tolerance: 0.10
      volume_ml: 10
      duration_minutes: 5
    preconditions:
      - id: confirmed
        text: The diagnosis was confirmed after the MRI.
        rule: diagnosis_confirmation.confirmed = 'yes'
        section: Section 5.1
encounters:
  - {id: screening, label: Screening, anchor: consent, target: 0 days, window: 0 days to +14 days}
  - {id: infusion_day, label: Infusion, anchor: infusion, target: 0 days, window: 0 days to 0 days}
  - {id: month_2, label: Month 2, anchor: infusion, target: 2 months, window: -14 days to +14 days}
  - {id: extra, label: Extra visit, kind: unscheduled, repeating: true}
activities:
  - {id: history, label: History, forms: [demography, diagnosis_confirmation], optional: [identity], at: [screening]}
  - {id: examination, label: Examination, forms: [vital_signs], at: [screening, month_2]}
  - {id: extra_care, label: Extra, optional: [vital_signs, survival_contact], at: [extra]}
  - {id: infusion, label: Infusion, forms: [infusion], at: [infusion_day]}
  - {id: second_look, label: Laboratory, forms: [blood], at: [month_2]}
roles:
  - id: investigator
    label: Investigator
    may: [approve, delegate, activate_protocol, screen, consent, record, correct, miss, assess, waive, enrol, decline, withdraw,
          lose_to_follow_up, infuse, report_event, report_deviation, record_death, contact, read, answer, sign]
  - id: coordinator
    label: Coordinator
    may: [screen, consent, record, correct, miss, assess, report_event, read, answer]
  - {id: monitor, label: Monitor, may: [verify, query, read, report_deviation]}
  - {id: data_manager, label: Data manager, may: [query, lock, unlock, read]}
sex_item: demography.sex
"""

FORMS = {
    "consent": """\
form: consent
title: Consent
plays: consent
items:
  - {id: consent_form_version, label: Version, type: text, required: true}
  - {id: consented_on, label: Signed, type: datetime, required: true}
""",
    "demography": """\
form: demography
title: Demography
items:
  - {id: age, label: Age, type: integer, unit: years, range: [0, 120], required: true}
  - {id: sporadic, label: Sporadic, type: yes_no, required: true}
  - {id: sex, label: Sex, type: choice, codes: {F: Female, M: Male}}
  - {id: birth_date, label: Date of birth, type: date, partial: true}
  - {id: symptoms, label: Symptoms, type: choices, codes: {cramps: Cramps, weakness: Weakness}}
""",
    "identity": """\
form: identity
title: Identity
visibility: personal
items:
  - {id: name, label: Name, type: text, personal: true, visibility: personal, required: true}
""",
    "diagnosis_confirmation": """\
form: diagnosis_confirmation
title: Diagnosis confirmed
plays: confirmation
items:
  - {id: confirmed, label: Confirmed, type: yes_no, required: true}
""",
    "vital_signs": """\
form: vital_signs
title: Vital signs
items:
  - {id: weight, label: Weight, type: decimal, unit: kg, range: [20, 250], expected: [40, 120], precision: 1, required: true}
  - {id: height, label: Height, type: decimal, unit: cm, range: [100, 230], precision: 1}
  - {id: bmi, label: BMI, type: decimal, unit: kg/m2, precision: 1, computed: weight / height / height * 10000}
  - {id: pulse, label: Pulse, type: integer, unit: beats/min, range: [20, 250], required: true}
  - {id: taken_at, label: Taken at, type: time}
  - {id: note, label: Note, type: text}
  - {id: smoker, label: Smoker, type: yes_no}
  - {id: cigarettes, label: Cigarettes a day, type: integer, shown_if: smoker = 'yes', required_if: smoker = 'yes'}
checks:
  - {id: calm, rule: pulse < 200, severity: error, message: The pulse cannot be so high., items: [pulse]}
""",
    "blood": """\
form: blood
title: Blood
plays: laboratory
items:
  - id: haemoglobin
    label: Haemoglobin
    type: decimal
    unit: g/dl
    normal: [{low: 12, high: 16, sex: F}, {low: 13, high: 17, sex: M}]
""",
    "infusion": """\
form: infusion
title: Infusion
plays: infusion
items:
  - {id: started_at, label: Start, type: datetime, required: true}
  - {id: weight, label: Weight, type: decimal, unit: kg, required: true}
  - {id: planned_dose, label: Planned dose, type: decimal, unit: cells, precision: 0, required: true}
  - {id: given_dose, label: Given dose, type: decimal, unit: cells, precision: 0, required: true}
  - {id: volume, label: Volume, type: decimal, unit: ml}
""",
    "adverse_event": """\
form: adverse_event
title: Adverse event
plays: adverse_event
repeating: true
items:
  - {id: term, label: Event, type: text, required: true}
  - {id: onset, label: Began, type: date, partial: true, required: true}
""",
    "death": """\
form: death
title: Death
plays: death
items:
  - {id: died_on, label: Died, type: date, partial: true, required: true}
  - {id: cause, label: Cause, type: text, required: true}
""",
    "survival_contact": """\
form: survival_contact
title: Contact
plays: contact
items:
  - {id: contacted_on, label: Contact, type: date, required: true}
  - {id: alive, label: Alive, type: yes_no, required: true}
""",
}
TWO_ARMS = (
    ("intervention_model: single_arm", "intervention_model: parallel"),
    (
        "arms:\n",
        "arms:\n  - {id: watched, label: Watched, interventions: []}\n",
    ),
)
FORM_FILES = {f"forms/{name}.yaml": text for name, text in FORMS.items()}


def protocol_files(*changes: tuple[str, str]) -> dict[str, str]:
    """The small protocol, each change made wherever its first text stands."""
    files = {"trial.yaml": TRIAL, **FORM_FILES}
    for old, new in changes:
        assert any(old in text for text in files.values()), old
        files = {name: text.replace(old, new) for name, text in files.items()}
    return files


def second_version(*changes: tuple[str, str], effective: str = "2014-03-01") -> dict[str, str]:
    """The small protocol as version 2.0."""
    return protocol_files(
        ('{number: "1.0", effective: 2014-01-01', f'{{number: "2.0", effective: {effective}'), *changes
    )


class Clock:
    """Stands still until it is set."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


class Desk:
    """A trial that was opened, with approvals and people, and a clock that goes on by a second at each act."""

    def __init__(
        self,
        ledger: Ledger | None = None,
        files: Mapping[str, str] | None = None,
        *,
        vault: Vault | None = None,
        now: datetime = datetime(2014, 12, 1, 9, tzinfo=UTC),
    ) -> None:
        self.clock = Clock(now)
        self.trial = Trial(
            ledger if ledger is not None else MemoryLedger(), vault or MemoryVault(), self.clock
        )
        conduct.open_trial(
            self.trial,
            INVESTIGATOR,
            purpose="practice",
            people=[INVESTIGATOR],
            protocol_files=files or protocol_files(),
        )
        for person in (COORDINATOR, MONITOR, DATA_MANAGER):
            self.act("delegate", person=person.person, role=person.role, since=date(2014, 1, 1))
        for document in ("protocol", "consent_form"):
            self.approve(document, "1.0", "2013-12-01")

    def act(self, verb: str, actor: Actor = INVESTIGATOR, **arguments: Any) -> tuple[Entry, ...]:
        """Does something, a second after what was done before."""
        self.clock.moment += timedelta(seconds=1)
        done: tuple[Entry, ...] = getattr(conduct, verb)(self.trial, actor, **arguments)
        return done

    def approve(self, document: str, version: str, on: str) -> None:
        self.act("approve", committee="C", document=document, version=version, reference="R", approved_on=on)

    def about(self, verb: str, at: str, participant: str = "S-1", **arguments: Any) -> tuple[Entry, ...]:
        """Does something about a participant."""
        return self.act(verb, participant=participant, at=at, **arguments)

    def begin(self, participant: str = "S-1") -> None:
        """Screened on 5 January, consented on the 6th at ten."""
        self.about("screen", "2014-01-05", participant)
        self.about("consent", "2014-01-06T10:00", participant, form_version="1.0")

    def fill(
        self, form: str, at: str, encounter: str, participant: str = "S-1", **values: str
    ) -> tuple[Entry, ...]:
        return self.about("record", at, participant, form=form, encounter=encounter, values=values)

    def weigh(
        self, at: str, encounter: str, weight: str = "70.5", participant: str = "S-1"
    ) -> tuple[Entry, ...]:
        return self.fill("vital_signs", at, encounter, participant, weight=weight, pulse="70")

    def enrol(self, participant: str = "S-1", age: str = "40", **more: Any) -> None:
        """Screened, consented, examined on 7 January, enrolled on the 10th, confirmed on the 12th."""
        self.begin(participant)
        self.fill("demography", "2014-01-07", "screening", participant, age=age, sporadic="yes", sex="F")
        self.weigh("2014-01-07", "screening", participant=participant)
        self.about("enrol", "2014-01-10", participant, **more)
        self.fill("diagnosis_confirmation", "2014-01-12", "screening", participant, confirmed="yes")

    def infuse(
        self, at: str = "2014-01-20T10:00", participant: str = "S-1", dose: str = "141000000", **more: Any
    ) -> tuple[Entry, ...]:
        return self.about("infuse", at, participant, given_dose=dose, values={"volume": "10"}, **more)

    def treat(self, participant: str = "S-1") -> None:
        """Enrolled, and infused on 20 January at ten."""
        self.enrol(participant)
        self.infuse(participant=participant)

    def snapshot(self, now: datetime | None = None) -> Snapshot:
        return take_snapshot(self.trial.ledger, now)

    def dossier(self, participant: str = "S-1") -> Dossier:
        return next(d for d in self.snapshot().dossiers if d.participant == participant)

    def status_of(self, encounter: str, now: datetime | None = None, participant: str = "S-1") -> str:
        """How a planned visit stands."""
        visits = self.snapshot(now).visits[participant]
        return next(visit.status for visit in visits if visit.encounter.id == encounter)
