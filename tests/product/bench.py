"""A small trial with a product, and somebody at its bench: what the tests of the product begin with."""

import copy
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from charcot.conduct.certify import CERTIFYING
from charcot.conduct.process import Made
from charcot.conduct.report_product_deviation import CLOSING
from charcot.ledger import Actor, Entry, Ledger, MemoryLedger
from charcot.product import DoseCourse, Lot, Taken, fold_dose, fold_lot
from charcot.team import Signature
from conduct.desk import COORDINATOR, INVESTIGATOR, MONITOR, Desk, protocol_files

TECHNICIAN = Actor("tech-t", "gmp_technician")
SECOND = Actor("tech-u", "gmp_technician")
TESTER = Actor("tester-v", "gmp_technician")
REVIEWER = Actor("reviewer-w", "gmp_technician")
QP = Actor("person-q", "qualified_person")
NURSE = Actor("nurse-n", "coordinator")
SIGNED_CLOSING = Signature("password+totp", CLOSING)
SIGNED_RELEASE = Signature("password+totp", CERTIFYING)

ROLES = """\
  - {id: gmp_technician, label: Technician, may: [procure, process, test, read], sees: [open, product]}
  - {id: qualified_person, label: Qualified person, may: [release, test, read, sign], sees: [open, product, donor_identity]}
"""
PRODUCT = """\
gates: [certified_dose, custody, bedside_check]
dose_basis: viable
product:
  name: Small cells
  donor:
    tests:
      - {id: hiv, label: HIV}
      - {id: hcv, label: HCV}
    screening: donor_screening
    identity: donor_identity
  expires_after_hours: 24
  materials:
    - {id: collagenase, label: Collagenase}
    - {id: medium, label: Medium}
  equipment:
    - {id: centrifuge, label: Centrifuge, spins: true}
  steps:
    - id: isolation
      label: Isolation
      does: digest
      materials: [collagenase]
      equipment: [centrifuge]
      parameters:
        - {id: minutes, label: Digestion, unit: min, low: 15, high: 30, critical: true}
        - {id: speed, label: Speed, unit: rpm}
    - {id: seeding, label: Seeding, does: seed, after: [isolation], materials: [medium]}
    - {id: feeding, label: Feeding, does: feed, after: [seeding]}
    - {id: transfer, label: Transfer, does: transfer, after: [seeding]}
    - {id: harvest, label: Harvest, does: harvest, after: [feeding]}
    - {id: pooling, label: Pooling, does: pool, after: [harvest]}
    - {id: sampling, label: Sampling, does: sample}
    - {id: freezing, label: Freezing, does: freeze, after: [harvest]}
    - {id: thawing, label: Thawing, does: thaw}
    - {id: discarding, label: Discarding, does: discard}
  identities:
    - {id: isct, label: ISCT 2006, tests: [cd90, cd14]}
release_specification:
  - {id: viruses, stage: Donor, test: Viruses, method: Serology, limit: All negative, required: true, source: Test}
  - id: cd90
    stage: Harvest
    test: CD90
    method: Flow cytometry
    limit: At least 95 %
    item: harvest_tests.cd90
    rule: cd90 >= 95
    required: true
    source: Test
  - id: cd14
    stage: Harvest
    test: CD14
    method: Flow cytometry
    limit: At most 2 %
    item: harvest_tests.cd14
    rule: cd14 <= 2
    required: false
    source: Test
  - id: sterility
    stage: Release
    test: Sterility
    method: Culture
    limit: No growth
    item: harvest_tests.sterility
    rule: sterility = 'negative'
    required: true
    may_be_pending: true
    source: Test
"""
IDENTITY = "Somebodyson"
"""The name of every donor."""
FORMS = {
    "forms/donor_identity.yaml": """\
form: donor_identity
title: Donor, identity
subject: donor
visibility: donor_identity
items:
  - {id: family_name, label: Name, type: text, personal: true, visibility: donor_identity}
""",
    "forms/donor_screening.yaml": """\
form: donor_screening
title: Donor
subject: donor
visibility: product
items:
  - {id: healthy, label: Healthy, type: yes_no, required: true}
  - {id: height, label: Height, type: decimal, unit: cm, range: [100, 250], precision: 1}
  - {id: relation, label: Relation, type: text, visibility: donor_identity}
""",
    "forms/harvest_tests.yaml": """\
form: harvest_tests
title: Tests of the harvest
subject: lot
visibility: product
items:
  - {id: cd90, label: CD90, type: decimal, unit: "%", range: [0, 100], precision: 1}
  - {id: cd14, label: CD14, type: decimal, unit: "%", range: [0, 100], precision: 1}
  - {id: sterility, label: Sterility, type: choice, codes: {negative: No growth, positive: Growth}}
""",
}


def product_files(*changes: tuple[str, str]) -> dict[str, str]:
    """The small protocol with a product and all gates."""
    files = protocol_files(
        ("sex_item:", ROLES + "sex_item:"),
        (
            "may: [screen, consent, record, correct, miss, assess,",
            "may: [procure, screen, consent, record, correct, miss, assess,",
        ),
    )
    files = {**files, "product.yaml": PRODUCT, **FORMS}
    for old, new in changes:
        assert any(old in text for text in files.values()), old
        files = {name: text.replace(old, new) for name, text in files.items()}
    return files


class Bench(Desk):
    """A desk with a laboratory: people, one released lot of each material, a centrifuge."""

    def __init__(
        self, ledger: Ledger | None = None, files: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(ledger, files or product_files(), now=datetime(2014, 12, 1, 9, tzinfo=UTC), **more)
        for person in (TECHNICIAN, SECOND, TESTER, REVIEWER, QP, NURSE):
            self.act("delegate", person=person.person, role=person.role, since=date(2014, 1, 1))
        for code, kind in (("COL1", "collagenase"), ("MED1", "medium")):
            self.receive(code, kind)
            self.act("release_material", QP, code=code, certificate="C-1")
        self.act(
            "calibrate",
            TECHNICIAN,
            code="CEN1",
            equipment="centrifuge",
            label="Centrifuge 1",
            on="2014-01-02",
            due="2014-12-31",
            rotor_radius_cm="8",
        )

    def receive(self, code: str, kind: str, amount: str = "1000", expires: str = "2014-12-31") -> None:
        self.act(
            "receive_material",
            TECHNICIAN,
            code=code,
            material=kind,
            lot_number="X",
            supplier="S",
            expires=expires,
            amount=amount,
            at="2014-01-03",
        )

    def lot(self, lot: str = "L1") -> Lot:
        found = fold_lot(tuple(self.trial.ledger.entries(subjects=[f"product/{lot}"])))
        assert found is not None
        return found

    def dose(self, dose: str = "X1") -> DoseCourse:
        found = fold_dose(tuple(self.trial.ledger.entries(subjects=[f"dose/{dose}"])))
        assert found is not None
        return found

    def register(self, donor: str = "D1", participant: str = "S-1", relation: str = "sibling") -> None:
        self.act(
            "register_donor",
            NURSE,
            donor=donor,
            participant=participant,
            relation=relation,
            identity={"family_name": IDENTITY},
        )

    def accept(self, donor: str = "D1", participant: str = "S-1") -> None:
        """Registered, consented, screened, tested on 10 January, found eligible."""
        self.register(donor, participant)
        self.act("consent_donor", NURSE, donor=donor, at="2014-01-08T09:00", form_version="1")
        self.act(
            "screen_donor",
            NURSE,
            donor=donor,
            at="2014-01-08T10:00",
            suitable="yes",
            answers={"healthy": "yes"},
        )
        for test in ("hiv", "hcv"):
            self.act(
                "record_donor_test",
                TESTER,
                donor=donor,
                test=test,
                sampled_at="2014-01-10",
                result="negative",
                method="ELISA",
            )
        self.act("decide_donor", QP, donor=donor, at="2014-01-11", decision="eligible")

    def procure(self, lot: str = "L1", donor: str = "D1", at: str = "2014-01-10T09:00") -> tuple[Entry, ...]:
        return self.act(
            "procure",
            TECHNICIAN,
            lot=lot,
            donor=donor,
            at=at,
            volume_ml="100",
            operator="surgeon-1",
            anaesthetic="Lidocaine",
            container="Bottle",
            received_at=at.replace("T09:00", "T10:00"),
        )

    def step(
        self, step: str, at: str, parents: list[Taken], *children: str, lot: str = "L1", **more: Any
    ) -> tuple[Entry, ...]:
        given = {
            "parameters": {},
            "materials": {},
            "equipment": (),
            "verifier": SECOND,
            "actor": TECHNICIAN,
            **more,
        }
        return self.act(
            "process",
            given.pop("actor"),
            lot=lot,
            step=step,
            at=at,
            parents=parents,
            children=[Made(name) for name in children],
            **given,
        )

    def isolate(self, lot: str = "L1", at: str = "2014-01-10T11:00", **more: Any) -> tuple[Entry, ...]:
        given = {
            "parameters": {"minutes": "20", "speed": "2000"},
            "materials": {"COL1": "1"},
            "equipment": ["CEN1"],
            **more,
        }
        return self.step("isolation", at, [Taken(f"{lot}.tissue")], "svf", lot=lot, **given)

    def count(self, node: str, at: str, viable: int = 200, dead: int = 10, factor: str = "10000") -> None:
        self.act(
            "count_cells",
            TECHNICIAN,
            node=node,
            at=at,
            replicates=[(viable, dead), (viable, dead)],
            factor=factor,
            volume_ml="100",
            method="NC-200",
        )

    def grow(self, lot: str = "L1") -> None:
        """Isolated, seeded, fed, harvested on 18 January: 2e8 viable cells in `LOT.P0-harvest`."""
        self.isolate(lot)
        self.count(f"{lot}.svf", "2014-01-10T12:00")
        self.step(
            "seeding",
            "2014-01-10T13:00",
            [Taken(f"{lot}.svf", "100000000")],
            "P0",
            lot=lot,
            materials={"MED1": "1"},
        )
        self.step("feeding", "2014-01-14T09:00", [Taken(f"{lot}.P0")], lot=lot)
        self.step("harvest", "2014-01-18T09:00", [Taken(f"{lot}.P0")], "P0-harvest", lot=lot)
        self.count(f"{lot}.P0-harvest", "2014-01-18T10:00")

    def assay(
        self,
        test: str,
        value: str,
        lot: str = "L1",
        *,
        node: str | None = None,
        review: bool = True,
        **more: Any,
    ) -> str:
        """A test requested, resulted and reviewed; its id."""
        (entry,) = self.act(
            "request_test",
            TESTER,
            node=node or f"{lot}.P0-harvest",
            test=test,
            sampled_at="2014-01-18T10:30",
            **more,
        )
        name = str(entry.data["id"])
        self.act("result_test", TESTER, lot=lot, test=name, value=value, at="2014-01-19")
        if review:
            verdict = self.lot(lot).test(name).verdict  # type: ignore[union-attr]  # it was just requested
            self.act("review_test", REVIEWER, lot=lot, test=name, verdict=verdict)
        return name

    def release(self, lot: str = "L1") -> None:
        """Tested and certified."""
        self.assay("cd90", "97.5", lot)
        self.assay("sterility", "negative", lot)
        self.act("certify", QP, lot=lot, outcome="certified", signature=SIGNED_RELEASE)

    def prescribe(self, dose: str = "X1", participant: str = "S-1", at: str = "2014-01-20T07:00") -> None:
        self.act("prescribe_dose", INVESTIGATOR, participant=participant, dose=dose, at=at)

    def prepare(self, dose: str = "X1", lot: str = "L1", **more: Any) -> None:
        """1.41e8 viable cells for 70.5 kg, in 10 ml."""
        given: dict[str, Any] = {
            "node": f"{lot}.P0-harvest",
            "at": "2014-01-20T08:00",
            "viable": "141000000",
            "total": "148000000",
            "concentration": "14100000",
            "volume_ml": "10",
            "verifier": SECOND,
            **more,
        }
        self.act("prepare_dose", TECHNICIAN, dose=dose, **given)

    def label(self, dose: str = "X1") -> None:
        self.act("print_labels", TECHNICIAN, dose=dose, copies=2)
        self.act("reconcile_labels", TECHNICIAN, dose=dose, used=1, destroyed=1)

    def carry(self, dose: str = "X1") -> None:
        """Issued, handed over, received at the bedside."""
        self.act("issue_dose", TECHNICIAN, dose=dose, at="2014-01-20T08:30", temperature="8")
        self.act("hand_over_dose", TECHNICIAN, dose=dose, at="2014-01-20T08:40", to=NURSE, temperature="8")
        self.act("receive_dose", NURSE, dose=dose, at="2014-01-20T09:00", temperature="9")

    def check(self, dose: str = "X1", participant: str = "S-1", at: str = "2014-01-20T09:50") -> None:
        self.act(
            "check_bedside", NURSE, dose=dose, at=at, wristband=participant, bag=dose, second=INVESTIGATOR
        )

    def make_ready(
        self, participant: str = "S-1", donor: str = "D1", lot: str = "L1", dose: str = "X1"
    ) -> None:
        """Everything from the participant's enrolment to the bedside check."""
        self.enrol(participant)
        self.accept(donor, participant)
        self.procure(lot, donor)
        self.grow(lot)
        self.release(lot)
        self.prescribe(dose, participant)
        self.prepare(dose, lot)
        self.label(dose)
        self.carry(dose)
        self.check(dose, participant)


def copied(bench: Bench) -> Bench:
    """The bench as it stands, to go on from."""
    ledger, old = MemoryLedger(), bench.trial.ledger
    ledger._entries = list(old._entries)  # type: ignore[attr-defined]  # a copy in memory, for speed
    ledger._by_subject = {s: list(e) for s, e in old._by_subject.items()}  # type: ignore[attr-defined]  # as above
    other = copy.copy(bench)
    other.clock = copy.copy(bench.clock)
    other.trial = replace(bench.trial, ledger=ledger, clock=other.clock)
    return other


def freeze(
    bench: Bench, lot: str, places: Mapping[str, str], cells: str = "20000000", at: str = "2014-01-18T12:00"
) -> tuple[Entry, ...]:
    """Vials, name to place, of the harvest of a lot."""
    made = [Made(name, {"place": place}) for name, place in places.items()]
    return bench.act("process", TECHNICIAN, lot=lot, step="freezing", at=at, parents=[Taken(f"{lot}.P0-harvest", cells)],
                     children=made, parameters={}, materials={}, equipment=(), verifier=SECOND)  # fmt: skip


__all__ = ["COORDINATOR", "INVESTIGATOR", "MONITOR", "Bench", "copied", "freeze", "product_files"]
