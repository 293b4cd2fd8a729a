"""Filling forms in a real browser: by keyboard alone, over a cut network, two people at once, rows added in place."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest

from charcot.ledger import Kind
from faces.practice import Practice
from faces.test_filling import consented
from faces.test_pages_browser import CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium was found on this machine"),
]
VITALS = "/participants/S-02/forms/vital_signs/screening/1/fill"
ALSFRS = "/participants/S-02/forms/alsfrs_r/screening/1/fill"


Found = TypeVar("Found")


def aside(look: Callable[[], Found]) -> Found:
    """What `look` finds, in a thread of its own: Django reads no database where an event loop runs."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(look).result()


@pytest.fixture
def address(practice: Practice) -> Iterator[str]:
    with practice.serving() as found:
        yield found


@pytest.fixture
def browser(address: str) -> Iterator[Any]:  # the server opens its trial before an event loop runs here
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-background-networking", "--disable-quic"],
        )
        yield found
        found.close()


def page_of(browser: Any, practice: Practice, address: str, person: str, **more: Any) -> Any:
    page = browser.new_context(viewport={"width": 1200, "height": 900}, **more).new_page()
    page.set_default_timeout(60_000)
    practice.sign_in(page, address, person)
    return page


def recorded(practice: Practice, form: str) -> list[dict[str, Any]]:
    return aside(
        lambda: [
            dict(e.data)
            for e in practice.folder.ledger.entries(subjects=["participant/S-02"])
            if e.kind is Kind.FORM_RECORDED and e.data["form"] == form
        ]
    )


def type_at(page: Any, name: str, text: str) -> None:
    page.locator(f"#f-{name}").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def fill_vitals(page: Any, weight: str = "70.5") -> None:
    for name, text in {"weight": weight, "pulse": "72", "systolic": "130", "diastolic": "80", "temperature": "36.6",
                       "respiratory_rate": "16", "oxygen_saturation": "97"}.items():  # fmt: skip
        type_at(page, name, text)
    page.locator("#f-on_oxygen").focus()
    page.keyboard.press("n")


def draft_saved(page: Any) -> None:
    page.locator("[data-draft]", has_text="saved, not entered").wait_for()


def test_a_whole_alsfrs_r_by_keyboard_alone(browser: Any, practice: Practice, address: str) -> None:
    page = page_of(browser, practice, address, "coordinator-1")
    page.goto(address + ALSFRS)
    keys = page.keyboard
    assert page.evaluate("document.activeElement.id") == "f-at"
    keys.press("Control+A")
    keys.type(aside(lambda: consented(practice)))
    for key in ("Tab", "Tab", "Space", "Tab", "Tab", "Space", "Tab"):
        keys.press(key)  # source, instrument, language (none), how it was asked
    keys.type("FR")
    keys.press("Tab")
    keys.press("n")  # no gastrostomy
    page.locator('[data-row-of="cutting_food"]:not(.off)').wait_for()
    keys.press("Tab")
    for code in "433333334433":
        keys.press(code)
    page.locator('.live-total output:text("39")').wait_for()
    page.locator("[data-stages]", has_text="King's stage").wait_for()
    keys.press("Control+s")
    page.wait_for_url("**/visits/screening")
    saved = recorded(practice, "alsfrs_r")[-1]
    values = {name: value.get("value") for name, value in saved["values"].items()}
    assert values["instrument"] == "alsfrs_r_1999"
    assert values["mode"] == "in_person"
    assert values["rater"] == "FR"
    assert [values[n] for n in ("speech", "cutting_food", "respiratory_insufficiency", "total")] == [
        "4",
        "3",
        "3",
        "39",
    ]
    assert "handling_utensils" not in values


def test_the_visit_before_stands_beside_and_a_better_score_is_asked_about(
    browser: Any, practice: Practice, address: str
) -> None:
    names = ("speech", "salivation", "swallowing", "handwriting", "cutting_food", "dressing_hygiene", "turning_in_bed",
             "walking", "climbing_stairs", "dyspnoea", "orthopnoea", "respiratory_insufficiency")  # fmt: skip
    sent = {f"v.{name}": "3" for name in names} | {
        "at": aside(lambda: consented(practice)), "source": "paper", "based_on": "0", "v.gastrostomy": "no", "v.instrument": "alsfrs_r_1999",
        "v.mode": "in_person", "v.rater": "FR",
    }  # fmt: skip
    assert aside(lambda: practice.client("coordinator-1").post(ALSFRS, sent).status_code) == 302
    page = page_of(browser, practice, address, "coordinator-1")
    page.goto(f"{address}/participants/S-02/forms/alsfrs_r/unscheduled/1/fill")
    row = page.locator('[data-row-of="speech"]')
    assert "Screening 3" in row.locator(".earlier").inner_text()
    assert row.locator("label.was b").inner_text() == "3"
    row.locator("input[value='3']").focus()
    page.keyboard.press("4")
    row.locator(".better", has_text="Better than last time (3). Right?").wait_for()


def test_the_network_is_cut_in_the_middle_of_a_form(browser: Any, practice: Practice, address: str) -> None:
    page = page_of(browser, practice, address, "coordinator-1")
    page.goto(address + VITALS)
    fill_vitals(page)
    draft_saved(page)
    page.context.set_offline(True)
    type_at(page, "weight", "71.5")
    page.locator(".status.offline", has_text="No connection. Go on").wait_for()
    type_at(page, "pulse", "fast")
    page.locator("#f-systolic").focus()
    page.locator("#say-pulse .wrong", has_text="must be a number").wait_for()
    type_at(page, "pulse", "5000")
    page.locator("#f-systolic").focus()
    page.locator("#say-pulse .wrong", has_text="must lie between 20 and 250").wait_for()
    type_at(page, "pulse", "75")
    page.keyboard.press("Control+s")  # saved when the connection is back
    page.locator(".status.offline").wait_for()
    assert recorded(practice, "vital_signs") == []
    page.context.set_offline(False)
    page.wait_for_url("**/visits/screening")
    (saved,) = recorded(practice, "vital_signs")
    assert saved["values"]["weight"]["value"] == "71.5"
    assert saved["values"]["pulse"]["value"] == "75"
    assert (
        page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('charcot-sheet')).length")
        == 0
    )


def test_names_are_never_left_in_the_browser(browser: Any, practice: Practice, address: str) -> None:
    page = page_of(browser, practice, address, "coordinator-1")
    page.goto(f"{address}/participants/S-02/forms/identity/screening/1/fill")
    page.context.set_offline(True)
    type_at(page, "family_name", "Quux-Marker")
    page.locator(".status.offline").wait_for()
    assert "Quux-Marker" not in page.evaluate("JSON.stringify(sessionStorage) + JSON.stringify(localStorage)")


def test_nothing_typed_stays_in_the_browser_after_signing_out(
    browser: Any, practice: Practice, address: str
) -> None:
    page = page_of(browser, practice, address, "coordinator-1")
    page.goto(address + VITALS)
    page.context.set_offline(True)
    type_at(page, "weight", "66.6")
    page.locator(".status.offline").wait_for()
    page.evaluate(
        """() => new Promise(kept => {
            const look = () => JSON.stringify(sessionStorage).includes("66.6") ? kept() : requestAnimationFrame(look);
            look();
        })"""
    )
    page.context.set_offline(False)
    draft_saved(page)
    page.evaluate("sessionStorage.setItem('charcot-sheet:/left', 'x')")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in*")
    assert page.evaluate("sessionStorage.length") == 0


def test_two_browsers_on_one_form(browser: Any, practice: Practice, address: str) -> None:
    hers = page_of(browser, practice, address, "coordinator-1")
    his = page_of(browser, practice, address, "investigator-1")
    hers.goto(address + VITALS)
    his.goto(address + VITALS)
    fill_vitals(hers, "70.5")
    hers.locator("[data-presence]", has_text="investigator-1").wait_for()
    fill_vitals(his, "75.5")
    draft_saved(his)
    hers.keyboard.press("Control+s")
    hers.wait_for_url("**/visits/screening")
    his.keyboard.press("Control+s")
    his.get_by_role("heading", name="Theirs and yours").wait_for()
    row = his.locator("tr", has_text="Weight")
    assert "70.5" in row.inner_text()
    assert "75.5" in row.inner_text()
    row.get_by_label("75.5").check()
    his.get_by_role("button", name="Put them together").click()
    his.locator("[data-changes] tr", has_text="Weight").wait_for()
    assert his.locator("[data-changes] tbody tr").count() == 1
    type_at(his, "reason", "Read off the scale again")
    his.keyboard.press("Enter")
    his.wait_for_url("**/visits/screening")
    first, second = recorded(practice, "vital_signs")
    assert (first["values"]["weight"]["value"], second["values"]["weight"]["value"]) == ("70.5", "75.5")
    assert second["based_on"] == 1


def test_a_draft_survives_the_end_of_the_server(practice: Practice) -> None:
    from playwright.sync_api import sync_playwright

    with practice.serving() as first, practice.serving() as second, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = page_of(browser, practice, first, "coordinator-1")
        page.goto(first + VITALS)
        type_at(page, "weight", "66.6")
        draft_saved(page)
        page.context.close()  # the laptop is closed; another server answers next time
        page = page_of(browser, practice, second, "coordinator-1")
        page.goto(second + VITALS)
        page.locator(
            ".notice.draft", has_text=re.compile(r"Your draft of \d\d:\d\d is in the fields")
        ).wait_for()
        assert page.locator("#f-weight").input_value() == "66.6"
        page.get_by_role("button", name="Throw it away").click()
        page.locator(".notice.draft").wait_for(state="detached")
        assert page.locator("#f-weight").input_value() == ""
        browser.close()


def test_somebody_was_signed_out_while_typing(browser: Any, practice: Practice, address: str) -> None:
    page = page_of(browser, practice, address, "coordinator-1")
    page.goto(address + VITALS)
    fill_vitals(page)
    draft_saved(page)
    page.context.clear_cookies(name=re.compile("^(?!.*form)"))  # the session; the token of the forms stays
    type_at(page, "weight", "77.7")
    panel = page.locator("dialog#sign-in", has_text="what you typed is still here")
    panel.wait_for()
    for name, proof in aside(lambda: practice.proof("coordinator-1")).items():
        panel.locator(f"[name={name}]").fill(proof)
    panel.get_by_role("button", name="Sign in").click()
    panel.wait_for(state="hidden")
    page.locator("#f-pulse").focus()
    page.keyboard.press("Control+s")
    page.wait_for_url("**/visits/screening")
    assert recorded(practice, "vital_signs")[-1]["values"]["weight"]["value"] == "77.7"


def test_rows_are_added_in_place_with_the_rules_and_drafts_of_the_whole_form(
    browser: Any, practice: Practice, address: str
) -> None:
    page = page_of(browser, practice, address, "coordinator-1")
    page.goto(f"{address}/participants/S-02")
    part = page.locator("#rows-concomitant_medication")
    part.get_by_role("link", name="Add a row").press("Enter")
    page.wait_for_url("**/participants/S-02?add=concomitant_medication&no=1#rows-concomitant_medication")
    page.locator("#f-at:focus").wait_for()
    type_at(page, "medicine", "Riluzole")
    type_at(page, "dose", "۵۰")
    page.locator(
        '[data-row-of="dose_unit"] .needed:not([hidden])'
    ).wait_for()  # as the protocol says: once there is a dose
    type_at(page, "times_per_day", "twice")
    page.keyboard.press("Control+s")
    page.locator(
        "#say-times_per_day .wrong", has_text="Times a day"
    ).wait_for()  # beside its field, and still in place
    page.locator("#f-times_per_day[aria-invalid=true]").wait_for()
    assert part.locator("#sheet").is_visible()
    assert page.get_by_role("heading", name="Function").is_visible()
    type_at(page, "times_per_day", "2")
    type_at(page, "indication", "ALS")
    draft_saved(page)
    page.goto(f"{address}/participants/S-02?add=concomitant_medication")
    assert page.locator("#f-medicine").input_value() == "Riluzole"  # the draft is in the row again
    page.locator("#f-dose_unit").select_option("mg")
    for name in ("ongoing", "immunosuppressive"):
        page.locator(f"#f-{name}").focus()
        page.keyboard.press("n" if name == "immunosuppressive" else "y")
    part.get_by_role("button", name="Save and add another").press("Enter")
    page.wait_for_url("**no=2#rows-concomitant_medication")
    assert re.search(r"1\s+Riluzole\s+ALS", part.locator("tbody").inner_text())
    assert page.locator("#f-medicine").input_value() == ""
    part.get_by_role("link", name="Not now").press("Enter")
    page.wait_for_url("**/participants/S-02#rows-concomitant_medication")
    saved = recorded(practice, "concomitant_medication")
    assert [form["values"]["dose"]["value"] for form in saved] == ["50"]
    assert saved[0]["values"]["dose"]["typed"] == "۵۰"


def test_no_value_and_help_by_key(browser: Any, practice: Practice, address: str) -> None:
    page = page_of(browser, practice, address, "coordinator-1")
    page.goto(address + VITALS)
    page.locator("#f-height").focus()
    page.keyboard.press("Alt+h")
    page.locator("#help-height", has_text="later only if in doubt").wait_for()
    page.keyboard.press("Alt+n")
    assert page.evaluate("document.activeElement.name") == "a.height"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("In a wheelchair")
    fill_vitals(page)
    page.keyboard.press("Control+s")
    page.wait_for_url("**/visits/screening")
    assert recorded(practice, "vital_signs")[-1]["values"]["height"] == {
        "absent": "not_done", "origin": "entered", "why": "In a wheelchair",
    }  # fmt: skip


def test_without_scripts(browser: Any, practice: Practice, address: str, tmp_path: Path) -> None:
    page = page_of(browser, practice, address, "coordinator-1", java_script_enabled=False)
    page.goto(f"{address}{VITALS}")
    assert page.get_by_text("This browser runs no scripts").is_visible()
    for name, text in {"weight": "70.5", "pulse": "72", "systolic": "70", "diastolic": "80", "temperature": "36.6",
                       "respiratory_rate": "16", "oxygen_saturation": "97"}.items():  # fmt: skip
        page.locator(f"#f-{name}").fill(text)
    page.locator("input[name='v.on_oxygen'][value='no']").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Systolic pressure must be higher than diastolic").first.wait_for()
    page.locator("#f-systolic").fill("130")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/visits/screening")
    assert len(recorded(practice, "vital_signs")) == 1
