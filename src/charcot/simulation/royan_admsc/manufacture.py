"""The product of each treated person: a synthetic donor, culture, tests and dose that fit; nothing of it is in the paper."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from charcot.conduct.certify import CERTIFYING
from charcot.conduct.process import Made
from charcot.ledger import Actor
from charcot.product import Taken
from charcot.simulation.royan_admsc.cytometry import WITH_FILES, plan_analysis
from charcot.simulation.royan_admsc.desk import (
    COORDINATOR,
    INVESTIGATOR,
    QUALIFIED,
    REVIEWER,
    SECOND,
    TECHNICIAN,
    TESTER,
    Note,
    note,
)
from charcot.simulation.royan_admsc.drawing import around, fixed, pick, stream, whole
from charcot.simulation.royan_admsc.persons import Person
from charcot.simulation.royan_admsc.site_time import moment_text
from charcot.simulation.royan_admsc.supplies import material
from charcot.team import Signature

DECLARED = Signature("declared", CERTIFYING)
METHOD = "NucleoCounter NC-200"
PER_CELL = 10_000
"""Cells in a millilitre for each cell counted."""
FLASK_CM2 = "150"

MARKERS = {"cd105": 97.6, "cd90": 98.4, "cd44": 97.9, "cd73": 98.1, "cd45": 0.7, "cd34": 0.9}
LINEAGES = ("chondrogenic", "osteogenic", "adipogenic")


@dataclass(frozen=True)
class Culture:
    """One passage: when and with how many cells it was seeded and harvested, in how many flasks."""

    passage: int
    seeded_at: datetime
    harvested_at: datetime
    seeded: int
    harvest: tuple[tuple[int, int], ...]
    flasks: int
    volume_ml: int

    @property
    def viable(self) -> int:
        """Viable cells harvested, as its count gives them."""
        return round(sum(v for v, _ in self.harvest) / len(self.harvest) * PER_CELL * self.volume_ml)


def make_product(person: Person, start: datetime) -> list[Note]:
    """Everything from the donor's registration to the certification of the lot, before the day of infusion."""
    assert person.infused is not None, "only the treated"
    taken = person.infused.replace(hour=8, minute=30) - timedelta(days=22)
    return [
        *_accept_donor(person, taken),
        *_procure(person, taken),
        *_grow(person, taken, start),
        *_test(person),
    ]


def name_of(person: Person, letter: str) -> str:
    """The code of a person's donor, lot or dose."""
    return letter + person.participant.partition("-")[2]


def _accept_donor(person: Person, taken: datetime) -> list[Note]:
    donor, rng = name_of(person, "D"), stream(person.participant, "donor")
    asked = max(person.consented + timedelta(hours=3), taken - timedelta(days=4))
    relation = pick(rng, ("sibling", "child", "nephew_niece"), (6, 8, 3))
    sex = pick(rng, "MF")
    answers = {
        "consented_on": moment_text(asked),
        "sex": sex,
        "age": str(max(18, person.age - whole(rng, 3, 24))),
        "younger_than_recipient": "yes",
        "healthy": "yes",
        "weight": fixed(around(rng, 76, 9, 55, 105), 1),
        "als_in_person": "no",
        "malignancy": "no",
        "infection_risk": "no",
        "anticoagulant": "no",
    }
    about = {"donor": donor}
    notes = [
        note(
            asked,
            "register_donor",
            COORDINATOR,
            **about,
            participant=person.participant,
            relation=relation,
        ),
        note(asked, "consent_donor", COORDINATOR, **about, at=moment_text(asked), form_version="1.0"),
        note(
            asked + timedelta(minutes=30),
            "screen_donor",
            COORDINATOR,
            **about,
            at=moment_text(asked + timedelta(minutes=20)),
            suitable="yes",
            answers=answers,
        ),
    ]
    sampled = asked + timedelta(minutes=40)
    for test in ("hbv", "hcv", "hiv", "htlv_1", "htlv_2"):
        said = {
            "test": test,
            "sampled_at": moment_text(sampled),
            "result": "negative",
            "method": "Serology (synthetic)",
        }
        notes.append(note(sampled + timedelta(days=1), "record_donor_test", TESTER, **about, **said))
    decided = {"at": moment_text(sampled + timedelta(days=1, hours=2)), "decision": "eligible"}
    notes.append(note(sampled + timedelta(days=1, hours=3), "decide_donor", QUALIFIED, **about, **decided))
    return notes


def _procure(person: Person, taken: datetime) -> list[Note]:
    rng = stream(person.participant, "tissue")
    said = {
        "lot": name_of(person, "L"),
        "donor": name_of(person, "D"),
        "at": moment_text(taken),
        "volume_ml": "100",
        "operator": "Surgeon 1",
        "anaesthetic": "Local anaesthesia",
        "container": "Sterile bottle",
        "received_at": moment_text(taken + timedelta(minutes=whole(rng, 35, 60))),
        "transport_temperature": fixed(around(rng, 8, 2, 3, 15), 1),
    }
    return [note(taken + timedelta(hours=1, minutes=10), "procure", TECHNICIAN, **said)]


def _replicates(rng: Any, cells: float, volume_ml: int, viability: float) -> tuple[tuple[int, int], ...]:
    """Three counts about a number of viable cells."""
    centre = cells / PER_CELL / volume_ml
    viable = [round(around(rng, centre, centre * 0.03, centre * 0.9, centre * 1.1)) for _ in range(3)]
    return tuple((v, round(v / viability - v)) for v in viable)


def cultures(person: Person, taken: datetime) -> tuple[Culture, ...]:
    """Three passages: P0 from mononuclear cells of which few adhere, P1, and P2 which gives more than the dose."""
    rng = stream(person.participant, "culture")
    planned = person.weight * 2e6
    times = [(0, 9), (9, 14), (14, 20)]
    gains = [around(rng, 0.45, 0.08, 0.3, 0.6), around(rng, 4.2, 0.5, 3.2, 5.2), 1.0]
    flasks, seeded = [20, 10, 30], [20_000_000, 0, 0]
    found = []
    for passage, (begins, ends) in enumerate(times):
        start = taken + timedelta(days=begins, hours=4 if passage == 0 else 2)
        end = taken + timedelta(days=ends, minutes=40)
        goal = seeded[passage] * gains[passage] if passage < 2 else planned * around(rng, 1.45, 0.1, 1.3, 1.7)
        volume = 10 if passage < 2 else 50
        counts = _replicates(rng, goal, volume, around(rng, 0.94, 0.02, 0.88, 0.98))
        one = Culture(passage, start, end, seeded[passage], counts, flasks[passage], volume)
        found.append(one)
        if passage < 2:
            seeded[passage + 1] = round(one.viable * 0.95)
    return tuple(found)


def _grow(person: Person, taken: datetime, start: datetime) -> list[Note]:
    lot, rng = name_of(person, "L"), stream(person.participant, "isolation")

    def use(at: datetime, **amounts: str) -> dict[str, str]:
        return {material(code, at, start): amount for code, amount in amounts.items()}

    def step(name: str, at: datetime, parents: list[Taken], children: list[Made], **more: Any) -> Note:
        said = {"lot": lot, "step": name, "at": moment_text(at), "parents": parents, "children": children}
        return note(at + timedelta(minutes=50), "process", TECHNICIAN, **said, verifier=SECOND, **more)

    isolated = taken + timedelta(hours=2)
    minutes = str(whole(rng, 18, 29))
    notes = [
        step(
            "isolation",
            isolated,
            [Taken(f"{lot}.tissue")],
            [Made("SVF", {"volume_ml": "10"})],
            parameters={
                "tissue_volume": "100",
                "collagenase_volume": "100",
                "digestion": minutes,
                "centrifugation": "15",
                "speed": "2000",
                "filter": "70",
            },
            materials=use(isolated, PBS="300", COL="100", FBS="20"),
            equipment=["CEN1", "INC1"],
        ),
        _count(
            f"{lot}.SVF",
            isolated + timedelta(hours=1),
            _replicates(rng, around(rng, 2.9e7, 3e6, 2.3e7, 3.6e7), 10, 0.86),
            10,
        ),
    ]
    source = f"{lot}.SVF"
    for one in cultures(person, taken):
        vessel, harvest = f"P{one.passage}", f"H{one.passage}"
        made = {"vessels": str(one.flasks), "area_cm2": FLASK_CM2}
        amounts = {"MED": str(one.flasks * 25), "FBS": str(one.flasks * 3), "FLA": str(one.flasks)}
        per_flask = str(one.seeded // one.flasks)
        notes.append(
            step(
                "seeding",
                one.seeded_at,
                [Taken(source, str(one.seeded))],
                [Made(vessel, made)],
                parameters={"cells_per_flask": per_flask},
                materials=use(one.seeded_at, **amounts),
                equipment=["INC1"],
            )
        )
        days = 4
        if one.passage == 0:
            moved = one.seeded_at + timedelta(days=3)
            notes.append(
                step(
                    "transfer",
                    moved,
                    [Taken(f"{lot}.{vessel}")],
                    [Made("P0-3d", made)],
                    parameters={"fraction": "adherent"},
                    materials=use(moved, MED=str(one.flasks * 25)),
                )
            )
            vessel, days = "P0-3d", 7
        fed = one.seeded_at + timedelta(days=days)
        confluent = whole(rng, 40, 65)
        notes.append(
            step(
                "feeding",
                fed,
                [Taken(f"{lot}.{vessel}")],
                [],
                parameters={"confluence": str(confluent)},
                materials=use(fed, MED=str(one.flasks * 25), FBS=str(one.flasks * 3)),
            )
        )
        notes.append(
            step(
                "harvest",
                one.harvested_at,
                [Taken(f"{lot}.{vessel}")],
                [Made(harvest, {"volume_ml": str(one.volume_ml)})],
                parameters={"confluence": str(whole(rng, 78, 92)), "contamination": "no"},
                materials=use(one.harvested_at, TRY=str(one.flasks * 5)),
            )
        )
        notes.append(
            _count(f"{lot}.{harvest}", one.harvested_at + timedelta(hours=1), one.harvest, one.volume_ml)
        )
        source = f"{lot}.{harvest}"
    return notes


def _count(node: str, at: datetime, replicates: tuple[tuple[int, int], ...], volume_ml: int) -> Note:
    said = {"node": node, "at": moment_text(at), "replicates": replicates, "factor": str(PER_CELL)}
    return note(
        at + timedelta(minutes=15), "count_cells", TECHNICIAN, **said, volume_ml=str(volume_ml), method=METHOD
    )


def _test(person: Person) -> list[Note]:
    """Sterility, mycoplasma and the three lineages on P1, the markers and the rest on the last harvest; certified the day before."""
    assert person.infused is not None, "only the treated"
    taken = person.infused.replace(hour=8, minute=30) - timedelta(days=22)
    lot, rng = name_of(person, "L"), stream(person.participant, "quality")
    _, first, last = cultures(person, taken)
    early = first.harvested_at + timedelta(hours=2)
    late = last.harvested_at + timedelta(hours=2)
    results = dict.fromkeys(LINEAGES, "positive") | {"sterility": "negative", "mycoplasma": "negative"}
    wanted = [(test, value, "H1", early, late) for test, value in results.items()]
    viable, dead = (sum(r[i] for r in last.harvest) for i in (0, 1))
    values = {
        m: fixed(around(rng, centre, 0.4, max(centre - 1, 0.1), min(centre + 1, 99.9)), 2)
        for m, centre in MARKERS.items()
    }
    values |= {"viability": fixed(100 * viable / (viable + dead), 1), "gram_stain": "negative"}
    values |= {"endotoxin": fixed(around(rng, 0.6, 0.2, 0.1, 2), 1)}
    wanted += [(test, value, "H2", late, late + timedelta(hours=5)) for test, value in values.items()]
    notes = []
    with_files = MARKERS if lot in WITH_FILES else ()
    for number, (test, value, harvest, sampled, read) in enumerate(wanted, start=1):
        said = {"node": f"{lot}.{harvest}", "test": test, "sampled_at": moment_text(sampled)}
        notes.append(note(sampled + timedelta(seconds=number), "request_test", TESTER, **said))
        result = {"lot": lot, "test": f"t{number}", "value": value, "at": moment_text(read)}
        if test not in with_files:
            notes.append(note(read + timedelta(minutes=10, seconds=number), "result_test", TESTER, **result))
        reviewed = {"lot": lot, "test": f"t{number}", "verdict": "PASS"}
        at = late.replace(hour=9, minute=0) + timedelta(days=1, seconds=number)
        notes.append(note(at, "review_test", REVIEWER, **reviewed))
    if with_files:
        plan = plan_analysis(lot, last.passage, {marker: float(values[marker]) for marker in MARKERS})
        analysed = {"node": f"{lot}.H2", "sampled_at": moment_text(late), "plan": plan}
        notes.append(note(late + timedelta(hours=5, minutes=12), "analyse_cytometry", TESTER, **analysed))
    certified = late.replace(hour=12, minute=0) + timedelta(days=1)
    notes.append(note(certified, "certify", QUALIFIED, lot=lot, outcome="certified", signature=DECLARED))
    return notes


def bring_dose(person: Person, given: str, start: datetime) -> list[Note]:
    """The dose on the day of infusion: prescribed, prepared, labelled, issued, carried, received and checked."""
    assert person.infused is not None, "only the treated"
    at, lot, dose = person.infused, name_of(person, "L"), name_of(person, "X")
    rng = stream(person.participant, "dose")
    cells = Decimal(given)
    total = str((cells / Decimal(fixed(around(rng, 0.93, 0.02, 0.88, 0.97), 3))).quantize(Decimal(1)))

    def ago(minutes: int) -> datetime:
        return at - timedelta(minutes=minutes)

    def warm() -> str:
        return fixed(around(rng, 16, 2, 8, 22), 1)

    prepared = {
        "node": f"{lot}.H2",
        "at": moment_text(ago(35)),
        "viable": given,
        "total": total,
        "concentration": str((cells / 10).quantize(Decimal(1))),
        "volume_ml": "10",
        "materials": {material("SAL", at, start): "20"},
        "equipment": ["CEN1", "CNT1"],
        "verifier": SECOND,
    }
    check = {"wristband": person.participant, "bag": dose, "second": INVESTIGATOR, "at": moment_text(ago(5))}
    acts: list[tuple[int, str, Actor, dict[str, Any]]] = [
        (38, "prescribe_dose", INVESTIGATOR, {"participant": person.participant, "at": moment_text(ago(38))}),
        (34, "prepare_dose", TECHNICIAN, prepared),
        (30, "print_labels", TECHNICIAN, {"copies": 2}),
        (28, "reconcile_labels", TECHNICIAN, {"used": 2, "destroyed": 0}),
        (25, "issue_dose", TECHNICIAN, {"at": moment_text(ago(25)), "temperature": warm()}),
        (
            22,
            "hand_over_dose",
            TECHNICIAN,
            {"at": moment_text(ago(22)), "to": COORDINATOR, "temperature": warm()},
        ),
        (12, "receive_dose", COORDINATOR, {"at": moment_text(ago(12)), "temperature": warm()}),
        (4, "check_bedside", COORDINATOR, check),
    ]
    return [note(ago(minutes), verb, actor, dose=dose, **said) for minutes, verb, actor, said in acts]
