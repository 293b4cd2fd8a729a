"""One product of the shipped trial is made, tested, released and infused in a real browser, from the donor to the sixth hour, by pages alone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from charcot.ledger import Actor, Entry, Kind
from charcot.product.flow_cytometry import parse_gating_ml
from charcot.simulation.tubes import draw_tube
from charcot.wiring.folder import open_folder
from faces.practice import PASSWORD, Practice
from faces.test_first_day import INFUSION
from faces.test_pages_browser import CHROMIUM
from product.clinic import (
    DOCTOR,
    INSPECTOR,
    NURSE,
    QP,
    REVIEWER,
    SECOND,
    TECHNICIAN,
    TESTER,
    WEIGHED,
    ago,
    make_clinic,
)
from product.gate_strokes import DRAWN, draw_gates
from product.oracle import Asked, check_infusions

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium was found on this machine"),
]
LARGE = (
    "form.act-form[data-kept] :is(input:not([type=hidden], [type=radio], [type=checkbox]), select, button)"
)
MATERIALS = ("pbs", "collagenase", "fbs", "medium", "flasks", "trypsin", "saline")
HEALTHY = {"q_sex": "F", "q_age": "41", "q_younger_than_recipient": "yes", "q_healthy": "yes", "q_als_in_person": "no", "q_malignancy": "no",
           "q_infection_risk": "no", "q_anticoagulant": "no", "suitable": "yes"}  # fmt: skip
MARKERS = {
    "cd105": "FITC-A",
    "cd90": "PE-A",
    "cd73": "PerCP-A",
    "cd44": "APC-A",
    "cd45": "FITC-A",
    "cd34": "PE-A",
}
TUBES = {"isotype": {}, "positive": dict.fromkeys(("FITC-A", "PE-A", "PerCP-A", "APC-A"), 0.99), "negative": {"FITC-A": 0.004, "PE-A": 0.004}}  # fmt: skip
DONOR_TESTS = ("hbv", "hcv", "hiv", "htlv_1", "htlv_2")
LINEAGES = ("chondrogenic", "osteogenic", "adipogenic")
OBSERVED = {"timepoint": "hour_6", "pulse": "76", "systolic": "120", "diastolic": "75", "respiratory_rate": "15", "oxygen_saturation": "96",
            "temperature": "36.7", "consciousness": "alert"}  # fmt: skip


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    path = tmp_path_factory.mktemp("clinic") / "trial"
    make_clinic(path)
    folder = open_folder(path)
    yield Practice(folder)
    folder.close()


@pytest.fixture(scope="module")
def people(clinic: Practice) -> Iterator["People"]:
    with clinic.serving() as address:
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            yield People(browser, clinic, address)
            browser.close()


class People:
    """Everybody at their own tablet."""

    def __init__(self, browser: Any, clinic: Practice, address: str) -> None:
        self._browser, self.clinic, self._address = browser, clinic, address
        self._pages: dict[str, Any] = {}

    def page(self, who: Actor, path: str = "/") -> Any:
        """Their page; who comes for the first time signs in and is brought to `path`."""
        if who.person not in self._pages:
            context = self._browser.new_context(viewport={"width": 820, "height": 1180})
            page = context.new_page()
            page.set_default_timeout(60_000)
            self.clinic.sign_in(page, self._address, who.person, back=path)
            self._pages[who.person] = page
        return self._pages[who.person]

    def open(self, who: Actor, path: str) -> Any:
        page = self.page(who, path)
        page.goto(self._address + path)
        return page

    def find(self, who: Actor, path: str, offer: str) -> Any:
        """The act that a page offers, on the page where one stands, or else on that page."""
        page = self.page(who, path)
        link = page.get_by_role("link", name=offer, exact=True).first
        if not page.url.endswith(path) or not link.count():
            page.goto(self._address + path)
        before = page.url
        link.click()
        page.wait_for_url(lambda url: url != before)
        return page

    def act(self, who: Actor, path: str, offer: str, **fields: str) -> Any:
        """Follows what a page offers, fills the fields and sends them."""
        page = self.find(who, path, offer)
        return self.send(page, offer, **fields)

    def write(self, page: Any, **fields: str) -> None:
        lists = page.eval_on_selector_all("select", "all => all.map(e => e.id)")
        for name, text in fields.items():
            if f"f-{name}" in lists:
                page.select_option(f"#f-{name}", text)
            else:
                page.fill(f"#f-{name}", text)

    def send(self, page: Any, what: str, **fields: str) -> Any:
        self.write(page, **fields)
        sizes = page.eval_on_selector_all(LARGE, "all => all.map(e => e.getBoundingClientRect().height)")
        assert min(sizes, default=44) >= 44, f"{what}: too small for gloves"
        before = page.url
        with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
            page.locator("form.act-form button.primary").click()
        if answered.value.status != 200:
            page.locator("main .refused, main .wrong:not(:empty)").first.wait_for()
            raise AssertionError(f"{what}: {page.locator('main .refused, main .wrong').all_inner_texts()}")
        page.wait_for_url(lambda url: url != before)
        return page

    def fill(self, who: Actor, address: str, **fields: str) -> None:
        """Fills a form of the participant, as every form is filled."""
        page = self.open(who, address) if address else self.page(who)
        for name, text in fields.items():
            choice = page.locator(f"input[type='radio'][name='v.{name}'][value='{text}']")
            if choice.count():
                choice.check()
            else:
                page.locator(f"#f-{name}").fill(text)
        page.get_by_role("button", name="Save", exact=True).click()
        page.wait_for_url(lambda url: not url.endswith("/fill"))

    def digits(self, who: Actor) -> str:
        """What their app shows; Django reads no database where an event loop runs."""
        with ThreadPoolExecutor(1) as aside:
            return aside.submit(self.clinic.token, who.person).result()

    def verified(self, by: Actor, name: str = "verifier") -> dict[str, str]:
        """The second person, who types their own password."""
        return {
            name: f"{by.person}|{by.role}",
            "second_password": PASSWORD,
            "second_token": self.digits(by),
        }


def test_one_product_from_donor_to_the_sixth_hour(people: People) -> None:
    supply(people)
    accept_donor(people)
    make(people)
    release(people)
    give(people)
    settle(people)
    inspect(people)
    entries = list_entries(people)
    check_infusions(entries, Asked((*MARKERS, *LINEAGES), (), DONOR_TESTS))
    kinds = [e.kind for e in entries]
    assert (kinds.count(Kind.DOSE_INFUSED), kinds.count(Kind.BEDSIDE_REFUSED)) == (1, 1)
    (analysed,) = (e.data for e in entries if e.kind is Kind.CYTOMETRY_ANALYSED)
    assert parse_gating_ml(analysed["gates"].encode()).ids == DRAWN and analysed["population"] == "cells"
    observed = [e.data["values"] for e in entries if e.data.get("form") == "observation_6h"]
    assert [values["timepoint"]["value"] for values in observed] == ["hour_6"]


def list_entries(people: People) -> list[Entry]:
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(lambda: list(people.clinic.folder.ledger.entries())).result()


def supply(people: People) -> None:
    """Collagenase in quarantine and out of it, a centrifuge calibrated; the other materials lie in the refrigerator."""
    where = "/product/materials"
    people.act(
        TECHNICIAN, where, "Receive material", code="collagenase-9", material="collagenase", lot_number="X", supplier="S",
        expires="2100-01-01", amount="5000", at=ago(25),
    )  # fmt: skip
    people.act(QP, where, "Release material", code="collagenase-9", certificate="C-1")
    people.act(
        TECHNICIAN, where, "Calibration", code="centrifuge-9", equipment="centrifuge", label="The centrifuge", due="2100-01-01",
        on=ago(25)[:10], rotor_radius_cm="8",
    )  # fmt: skip


def accept_donor(people: People) -> None:
    """Registered with the kinship, consented, screened, tested, found eligible."""
    donor = "/product/donors/D1"
    people.act(
        NURSE, "/product", "Register a donor", donor="D1", participant="S-01", relation="sibling", family_name="Somebodyson"
    )  # fmt: skip
    people.act(NURSE, donor, "Donor’s consent", at=ago(24.2), form_version="1")
    people.act(NURSE, donor, "Screen the donor", at=ago(24.1), **HEALTHY)
    for test in DONOR_TESTS:
        people.act(
            TESTER, donor, "Enter a donor’s test", test=test, result="negative", method="ELISA", sampled_at=ago(24)
        )  # fmt: skip
    people.act(QP, donor, "Decide about the donor", decision="eligible", at=ago(23.5))


def means(*kinds: str, **tools: str) -> dict[str, str]:
    """The lots and instruments of a step."""
    found = {f"m_{kind}": f"{kind}-9" for kind in kinds} | {f"a_{kind}": "1" for kind in kinds}
    return found | {f"e_{tool}": f"{tool}-9" for tool in tools}


def make(people: People) -> None:
    """Tissue, isolation, culture, harvest: each step is the one that the lot offers."""
    lot = "/product/lots/L1"
    people.act(
        TECHNICIAN, "/product/donors/D1", "Take tissue", lot="L1", volume_ml="100", operator="Surgeon 1", anaesthetic="Lidocaine",
        container="B1", at=ago(23), received_at=ago(22.9),
    )  # fmt: skip
    people.act(
        TECHNICIAN, lot, "Isolation of the stromal vascular fraction: tissue", at=ago(22.8), p_tissue_volume="100", p_collagenase_volume="100",
        p_digestion="20", p_centrifugation="15", p_speed="2000", p_filter="70", **means("pbs", "collagenase", "fbs"), **people.verified(SECOND),
    )  # fmt: skip
    people.act(
        TECHNICIAN, lot, "Count SVF", at=ago(22.7), viable_1="200", dead_1="10", viable_2="204", dead_2="8", volume_ml="100", method="NC-200"
    )  # fmt: skip
    seed_without_network(people)
    people.act(
        TECHNICIAN, lot, "Change of medium: P0", at=ago(18), p_confluence="40", **means("medium", "fbs"), **people.verified(SECOND)
    )  # fmt: skip
    people.act(
        TECHNICIAN, lot, "Harvest: P0", at=ago(hours=12), p_confluence="90", p_contamination="no", **means("trypsin"), **people.verified(SECOND)
    )  # fmt: skip
    people.act(
        TECHNICIAN, lot, "Count H0", at=ago(hours=11.9), viable_1="210", dead_1="10", viable_2="206", dead_2="12", volume_ml="100", method="NC-200"
    )  # fmt: skip


def seed_without_network(people: People) -> None:
    """A scanner's Enter goes on to the next field; a reload puts back what was typed; what is sent without a network is sent when it is back."""
    page = people.find(TECHNICIAN, "/product/lots/L1", "Seeding: SVF")
    before = page.url
    people.write(
        page,
        at=ago(22.6),
        cells="20000000",
        vessels="20",
        p_cells_per_flask="1000000",
        **means("fbs", "flasks"),
    )
    page.fill("#f-m_medium", "")
    page.focus("#f-m_medium")
    page.keyboard.type("medium-9\n1\n")
    assert page.evaluate("document.activeElement.id") == "f-m_fbs" and page.url == before
    page.reload()
    page.get_by_text("What you had written here was put back.").wait_for()
    assert page.input_value("#f-m_medium") == "medium-9" and page.input_value("#f-cells") == "20000000"
    assert page.input_value("#f-second_password") == ""
    people.write(page, **people.verified(SECOND))
    page.context.set_offline(True)
    page.locator("form.act-form button.primary").click()
    page.get_by_text("There is no network.").wait_for()
    page.context.set_offline(False)
    page.wait_for_url("**/product/lots/L1")


def release(people: People) -> None:
    """Six markers from raw files, three lineages, all reviewed by another, certified by the qualified person."""
    lot = "/product/lots/L1"
    for marker in MARKERS:
        people.act(TESTER, lot, "Request a test", node="L1.H0", test=marker, sampled_at=ago(hours=11.8))
    analyse(people)
    for number, lineage in enumerate(LINEAGES, start=len(MARKERS) + 1):
        people.act(TESTER, lot, "Request a test", node="L1.H0", test=lineage, sampled_at=ago(hours=11.5))
        people.act(TESTER, lot, f"enter result t{number}", value="positive", at=ago(hours=11))
    for number in range(1, len(MARKERS) + len(LINEAGES) + 1):
        people.act(REVIEWER, lot, f"review t{number}")
    people.act(
        QP, lot, "Certify or reject", outcome="certified", password=PASSWORD, token_code=people.digits(QP)
    )  # fmt: skip


def analyse(people: People) -> None:
    """The tubes are uploaded, the panel named, the shares computed."""
    page = people.open(TESTER, "/product/lots/L1/cytometry/new")
    drawn = [
        draw_tube(name, shares, seed=[5, n], events=12_000, debris=0, tells_spillover=True)
        for n, (name, shares) in enumerate(TUBES.items())
    ]
    page.locator("input[name=files]").set_input_files(
        [{"name": one.name, "mimeType": "application/octet-stream", "buffer": one.content} for one in drawn]
    )
    page.get_by_role("button", name="Upload").click()
    page.locator("select[name=node]").select_option("L1.H0")
    page.locator("input[name=sampled_at]").fill(ago(hours=11.8))
    for marker, channel in MARKERS.items():
        tube = "negative" if marker in ("cd45", "cd34") else "positive"
        chosen = {"channel": channel, "sample": f"synthetic_{tube}.fcs", "control": "synthetic_isotype.fcs"}
        for what, value in chosen.items():
            page.locator(f"select[name='{what} {marker}']").select_option(value)
    draw_gates(page)
    page.get_by_role("button", name="Analyse and enter").click()
    page.wait_for_url("**/cytometry/c1/1")
    assert "judged within cells" in page.locator("main").inner_text()


def give(people: People) -> None:
    """Weight, dose, custody, bedside, infusion, observation."""
    dose = "/product/doses/X1"
    forms = "/participants/S-01/forms"
    people.fill(NURSE, f"{forms}/vital_signs/infusion_day/1/fill", at=ago(hours=9), **WEIGHED)
    people.act(DOCTOR, "/product", "Prescribe a dose", participant="S-01", dose="X1", at=ago(hours=8.5))
    people.act(
        TECHNICIAN, dose, "Prepare the dose", node="L1.H0", at=ago(hours=8), total="148000000",
        **means("saline"), **people.verified(SECOND),
    )  # fmt: skip
    people.act(TECHNICIAN, dose, "Print labels")
    people.act(TECHNICIAN, dose, "Reconcile labels", used="2")
    people.act(TECHNICIAN, dose, "Issue the dose", at=ago(hours=7.5), temperature="8")
    people.act(
        TECHNICIAN, dose, "Hand the dose over", at=ago(hours=7.4), to=f"{NURSE.person}|{NURSE.role}", temperature="8"
    )  # fmt: skip
    people.act(NURSE, dose, "Receive the dose", at=ago(hours=7), temperature="9")
    scan = {"at": ago(hours=6.5), "bag": "X1", **people.verified(DOCTOR, "second")}
    wrong = people.find(NURSE, dose, "Check at the bedside")
    people.write(wrong, wristband="S-02", **scan)
    wrong.locator("form.act-form button.primary").click()
    assert "does not match" in wrong.locator("main .notice.refused").inner_text()
    assert "Do not infuse" in people.open(DOCTOR, dose).locator("main .notice.refused").inner_text()
    scan |= people.verified(DOCTOR, "second")
    people.act(NURSE, dose, "Check at the bedside", wristband="S-01", **scan)
    people.find(DOCTOR, dose, "Record the infusion")
    infused = {**INFUSION, "started_at": ago(hours=6.2), "ended_at": ago(hours=6.1), "given_dose": "140000000", "concentration": "14000000"}  # fmt: skip
    people.fill(DOCTOR, "", **infused)
    people.fill(NURSE, f"{forms}/observation_6h/infusion_day/1/fill", measured_at=ago(hours=0.2), **OBSERVED)


def settle(people: People) -> None:
    """The qualified person assesses the deviation that the mismatch opened, and closes it by signature."""
    lot = "/product/lots/L1"
    people.act(
        QP, lot, "assess d1", impact="None: nothing was infused", investigation="Both were asked", root_cause="Two wristbands on one table",
        action="One patient in the room", owner="nurse-n",
    )  # fmt: skip
    page = people.act(
        QP, lot, "close d1", outcome="The lot is not touched", password=PASSWORD, token_code=people.digits(QP)
    )
    said = page.locator("section[aria-labelledby=deviations]").inner_text()
    assert "Two wristbands on one table" in said and "signed by person-q" in said


def inspect(people: People) -> None:
    """From the participant's page, with one click: which donor and reagents, who did it, who checked, in specification, who else."""
    page = people.open(INSPECTOR, "/participants/S-01")
    answers = page.locator("section[aria-labelledby=product]")
    said = answers.inner_text()
    for answer in ("D1", "L1", *(f"{kind}-9" for kind in MATERIALS), "tech-t", "tech-u", "certified by specification 1.1", "person-q",
                   "nobody else"):  # fmt: skip
        assert answer in said, answer
    page.get_by_role("link", name="Trace the cells").click()
    page.wait_for_url("**/product/trace?*")
    (harvest,) = page.locator("section[aria-labelledby=steps] tr", has_text="harvest").all_inner_texts()
    assert "tech-t" in harvest and "tech-u" in harvest and harvest.split("\t")[-2] == "–"
    assert "version 1.1, in force that day" in page.locator("section[aria-labelledby=release]").inner_text()
    assert page.locator("section[aria-labelledby=others] dd").all_inner_texts() == ["nobody else"] * 9
