"""Takes the pictures of the guides anew, light and dark: `python docs/images/take.py [NAME …]`. Needs a Chromium.

The demonstration is played into a folder that is thrown away; somebody gets an account in each role and a browser looks at each page.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from charcot.wiring.settings import configure_django  # noqa: E402

configure_django()

from django_otp.plugins.otp_totp.models import TOTPDevice  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from charcot.conduct import read_charter, record  # noqa: E402
from charcot.ledger import Actor, Kind  # noqa: E402
from charcot.wiring import opening  # noqa: E402
from charcot.wiring.accounts import make_account  # noqa: E402
from charcot.wiring.folder import open_folder  # noqa: E402
from charcot.wiring.served import choose, open_site  # noqa: E402
from charcot.wiring.serving import site  # noqa: E402
from faces.practice import BEGAN, PASSWORD, Practice, make_practice, open_practice  # noqa: E402
from faces.served import served  # noqa: E402

PLACE = Path(__file__).parent
CHROMIUM = next(
    (p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None
)
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
VITALS = {"systolic": "120", "diastolic": "80", "pulse": "87", "temperature": "36.6"}
WATCHED = ""
"""Nobody is signed in."""


@dataclass(frozen=True)
class Picture:
    """One picture: of whose screen, at which address, from where on the page, and what is done before it is taken."""

    name: str
    person: str
    path: str
    top: str = ""
    """What stands at the upper edge; the head of the page where nothing is said."""
    before: Callable[[Any], None] | None = None
    phone: bool = False


def change_pulse(page: Any) -> None:
    page.locator('[name="v.pulse"]').fill("78")
    page.locator('[name="reason"]').fill("Read from the wrong line of the chart")
    page.locator("[data-changes] td ins, [data-changes] del").first.wait_for()


def type_vitals(page: Any) -> None:
    for item, text in {
        "systolic": "182",
        "diastolic": "101",
        "pulse": "88",
        "temperature": "36.8",
        "weight": "640",
    }.items():
        page.locator(f'[name="v.{item}"]').fill(text)
    page.locator('[name="v.pulse"]').focus()
    page.locator("[data-questions] p").first.wait_for()


DEMO = (
    Picture("home", WATCHED, "/"),
    Picture("home-phone", WATCHED, "/", phone=True),
    Picture("participants", WATCHED, "/participants"),
    Picture("participant", WATCHED, "/participants/S-01"),
    Picture("result", WATCHED, "/results/table1.age.mean"),
    Picture("report", WATCHED, "/report", top="text=/^Figure 2/"),
    Picture("report-print", WATCHED, "/report", top="text=/^Figure 2/"),
    Picture("claims", WATCHED, "/claims"),
    Picture("record", WATCHED, "/record"),
)
WORK = (
    Picture("today-investigator", "investigator-1", "/"),
    Picture("today-data-manager", "data-manager-1", "/"),
    Picture("today-monitor", "monitor-1", "/"),
    Picture("queries", "data-manager-1", "/queries"),
    Picture("verification", "monitor-1", "/verification"),
    Picture("signing", "investigator-1", "/signing/S-01"),
    Picture("locks", "data-manager-1", "/locks/trial"),
    Picture("deviations", "data-manager-1", "/deviations"),
    Picture("screening", "data-manager-1", "/screening"),
    Picture("safety-report", "safety-physician-1", "/safety/report"),
    Picture("ranges", "safety-physician-1", "/safety/ranges"),
    Picture("safety", "safety-physician-1", "/safety"),
    Picture("boundaries", "safety-physician-1", "/safety/boundaries"),
    Picture("clocks", "safety-physician-1", "/safety/clocks"),
    Picture("product", "qualified-person-1", "/product"),
    Picture("materials", "qualified-person-1", "/product/materials"),
    Picture("lot", "qualified-person-1", "LOT"),
    Picture("certificate", "qualified-person-1", "LOT/certificate"),
    Picture("cytometry", "qualified-person-1", "LOT/cytometry"),
    Picture("dose", "qualified-person-1", "DOSE"),
    Picture("trace", "inspector-1", "/product/trace?node=participant/S-01"),
    Picture("compare", "inspector-1", "/record/compare?from=1000&to=1040"),
    Picture("cuts", "statistician-1", "/record/cuts"),
    Picture("people", "investigator-1", "/people/log"),
    Picture("roles", "administrator-1", "/people/roles"),
    Picture("accounts", "administrator-1", "/people/accounts"),
    Picture("person", "administrator-1", "/people/monitor-1"),
)
PRACTICE = (
    Picture("today-coordinator", "coordinator-1", "/"),
    Picture("next", "coordinator-1", "/participants/S-01"),
    Picture(
        "vitals", "coordinator-1", "/participants/S-01/forms/vital_signs/screening/1/fill", before=type_vitals
    ),
    Picture(
        "correct",
        "coordinator-1",
        "/participants/S-02/forms/vital_signs/screening/1/fill",
        top="[data-row-of=pulse]",
        before=change_pulse,
    ),
    Picture("sign-in", WATCHED, "/sign-in"),
    Picture("second-factor", "coordinator-1", "/account/second-factor"),
    Picture("delegate", "investigator-1", "/people/delegate"),
    Picture("product-act", "gmp_technician-1", "/product/acts/receive_material"),
    Picture("event-phone", "coordinator-1", "/participants/S-01/forms/adverse_event/-/1/fill", phone=True),
)


def take(page: Any, picture: Picture, address: str, scheme: str) -> None:
    on_paper = picture.name.endswith("-print")
    page.emulate_media(color_scheme=scheme, media="print" if on_paper else "screen")
    page.goto(address + picture.path)
    page.wait_for_load_state("networkidle")
    if picture.before is not None:
        picture.before(page)
    if picture.top:
        page.locator(picture.top).first.evaluate(
            "at => window.scrollTo(0, at.getBoundingClientRect().top + scrollY - 24)"
        )
    page.wait_for_timeout(300)
    page.screenshot(
        path=PLACE / (f"{picture.name}.png" if picture.phone or on_paper else f"{picture.name}-{scheme}.png")
    )
    print(picture.name, scheme, flush=True)


def take_all(
    browser: Any, pictures: list[Picture], address: str, proofs: dict[str, Callable[[], dict[str, str]]]
) -> None:
    for person in dict.fromkeys(p.person for p in pictures):
        for phone in (False, True):
            of_one = [p for p in pictures if p.person == person and p.phone is phone]
            if not of_one:
                continue
            page = browser.new_context(
                viewport=PHONE if phone else DESK, device_scale_factor=2 if phone else 1
            ).new_page()
            if person:
                with ThreadPoolExecutor(1) as aside:  # Django reads no database where an event loop runs
                    proof = aside.submit(proofs[person]).result()
                page.goto(f"{address}/sign-in")
                for name, text in proof.items():
                    page.locator(f"[name={name}]").first.fill(text)
                page.locator("form button.primary").first.click()
                page.wait_for_url(f"{address}/")
            for picture in of_one:
                for scheme in ("light",) if phone or picture.name.endswith("-print") else ("light", "dark"):
                    try:
                        take(page, picture, address, scheme)
                    except Exception as error:
                        print(f"{picture.name} was not taken: {str(error)[:200]}", file=sys.stderr)
            page.context.close()


def give_accounts(practice: Practice) -> list[str]:
    """An account for everybody to whom a role is delegated."""
    charter = read_charter(practice.folder.ledger)
    choose(open_site(practice.folder))
    people = list(dict.fromkeys(d.person for d in charter.delegations))
    for person in people:
        TOTPDevice.objects.create(user=make_account(person, PASSWORD), name="app", confirmed=True)
    return people


@contextmanager
def looked_at(folder: Any, pictures: list[Picture], proofs: dict[str, Any]) -> Iterator[None]:
    with served(site(folder)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        take_all(browser, pictures, address, proofs)
        browser.close()
    yield


def located(picture: Picture, lot: str, dose: str) -> Picture:
    path = picture.path.replace("LOT", f"/product/lots/{lot}").replace("DOSE", f"/product/doses/{dose}")
    return Picture(picture.name, picture.person, path, picture.top, picture.before, picture.phone)


def main() -> None:
    wanted = set(sys.argv[1:])
    pick = lambda pictures: [p for p in pictures if not wanted or p.name in wanted]  # noqa: E731
    with tempfile.TemporaryDirectory(prefix="charcot-pictures-") as place:
        demo, work = Path(place) / "demo", Path(place) / "work"
        opening.make_demo(demo).close()
        print("played", flush=True)
        shutil.copytree(demo, work)
        if pictures := pick(DEMO):
            with looked_at(open_folder(demo), pictures, {}):
                pass
        if pictures := pick(WORK):
            practice = open_practice(work)
            people = give_accounts(practice)
            prepared = next(practice.folder.ledger.entries(kinds=[Kind.DOSE_PREPARED]))
            lot, dose = prepared.data["lot"], prepared.subject.partition("/")[2]
            proofs = {p: (lambda p=p: {"person": p, **practice.proof(p)}) for p in people}
            with looked_at(practice.folder, [located(p, lot, dose) for p in pictures], proofs):
                pass
        if pictures := pick(PRACTICE):
            make_practice(Path(place) / "practice")
            practice = open_practice(Path(place) / "practice")
            record(practice.trial, Actor("coordinator-1", "coordinator"), participant="S-02", form="vital_signs",
                   encounter="screening", at=f"{BEGAN + timedelta(days=3):%Y-%m-%d}T10:00", values=VITALS)  # fmt: skip
            proofs = {
                p.person: (lambda p=p.person: {"person": p, **practice.proof(p)})
                for p in PRACTICE
                if p.person
            }
            with looked_at(practice.folder, pictures, proofs):
                pass


if __name__ == "__main__":
    main()
