"""Every page of the site in a real browser: axe finds nothing serious, light and dark, and nothing is wider than a phone."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from charcot.conduct import lock, open_query, read_charter
from charcot.conduct.lock import LOCKING
from charcot.ledger import Actor, Kind
from charcot.team import Signature
from charcot.wiring.accounts import make_account
from charcot.wiring.served import choose, open_site
from faces.practice import PASSWORD, Practice, open_practice
from faces.test_pages_browser import CHROMIUM
from faces.who_may import WHO_MAY
from running import Demo

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium was found on this machine"),
]
SEEN_BY = ("investigator", "data_manager", "qualified_person", "monitor", "safety_physician", "safety_board",
           "coordinator", "statistician", "administrator")  # fmt: skip
"""Roles, the first that may open a page looks at it."""
NO_PAGES = {
    "casebook_file", "casebook_blank", "casebook_annotated", "file", "lock_statement", "label_page", "cytometry_file", "cytometry_gates",
    "certificate_file", "cioms", "judge_result", "record_csv", "report_file", "figure", "health", "sign_out", "go_on", "look_back", "report",
    "safety_report", "safety_report_file", "safety_figure",
}  # fmt: skip
"""Addresses that give files, lead elsewhere, are documents of their own (the report), or need a result out of range (its judgement)."""
WITHOUT = {"attachment", "code"}
"""What addresses name that only stands in a link that is sent out, or in a file that somebody attached."""
CORRECTED = {"participant": "S-03", "form": "vital_signs", "encounter": "screening", "instance": 1}
LOCKED = "scope=form&form=vital_signs&encounter=screening&instance=1"


@dataclass(frozen=True)
class Site:
    """The demonstration with accounts, what stands in its addresses, and where it is served."""

    practice: Practice
    people: dict[str, str]
    named: dict[str, Any]
    address: str


@pytest.fixture(scope="module")
def served(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    practice = open_practice(Path(shutil.copytree(demo.path, tmp_path_factory.mktemp("axe") / "demo")))
    charter = read_charter(practice.folder.ledger)
    today = charter.site_time(datetime.fromisoformat(practice.folder.ledger.head().recorded_at)).date()
    people = {d.role: d.person for d in charter.delegations if d.holds_on(today)}
    choose(open_site(practice.folder))
    for role in SEEN_BY:
        TOTPDevice.objects.create(user=make_account(people[role], PASSWORD), name="app", confirmed=True)
    manager = Actor(people["data_manager"], "data_manager")
    for form in ("alsfrs_r", "vital_signs"):
        open_query(
            practice.trial,
            manager,
            participant="S-03",
            form=form,
            encounter="screening",
            text="As in the source?",
        )
    lock(
        practice.trial,
        manager,
        scope="form",
        participant="S-02",
        form="vital_signs",
        encounter="screening",
        reason="cleaned",
    )
    practice.client(people["investigator"]).post(
        reverse("in_error", kwargs=CORRECTED | {"participant": "S-05"}), {"reason": "another person's sheet"}
    )
    ledger = practice.folder.ledger
    dose = next(ledger.entries(kinds=[Kind.DOSE_PREPARED]))
    analysis = next(ledger.entries(kinds=[Kind.CYTOMETRY_ANALYSED]))
    event = next(
        e
        for e in ledger.entries()
        if e.data.get("form") == "adverse_event" and e.data["values"]["serious"]["value"] == "yes"
    )
    named = CORRECTED | {
        "lot": str(dose.data["lot"]), "dose": dose.subject.partition("/")[2], "id": "table1.age.mean", "person": people["monitor"],
        "sequence": event.sequence, "verb": "report_deviation", "version": 1, "rule": "emboli", "clock": "sponsor", "number": 1,
        "donor": next(ledger.entries(kinds=[Kind.DONOR_REGISTERED])).subject.partition("/")[2], "name": "figure",
        "analysis": analysis.data["id"], "event": (event.participant, event.data["instance"]),
        "analysed": analysis.subject.partition("/")[2],
        "item": "", "delegated": next(ledger.entries(kinds=[Kind.ROLE_DELEGATED])).sequence,
    }  # fmt: skip
    with practice.serving() as address:
        yield Site(practice, people, named, address)


def pages_of(site: Site) -> Iterator[tuple[str, str]]:
    """Each page of the site, and who looks at it."""
    from faces.test_who_may import routes

    for route in routes():
        name = str(route.name)
        who = WHO_MAY[name]
        if name in NO_PAGES or who.only_form or who.everybody or set(route.pattern.converters) & WITHOUT:
            continue
        given = {key: site.named[key] for key in route.pattern.converters if key != "participant"}
        if "participant" in route.pattern.converters:
            given["participant"] = "S-03"
        if name in ("narrative", "assess_relation", "submit"):
            given["participant"], given["instance"] = site.named["event"]
        if name.startswith(("cytometry", "analyse_cyt")):
            given["lot"] = site.named["analysed"]
        if name == "reinstate":
            given["participant"] = "S-05"
        if name in ("unlock", "lock"):
            given["participant"] = "S-02"
        if name == "set_range":
            given |= {"form": "laboratory_liver", "item": "alt"}
        if name == "safety_result":
            given["id"] = "safety.boundary.emboli.events"
        if name == "end_delegation":
            given["sequence"] = site.named["delegated"]
        if name in ("lock_receipt", "unlock_trial"):
            continue  # the trial is not locked yet
        role = next(role for role in SEEN_BY if role in who.roles)
        if name == "product_act":
            role, given["verb"] = "qualified_person", "release_material"
        yield role, reverse(name, kwargs=given)


MORE = (
    ("data_manager", "/"),
    ("monitor", "/"),
    ("coordinator", "/"),
    ("safety_physician", "/"),
    ("administrator", "/"),
    ("investigator", "/?as_of=500"),
    ("investigator", "/nothing"),
    ("data_manager", "/participants?status=died"),
    ("coordinator", "/participants/S-03?add=concomitant_medication"),
    ("coordinator", "/participants/S-03/forms/alsfrs_r/screening/1"),
    ("coordinator", "/participants/S-03/forms/alsfrs_r/screening/1/fill"),
    ("coordinator", "/participants/S-03/forms/adverse_event/-/9/fill"),
    ("coordinator", "/participants/S-02/forms/vital_signs/screening/1/fill"),
    ("coordinator", "/participants/S-03/visits/unscheduled?no=1"),
    ("coordinator", "/participants/S-03/acts/withdraw"),
    ("coordinator", "/participants/S-03/acts/miss"),
    ("investigator", "/signing/S-03?signed=1"),
    ("data_manager", "/record/compare?from=1000&to=1040"),
    ("investigator", "/product/plan?weight=70&on=2015-12-01"),
)
"""Pages that look otherwise by role, by what is asked, or by what is on record."""
TERMS: Any = {"name": "terms.csv", "mimeType": "text/csv", "buffer": b"Term\nFever\nFever\n"}
"""A dictionary; the page that shows what was read of it is looked at too."""
CONTRAST = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}
"""All that can differ in the dark."""


def test_axe_finds_nothing_serious_on_any_page_light_or_dark_and_none_is_wider_than_a_phone(
    served: Site,
) -> None:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    site, axe = served, Axe()
    looked_at: dict[str, list[str]] = {}
    for role, path in [*pages_of(site), *MORE]:
        looked_at.setdefault(role, []).append(path + ("?" + LOCKED if path.endswith("/S-02/unlock") else ""))
    bad: list[tuple[str, ...]] = []

    def look(page: Any, path: str, wanted: int = 200) -> None:
        page.emulate_media(color_scheme="light")
        answer = page.goto(site.address + path)
        assert answer is not None
        if answer.status != wanted:
            bad.append((path, str(answer.status), page.title()))
        if path.startswith("/results/"):
            page.locator("main a[data-panel]").first.click()
            page.locator("#panel:not([hidden])").wait_for()
        if page.locator("#f-pulse").count():
            page.locator("#f-pulse").fill("fast")
            page.keyboard.press("Control+s")
            page.locator("#say-pulse .wrong", has_text="whole number").wait_for()
        if path == "/safety/terms/load":
            page.locator("#f-file").set_input_files(TERMS)
            page.get_by_role("button", name="Read it").click()
            page.get_by_text("1 row was left out").click()
        bad.extend(serious(axe, page, {"resultTypes": ["violations"]}))
        page.emulate_media(color_scheme="dark")
        bad.extend(("dark", *found) for found in serious(axe, page, CONTRAST))
        page.set_viewport_size({"width": 360, "height": 740})
        if page.evaluate("document.documentElement.scrollWidth") > 360:
            bad.append((path, "wider than a phone"))
        page.set_viewport_size({"width": 1200, "height": 800})

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_context(bypass_csp=True, reduced_motion="reduce").new_page()
        page.set_default_timeout(60_000)
        look(page, "/sign-in")
        for role, paths in looked_at.items():
            page.context.clear_cookies()
            site.practice.sign_in(page, site.address, site.people[role])
            for path in paths:
                look(page, path, 404 if path == "/nothing" else 200)
        with ThreadPoolExecutor(1) as aside:  # Django reads no database where an event loop runs
            sequence = aside.submit(lock_trial, site).result()
        page.context.clear_cookies()
        site.practice.sign_in(page, site.address, site.people["data_manager"])
        for path in ("/locks", f"/locks/trial/{sequence}", "/locks/trial/unlock"):
            look(page, path)
        browser.close()
    assert not bad


def lock_trial(site: Site) -> int:
    manager = Actor(site.people["data_manager"], "data_manager")
    signature = Signature("password+totp", LOCKING)
    entries = lock(
        site.practice.trial,
        manager,
        scope="trial",
        statement="Complete as far as it can be.",
        reason="It is a demonstration.",
        signature=signature,
    )
    return entries[-1].sequence


def serious(axe: Any, page: Any, options: dict[str, Any]) -> list[tuple[str, ...]]:
    return [
        (page.url.split("/", 3)[3], violation["id"], node["html"][:160])
        for violation in axe.run(page, options=options).response["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"][:3]
    ]
