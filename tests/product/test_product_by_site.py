"""Doses and donors belong to the site of their participant; what is made is for every site: pages and entries, role by role."""

import csv
import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from charcot.ledger import Entry, Kind
from charcot.wiring.accounts import make_account
from charcot.wiring.folder import create_folder, open_folder
from charcot.wiring.served import choose, open_site
from charcot.wiring.settings import configure_django
from faces.practice import PASSWORD, Practice
from product.bench import QP, Bench, product_files
from product.laboratory import INSPECTOR_ROLE

SITES = (
    "    sites:\n      - {id: tehran, name: The first site}\n      - {id: shiraz, name: The second site}\n"
)
ROLES = ("investigator", "coordinator", "gmp_technician", "qualified_person", "inspector")
OWN, OTHER = ("S-2", "D2", "L2", "X2"), ("S-1", "D1", "L1", "X1")
"""Participant, donor, lot and dose of the second site, and of the first."""


class TwoSites(Bench):
    """The bench of a trial in which S-2 belongs to the second site."""

    def begin(self, participant: str = "S-1") -> None:
        site = "shiraz" if participant == "S-2" else "tehran"
        self.about("screen", "2014-01-05", participant, site=site)
        self.about("consent", "2014-01-06T10:00", participant, form_version="1.0")


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Practice:
    """A dose was given at each site; both lots are recalled; each role is held for every site (-1) and for the second (-2)."""
    configure_django()
    path = tmp_path_factory.mktemp("by-site") / "trial"
    files = product_files(
        ("    sites: [Tehran]\n", SITES),
        ("  - {id: gmp_technician", INSPECTOR_ROLE + "  - {id: gmp_technician"),
    )
    folder = create_folder(path, files)
    bench = TwoSites(folder.ledger, folder.protocol_files(), vault=folder.vault)
    for names in (OTHER, OWN):
        bench.make_ready(names[0], names[1], names[2], names[3])
    bench.act("infuse", participant="S-1", at="2014-01-20T10:00", given_dose="141000000", values={"volume": "10"}, dose="X1")  # fmt: skip
    bench.act("open_recall", QP, recall="R1", lots=["L1", "L2"], at="2014-01-21T09:00", reason="Contaminated")
    for whom in ("participant S-1", "dose X2"):
        bench.act("notify_recall", QP, recall="R1", whom=whom, at="2014-01-21T10:00", how="Telephone", answer=f"Told of {whom}")  # fmt: skip
    for role in ROLES:
        bench.act("delegate", person=f"{role}-1", role=role, since=date(2014, 1, 1))
        bench.act("delegate", person=f"{role}-2", role=role, since=date(2014, 1, 1), site="shiraz")
    choose(open_site(folder))
    for role in ROLES:
        for number in (1, 2):
            make_account(f"{role}-{number}", PASSWORD)
    folder.close()
    return Practice(open_folder(Path(path)))


def is_of_the_other(entry: Entry) -> bool:
    """Whether an entry is about what belongs to the first site, by hand: the participant, the dose and the donor there."""
    told = entry.data.get("whom") if entry.kind is Kind.RECALL_NOTIFIED else None
    return entry.subject in ("participant/S-1", "dose/X1", "donor/D1") or told in (
        "participant S-1",
        "dose X1",
    )


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    body: bytes = answer.getvalue() if answer.streaming else answer.content
    return body.decode()


@pytest.mark.parametrize("role", ROLES)
def test_a_role_of_one_site_sees_doses_and_donors_of_that_site_and_everything_made(
    trial: Practice, role: str
) -> None:
    everywhere, bound = trial.client(f"{role}-1"), trial.client(f"{role}-2")
    product = ["inspector", "gmp_technician", "qualified_person"]
    pages = [
        "/product",
        "/product/recalls",
        "/record",
        "/record.csv",
        "/record/compare?from=1&to=9999&numbers=1",
    ]
    pages += (
        ["/product/lots/L1", "/product/lots/L2", "/product/trace?node=L1", "/product/materials"]
        if role in product
        else []
    )
    for address in pages:
        address = address.replace("9999", str(trial.folder.ledger.head().sequence))
        page = shown(bound, address)
        assert not re.search(r"\bS-1\b", page), address
        assert "/product/doses/X1" not in page and "/product/donors/D1" not in page, address
    everything = shown(everywhere, "/product")
    assert all(name in everything for name in ("S-1", "S-2", "/product/doses/X1", "/product/donors/D1"))
    own = shown(bound, "/product")
    assert all(name in own for name in ("S-2", "/product/doses/X2", "/product/donors/D2"))
    for address, sees in (
        ("/product/doses/{3}", True),
        ("/product/donors/{1}", True),
        ("/product/doses/{3}/labels.pdf", role in product),
    ):
        wanted = 200 if sees else 403
        statuses = [
            client.get(address.format(*names)).status_code
            for client in (everywhere, bound)
            for names in (OTHER, OWN)
        ]
        assert statuses == [wanted, wanted, 404 if sees else 403, wanted], address


@pytest.mark.parametrize("role", ROLES)
def test_no_entry_about_the_dose_or_donor_of_another_site_opens(trial: Practice, role: str) -> None:
    everywhere, bound = trial.client(f"{role}-1"), trial.client(f"{role}-2")
    hidden = 0
    for entry in trial.folder.ledger.entries():
        answers = [client.get(f"/record/{entry.sequence}").status_code for client in (everywhere, bound)]
        assert answers == [200, 404 if is_of_the_other(entry) else 200], (entry.sequence, entry.kind)
        hidden += is_of_the_other(entry)
    assert hidden > 20
    rows = list(csv.DictReader(io.StringIO(shown(bound, "/record.csv").removeprefix("\ufeff"), newline="")))
    listed = {int(row["entry"]) for row in rows}
    assert listed == {e.sequence for e in trial.folder.ledger.entries() if not is_of_the_other(e)}


def test_a_recall_lists_to_a_role_of_one_site_who_is_affected_there(trial: Practice) -> None:
    (opened,) = trial.folder.ledger.entries(kinds=[Kind.RECALL_OPENED])
    assert opened.data["to_notify"] == [
        "lot L1",
        "lot L2",
        "participant S-1",
        "participant S-2",
        "dose X1",
        "dose X2",
    ]
    for address in ("/product/recalls", f"/record/{opened.sequence}"):
        page = shown(trial.client("inspector-2"), address)
        assert all(name in page for name in ("lot L1", "lot L2", "participant S-2", "dose X2")), address
        assert not re.search(r"\bS-1\b|\bX1\b", page), address
        assert "participant S-1" in shown(trial.client("inspector-1"), address)
    assert "2 more on the list are of other sites." in shown(trial.client("inspector-2"), "/product/recalls")


def test_the_pages_of_acts_offer_a_role_of_one_site_the_people_and_doses_there(trial: Practice) -> None:
    for verb in ("prescribe_dose", "end_dose", "register_donor"):
        role = "coordinator" if verb == "register_donor" else "investigator"
        whole, own = (shown(trial.client(f"{role}-{number}"), f"/product/acts/{verb}") for number in (1, 2))
        offered: Any = re.compile(r'<option value="(S-1|X1|D1)"')
        assert offered.search(whole), verb
        assert not offered.search(own), verb
