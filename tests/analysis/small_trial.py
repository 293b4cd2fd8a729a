"""The shipped trial's Table 1 played through the acts, with a short invented course; for tests alone."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from charcot.conduct import (
    Trial,
    approve,
    assess,
    consent,
    contact,
    decline,
    enrol,
    infuse,
    open_trial,
    record,
    record_death,
    report_event,
    screen,
    waive,
)
from charcot.ledger import Actor, MemoryLedger, MemoryVault, Origin
from charcot.scales import ITEMS, compute_predicted

PROTOCOL = Path(__file__).parents[2] / "src/charcot/library/royan_admsc/protocol"
TABLE1 = """1,35,M,limb,17,37,50
2,25,M,limb,90,37,43
3,53,F,limb,21,33,82.6
4,44,F,limb,44,36,57
5,30,M,limb,46,45,107
6,35,M,limb,15,26,96
7,56,F,bulbar,24,30,106
8,46,F,limb,30,39,53
9,50,F,bulbar,8,34,54.41
10,36,F,limb,26,29,41
11,55,M,bulbar,9,34,58
12,67,M,limb,30,36,57.7
13,63,F,limb,22,30,48.2
14,52,M,limb,19,37,111.3
15,71,M,bulbar,4,39,100
16,56,M,bulbar,20,43,101
17,61,M,limb,26,36,41"""
"""Table 1 of Nabavi et al., Cell J 2021;23(7):772-778 (paper/table1.csv)."""

INVESTIGATOR = Actor("dr-a", "investigator")
DIED = {3: 7, 8: 9, 12: 6, 1: 14, 2: 20, 4: 22, 6: 30, 7: 33, 9: 40, 10: 41, 11: 45, 13: 47}
"""Months of death: three in the first year (Table 2 of the paper: 6, 7, 9), nine later; the later ones are invented."""
SYNTHETIC, PUBLISHED = Origin.SYNTHETIC, Origin.PUBLISHED


class _Clock:
    def __init__(self) -> None:
        self.moment = datetime(2021, 1, 4, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment


def protocol_files() -> dict[str, str]:
    """The shipped protocol as it stands in its folder."""
    return {
        str(path.relative_to(PROTOCOL)): path.read_text(encoding="utf-8") for path in PROTOCOL.rglob("*.yaml")
    }


def play_small_trial() -> MemoryLedger:
    """Twenty screened, three declined, seventeen infused, two emboli, twelve deaths, five alive after five years."""
    ledger = MemoryLedger()
    trial = Trial(ledger, MemoryVault(), _Clock())
    open_trial(
        trial,
        INVESTIGATOR,
        purpose="demo",
        clock="simulated",
        people=[INVESTIGATOR],
        protocol_files=protocol_files(),
    )
    for document in ("protocol", "consent_form"):
        approve(
            trial, INVESTIGATOR, committee="Royan Institute Ethics Committee", document=document,
            version="1.0", reference="EC/93/1084", approved_on="2013-11-20",
        )  # fmt: skip
    for number, line in enumerate(TABLE1.splitlines()):
        _, age, sex, onset, duration, score, fvc = line.split(",")
        day = date(2014, 1, 6) + timedelta(days=21 * number)
        _play_one(trial, number + 1, day, age, sex, onset, duration, int(score), fvc)
    for number in (18, 19, 20):
        day = date(2014, 3, 1) + timedelta(days=number)
        _begin(trial, f"P{number:02d}", day)
        decline(trial, INVESTIGATOR, participant=f"P{number:02d}", at=str(day), reason="Afraid of the cells")
    return ledger


def _begin(trial: Trial, person: str, day: date) -> None:
    screen(trial, INVESTIGATOR, participant=person, at=str(day))
    consent(
        trial, INVESTIGATOR, participant=person, at=f"{day}T09:00", form_version="1.0",
        values={"signed_by": "participant", "copy_given": "yes", "time_to_decide": "yes",
                "long_term_contact": "yes"},
        origin=SYNTHETIC,
    )  # fmt: skip


def _play_one(
    trial: Trial,
    number: int,
    day: date,
    age: str,
    sex: str,
    onset: str,
    duration: str,
    score: int,
    fvc: str,
) -> None:
    person = f"P{number:02d}"
    _begin(trial, person, day)
    height = "172" if sex == "M" else "160"

    def write(
        form: str, at: date, values: dict[str, str], encounter: str, origin: Origin = SYNTHETIC
    ) -> None:
        record(
            trial, INVESTIGATOR, participant=person, form=form, at=f"{at}T10:00", values=values,
            encounter=encounter, origin=origin,
        )  # fmt: skip

    def visit(at: date, encounter: str, total: int, percent: float) -> None:
        write("alsfrs_r", at, _scores(total), encounter)
        predicted = float(
            compute_predicted("GLI_2012", [float(age)], [float(height)], sex, "caucasian").item()
        )
        litres = f"{percent * predicted / 100:.2f}"
        write("spirometry", at, {"equation": "GLI_2012", "reference_group": "caucasian",
              "height_cm": height, "fvc_litres": litres, "position": "sitting", "quality": "acceptable"}, encounter)  # fmt: skip

    published = {"table1_id": str(number), "age": age, "sex": sex, "onset_site": onset,
                 "disease_duration": duration, "alsfrs_r": str(score), "fvc_percent": fvc}  # fmt: skip
    write("published_baseline", day, published, "screening", PUBLISHED)
    write("demography", day, {"sex": sex, "age_at_consent": age}, "screening", PUBLISHED)
    write("diagnosis", day, {"als_form": "sporadic", "el_escorial": "probable", "onset_site": onset,
          "disease_duration": duration, "riluzole": "yes", "riluzole_dose": "100", "riluzole_times_per_day": "2"}, "screening")  # fmt: skip
    history = ("neurological_disease", "psychiatric_disease", "systemic_disease", "corticosteroid_6m",
               "immunoglobulin_6m", "immunosuppressant_6m")  # fmt: skip
    write("medical_history", day, dict.fromkeys(history, "no"), "screening")
    vital = {"weight": "70", "height": height, "pulse": "70", "systolic": "120", "diastolic": "80",
             "temperature": "36.6", "respiratory_rate": "14", "oxygen_saturation": "97", "on_oxygen": "no"}  # fmt: skip
    write("vital_signs", day, vital, "screening")
    visit(day, "screening", score, float(fvc))
    mri = day + timedelta(days=21)
    write("diagnosis_confirmation", mri, {"mri_date": str(mri), "confirmed": "yes"}, "baseline_mri")
    assess(trial, INVESTIGATOR, participant=person, at=str(mri))
    for criterion, unmet in (("I1", int(age) > 65), ("I3", int(duration) <= 6)):
        if unmet:
            waive(trial, INVESTIGATOR, participant=person, criterion=criterion, at=str(mri),
                  justification="Wished for by the family; agreed with the sponsor")  # fmt: skip
    enrol(trial, INVESTIGATOR, participant=person, at=str(mri))
    start = day + timedelta(days=28)
    write("vital_signs", start, vital, "infusion_day")
    infuse(
        trial, INVESTIGATOR, participant=person, at=f"{start}T11:00", given_dose="140000000",
        values={"ended_at": f"{start}T11:05", "count_basis": "viable", "volume": "10", "concentration": "14000000",
                "rate": "2", "access": "forearm", "interrupted": "no"},
        origin=SYNTHETIC,
    )  # fmt: skip
    _follow(trial, number, start, score, float(fvc), visit)


def _follow(trial: Trial, number: int, start: date, score: int, fvc: float, visit: object) -> None:
    person, died = f"P{number:02d}", DIED.get(number)
    for month in (2, 4, 6, 12):
        if died is None or month < died:
            at = start + timedelta(days=round(month * 30.4375) + number % 3)
            total = max(6, round(score - month * (0.5 + 0.1 * (number % 8))))
            visit(at, f"month_{month}", total, max(20.0, fvc - month * (0.8 + 0.3 * (number % 6))))  # type: ignore[operator]
    event = {"action": "not_applicable", "serious": "no", "relation_product": "possible",
             "relation_procedure": "possible", "relation_disease": "unlikely", "expected": "no"}  # fmt: skip
    if number in (3, 8):
        onset = start + timedelta(days=36 if number == 3 else 65)
        own = {"term": "Pulmonary embolism", "category": "pulmonary_embolism", "outcome": "not_recovered"}
        _report(trial, person, onset, event | own | {"grade": "3", "serious": "yes",
                "aware_on": f"{onset}T12:00", "serious_criteria": "hospitalisation"})  # fmt: skip
    if number in (2, 5, 9):
        own = {"term": "Tachycardia", "category": "tachycardia", "outcome": "recovered", "ended": str(start)}
        _report(trial, person, start, event | own | {"grade": "2", "minutes_after_infusion": str(8 + number)})
    if died is not None:
        at = start + timedelta(days=round(died * 30.4375))
        record_death(trial, INVESTIGATOR, participant=person, at=str(at), cause="Respiratory failure",
                     values={"cause_category": "disease", "informant": "family"}, origin=SYNTHETIC)  # fmt: skip
    else:
        at = start + timedelta(days=round(60 * 30.4375) + number)
        contact(trial, INVESTIGATOR, participant=person, at=str(at), alive=True, encounter="year_5",
                values={"mode": "telephone", "informant": "family"}, origin=SYNTHETIC)  # fmt: skip


def _report(trial: Trial, person: str, onset: date, values: dict[str, str]) -> None:
    report_event(
        trial, INVESTIGATOR, participant=person, at=str(onset), values=values, origin=Origin.PUBLISHED
    )


def _scores(total: int) -> dict[str, str]:
    items = [item.id for item in ITEMS if item.id != "handling_utensils"]
    low, extra = divmod(total, 12)
    scores = {item: str(low + (index < extra)) for index, item in enumerate(items)}
    return scores | {
        "instrument": "alsfrs_r_1999",
        "mode": "in_person",
        "rater": "Rater",
        "gastrostomy": "no",
    }
