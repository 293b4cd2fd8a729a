"""A small trial with its laboratory on a real site: two donors, three lots, doses that were given, and an account for each person."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from charcot.conduct.analyse_cytometry import CytometryPlan, MarkerAsked
from charcot.ledger import Actor
from charcot.simulation.tubes import draw_tube
from charcot.wiring.accounts import make_account
from charcot.wiring.folder import create_folder, open_folder
from charcot.wiring.raw_files import keep_raw_file
from charcot.wiring.served import choose, open_site
from faces.practice import PASSWORD, Practice
from product.bench import INVESTIGATOR, QP, REVIEWER, SIGNED_RELEASE, TECHNICIAN, TESTER, Bench, product_files

READER = Actor("inspector-i", "inspector")
BLIND = Actor("blind-b", "coordinator")
FAR = Actor("far-f", "gmp_technician")
"""Bound to the other site, at which nobody takes part yet."""
INSPECTOR_ROLE = "  - {id: inspector, label: Inspector, may: [read], sees: [open, product]}\n"
PANEL = (
    MarkerAsked("CD90", "FITC-A", "synthetic_P0_stained.fcs", "synthetic_P0_isotype.fcs", "cd90"),
    MarkerAsked("CD14", "PE-A", "synthetic_P0_stained.fcs", "synthetic_P0_isotype.fcs", "cd14"),
)


class CityBench(Bench):
    """A bench whose participants all belong to Tehran."""

    def begin(self, participant: str = "S-1") -> None:
        self.about("screen", "2014-01-05", participant, site="Tehran")
        self.about("consent", "2014-01-06T10:00", participant, form_version="1.0")


def tubes(seed: int = 3, cd90: float = 0.975) -> dict[str, bytes]:
    """Isotype control and stained sample."""
    shares: Mapping[str, Mapping[str, float]] = {
        "synthetic_P0_isotype.fcs": {},
        "synthetic_P0_stained.fcs": {"FITC-A": cd90, "PE-A": 0.012},
    }
    return {
        name: draw_tube(
            name.removeprefix("synthetic_").removesuffix(".fcs"),
            given,
            seed=[seed, n],
            events=12_000,
            debris=0,
            tells_spillover=True,
        ).content
        for n, (name, given) in enumerate(shares.items())
    }


def make_laboratory(path: Path) -> None:
    """Makes the folder. L1 and X1 went to S-1, L2 waits for its analysis; both are fed with medium MED1."""
    files = product_files(
        ("  - {id: gmp_technician", INSPECTOR_ROLE + "  - {id: gmp_technician"),
        ("sites: [Tehran]", "sites: [Tehran, Isfahan]"),
    )
    folder = create_folder(path, files)
    bench = CityBench(folder.ledger, folder.protocol_files(), vault=folder.vault)
    bench.enrol()
    bench.accept()
    bench.procure()
    bench.grow()
    for test in ("cd90", "cd14"):
        bench.act("request_test", TESTER, node="L1.P0-harvest", test=test, sampled_at="2014-01-18T10:30")
    plan = CytometryPlan(tubes(), PANEL)
    for name, content in plan.tubes.items():
        keep_raw_file(folder, name, [content])
    bench.act("analyse_cytometry", TESTER, node="L1.P0-harvest", sampled_at="2014-01-18T10:30", plan=plan)
    for test in ("t1", "t2"):
        bench.act("review_test", REVIEWER, lot="L1", test=test, verdict="PASS")
    bench.assay("sterility", "negative")
    bench.act(
        "report_product_deviation",
        TECHNICIAN,
        lot="L1",
        at="2014-01-18",
        severity="minor",
        description="Fed late",
    )
    bench.act("certify", QP, lot="L1", outcome="certified", signature=SIGNED_RELEASE)
    bench.prescribe()
    bench.prepare()
    bench.label()
    bench.carry()
    bench.check()
    bench.act(
        "infuse",
        participant="S-1",
        at="2014-01-20T10:00",
        given_dose="141000000",
        values={"volume": "10"},
        dose="X1",
    )
    bench.enrol("S-2")
    bench.accept("D2", "S-2")
    bench.procure("L2", "D2")
    bench.grow("L2")
    bench.act("delegate", person=READER.person, role=READER.role, since=date(2014, 1, 1))
    bench.act("delegate", person=BLIND.person, role=BLIND.role, since=date(2014, 1, 1))
    bench.act("delegate", person=FAR.person, role=FAR.role, since=date(2014, 1, 1), site="Isfahan")
    choose(open_site(folder))
    for person in (INVESTIGATOR, TESTER, REVIEWER, QP, READER, BLIND, FAR):
        make_account(person.person, PASSWORD)
    folder.close()


def open_laboratory(path: Path) -> Practice:
    """The laboratory that was made before."""
    return Practice(open_folder(path))
