"""One product is made, tested, released and infused in a real browser, from the donor to the sixth hour, using only the pages."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from charcot.ledger import Actor, Kind
from charcot.wiring.accounts import make_account
from charcot.wiring.folder import create_folder, open_folder
from charcot.wiring.served import choose, open_site
from faces.practice import PASSWORD, Practice
from faces.test_pages_browser import CHROMIUM
from product.bench import INVESTIGATOR, NURSE, QP, REVIEWER, SECOND, TECHNICIAN, TESTER, Bench, product_files
from product.oracle import check_infusions

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium was found on this machine"),
]
OBSERVATION = """\
form: observation_6h
title: Observation for six hours
repeating: true
items:
  - {id: timepoint, label: Time point, type: choice, codes: {hour_1: 1 hour, hour_6: 6 hours}, required: true}
  - {id: pulse, label: Pulse, type: integer, unit: beats/min, required: true}
"""
PLACED = (
    "forms: [infusion], at: [infusion_day]}",
    "forms: [infusion], optional: [observation_6h, vital_signs], at: [infusion_day]}",
)
SEES = ("label: Investigator\n", "label: Investigator\n    sees: [open, product]\n")


def make_clinic(path: Path) -> None:
    """Makes the folder: S-1 is enrolled and confirmed; people have accounts; nothing of the product is there yet."""
    files = {**product_files(PLACED, SEES), "forms/observation_6h.yaml": OBSERVATION}
    folder = create_folder(path, files)
    bench = Bench(folder.ledger, folder.protocol_files(), vault=folder.vault)
    bench.enrol()
    choose(open_site(folder))
    for person in (INVESTIGATOR, NURSE, TECHNICIAN, SECOND, TESTER, REVIEWER, QP):
        make_account(person.person, PASSWORD)
    folder.close()


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    path = tmp_path_factory.mktemp("clinic") / "trial"
    make_clinic(path)
    folder = open_folder(path)
    yield Practice(folder)
    folder.close()


@pytest.fixture(scope="module")
def address(clinic: Practice) -> Iterator[str]:
    with clinic.serving() as found:
        yield found


class People:
    """Everybody at their own tablet."""

    def __init__(self, browser: Any, clinic: Practice, address: str) -> None:
        self._browser, self._clinic, self._address = browser, clinic, address
        self._pages: dict[str, Any] = {}

    def page(self, who: Actor) -> Any:
        if who.person not in self._pages:
            context = self._browser.new_context(viewport={"width": 820, "height": 1180})
            page = context.new_page()
            page.set_default_timeout(60_000)
            self._clinic.sign_in(page, self._address, who.person)
            self._pages[who.person] = page
        return self._pages[who.person]

    def open(self, who: Actor, path: str) -> Any:
        page = self.page(who)
        page.goto(self._address + path)
        return page

    def act(self, who: Actor, path: str, offer: str, **fields: str) -> Any:
        """Opens a page, follows what it offers, fills the fields and sends them."""
        page = self.open(who, path)
        page.get_by_role("link", name=offer, exact=True).first.click()
        return self.send(page, offer, **fields)

    def send(self, page: Any, what: str, **fields: str) -> Any:
        for name, text in fields.items():
            field = page.locator(f"#f-{name}")
            if field.evaluate("e => e.tagName") == "SELECT":
                field.select_option(text)
            else:
                field.fill(text)
        before = page.url
        page.locator("form.act-form button.primary").click()
        page.wait_for_load_state()
        refused = page.locator(".refused, .wrong:not(:empty)")
        assert page.url != before, f"{what}: {refused.all_inner_texts()}"
        return page

    def fill(self, who: Actor, form: str, encounter: str, **fields: str) -> None:
        """Fills a form of the participant, as it is filled for every form."""
        page = self.open(who, f"/participants/S-1/forms/{form}/{encounter}/1/fill")
        for name, text in fields.items():
            choice = page.locator(f"input[type='radio'][name='v.{name}'][value='{text}']")
            if choice.count():
                choice.check()
            else:
                page.locator(f"#f-{name}").fill(text)
        page.get_by_role("button", name="Save", exact=True).click()
        page.wait_for_url(lambda url: not url.endswith("/fill"))


def verified(by: Actor, name: str = "verifier") -> dict[str, str]:
    """The second person, who types their own password."""
    return {name: f"{by.person}|{by.role}", "second_password": PASSWORD}


def test_one_product_from_donor_to_the_sixth_hour(clinic: Practice, address: str) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        people = People(browser, clinic, address)
        make_and_release(people)
        give(people)
        answers = (
            people.open(INVESTIGATOR, "/participants/S-1")
            .locator("section[aria-labelledby=product]")
            .inner_text()
        )
        browser.close()
    for answer in (
        "D1",
        "L1",
        "COL9",
        "MED9",
        "tech-t",
        "tech-u",
        "certified by specification 1.0",
        "person-q",
        "nobody else",
    ):
        assert answer in answers
    entries = list(clinic.folder.ledger.entries())
    check_infusions(entries)
    assert [e.kind for e in entries].count(Kind.DOSE_INFUSED) == 1
    assert [
        e.data["values"]["timepoint"]["value"] for e in entries if e.data.get("form") == "observation_6h"
    ] == ["hour_6"]


def make_and_release(people: People) -> None:
    """Donor, tissue, culture, tests, certification."""
    donor, lot = "/product/donors/D1", "/product/lots/L1"
    for code, kind in (("COL9", "collagenase"), ("MED9", "medium")):
        people.act(
            TECHNICIAN, "/product/materials", "Receive material", code=code, material=kind, lot_number="X", supplier="S",
            expires="2100-01-01", amount="1000",
        )  # fmt: skip
        people.act(QP, "/product/materials", "Release material", code=code, certificate="C-1")
    people.act(
        TECHNICIAN,
        "/product/materials",
        "Calibration",
        code="CEN9",
        equipment="centrifuge",
        label="Centrifuge 9",
        due="2100-01-01",
        rotor_radius_cm="8",
    )
    people.act(
        NURSE,
        "/product",
        "Register a donor",
        donor="D1",
        participant="S-1",
        relation="sibling",
        family_name="Somebodyson",
    )
    people.act(NURSE, donor, "Donor’s consent", form_version="1")
    people.act(NURSE, donor, "Screen the donor", q_healthy="yes", suitable="yes")
    for test in ("hiv", "hcv"):
        people.act(TESTER, donor, "Enter a donor’s test", test=test, result="negative", method="ELISA")
    people.act(QP, donor, "Decide about the donor", decision="eligible")
    people.act(
        TECHNICIAN,
        donor,
        "Take tissue",
        lot="L1",
        volume_ml="100",
        operator="Surgeon 1",
        anaesthetic="Lidocaine",
        container="B1",
    )
    people.act(
        TECHNICIAN,
        lot,
        "Isolation: tissue",
        p_minutes="20",
        p_speed="2000",
        m_collagenase="COL9",
        a_collagenase="1",
        e_centrifuge="CEN9",
        **verified(SECOND),
    )
    people.act(
        TECHNICIAN,
        lot,
        "Count SVF",
        viable_1="200",
        dead_1="10",
        viable_2="204",
        dead_2="8",
        volume_ml="100",
        method="NC-200",
    )
    people.act(
        TECHNICIAN,
        lot,
        "Seeding: SVF",
        cells="100000000",
        vessels="20",
        m_medium="MED9",
        a_medium="500",
        **verified(SECOND),
    )
    people.act(TECHNICIAN, lot, "Feeding: P0", **verified(SECOND))
    people.act(TECHNICIAN, lot, "Harvest: P0", **verified(SECOND))
    people.act(TECHNICIAN, lot, "Count H0", viable_1="210", dead_1="10", volume_ml="100", method="NC-200")
    for number, (test, value) in enumerate((("cd90", "97.5"), ("sterility", "negative")), start=1):
        people.act(TESTER, lot, "Request a test", node="L1.H0", test=test)
        people.act(TESTER, lot, f"enter result t{number}", value=value)
        people.act(REVIEWER, lot, f"review t{number}")
    people.act(QP, lot, "Certify or reject", outcome="certified", password=PASSWORD)


def give(people: People) -> None:
    """Weight, dose, custody, bedside, infusion, observation."""
    dose = "/product/doses/X1"
    people.fill(NURSE, "vital_signs", "extra", weight="70.0", pulse="72")
    people.act(INVESTIGATOR, "/product", "Prescribe a dose", participant="S-1", dose="X1")
    people.act(TECHNICIAN, dose, "Prepare the dose", node="L1.H0", total="148000000", **verified(SECOND))
    people.act(TECHNICIAN, dose, "Print labels")
    people.act(TECHNICIAN, dose, "Reconcile labels", used="2")
    people.act(TECHNICIAN, dose, "Issue the dose", temperature="8")
    people.act(TECHNICIAN, dose, "Hand the dose over", to=f"{NURSE.person}|{NURSE.role}", temperature="8")
    people.act(NURSE, dose, "Receive the dose", temperature="9")
    wrong = people.open(NURSE, dose)
    wrong.get_by_role("link", name="Check at the bedside", exact=True).click()
    for name, text in {"wristband": "S-2", "bag": "X1", "second_password": PASSWORD}.items():
        wrong.locator(f"#f-{name}").fill(text)
    wrong.locator("#f-second").select_option(f"{INVESTIGATOR.person}|{INVESTIGATOR.role}")
    wrong.locator("form.act-form button.primary").click()
    assert "does not match" in wrong.locator(".notice.refused").first.inner_text()
    people.act(
        NURSE, dose, "Check at the bedside", wristband="S-1", bag="X1", **verified(INVESTIGATOR, "second")
    )
    page = people.open(INVESTIGATOR, dose)
    page.get_by_role("link", name="Record the infusion").click()
    now = page.locator("#f-started_at")
    now.fill(people_now(people))
    page.locator("#f-given_dose").fill("140000000")
    page.locator("#f-volume").fill("10")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(lambda url: not url.endswith("/fill"))
    people.fill(NURSE, "observation_6h", "infusion_day", timepoint="hour_6", pulse="76")


def people_now(people: People) -> str:
    """The moment that the bedside check carries, as the page of the dose shows it."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    return f"{datetime.now(ZoneInfo('Asia/Tehran')):%Y-%m-%dT%H:%M}"
