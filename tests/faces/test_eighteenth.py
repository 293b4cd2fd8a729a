"""A copy of the demo with an eighteenth participant: a third embolus holds the infusion, and the page says how that is lifted."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from charcot import library
from charcot.conduct import Trial, infuse, read_charter, report_event
from charcot.conduct.holding import InfusionHeld
from charcot.refusal import Refusal
from charcot.simulation import play
from charcot.simulation.royan_admsc.desk import INVESTIGATOR, SAFETY_PHYSICIAN, enter_notes
from charcot.simulation.royan_admsc.persons import imagine_persons
from charcot.simulation.royan_admsc.screening import screen_person
from charcot.simulation.royan_admsc.treatment import treat_person
from charcot.wiring.accounts import make_account
from charcot.wiring.acting import trial_in
from charcot.wiring.clock import SimulatedClock
from charcot.wiring.folder import open_folder
from charcot.wiring.served import choose, open_site
from faces.practice import PASSWORD, Practice, add_second_factor
from faces.test_pages import fetch, serving

HOME = Path(str(library.__file__)).parent / "royan_admsc"
BEFORE = ("screen", "consent", "record", "assess", "enrol")
EMBOLUS = {
    "term": "Pulmonary embolism", "category": "pulmonary_embolism", "outcome": "recovering", "grade": "3", "serious": "yes",
    "serious_criteria": "hospitalisation", "relation_product": "possible", "relation_procedure": "unlikely",
    "relation_disease": "probable", "expected": "no", "action": "not_applicable", "aware_on": "2022-02-01T08:00",
}  # fmt: skip


def test_a_third_embolus_holds_the_eighteenth_infusion(copy_of_demo: Path) -> None:
    folder = open_folder(copy_of_demo)
    before = folder.ledger.head().sequence
    charter = read_charter(folder.ledger)
    protocol = charter.ruling_on(datetime(2022, 1, 11).date()).study.protocol
    published = YAML(typ="safe").load((HOME / "course" / "published.yaml").read_text("utf-8"))
    first = next(p for p in imagine_persons(published) if p.infused is not None)
    shift = datetime(2022, 1, 12, first.consented.hour, first.consented.minute) - first.consented
    assert first.imaged is not None and first.infused is not None
    person = replace(
        first, participant="S-21", consented=first.consented + shift, decided=first.decided + shift,
        imaged=first.imaged + shift, infused=first.infused + shift,
    )  # fmt: skip
    notes = [
        note
        for note in (
            *screen_person(protocol, person, published["treatment"]),
            *treat_person(protocol, person, published["treatment"]),
        )
        if note.verb in BEFORE and note.known < person.infused - timedelta(hours=1)
    ]
    acts = enter_notes("S-21", notes, charter.zone)
    clock = SimulatedClock(max(acts[0].recorded_at, datetime.fromisoformat(folder.ledger.head().recorded_at)))
    trial = Trial(folder.ledger, folder.vault, clock)
    play(trial, clock, acts)
    clock.advance_to((person.infused + timedelta(minutes=30)).replace(tzinfo=charter.zone))
    at = f"{person.infused:%Y-%m-%dT%H:%M}"

    def try_infusion() -> Refusal:
        with pytest.raises(Refusal) as refused:
            infuse(trial, INVESTIGATOR, participant="S-21", at=at, given_dose="140000000", values={})
        return refused.value

    assert not isinstance(try_infusion(), InfusionHeld), "two emboli in seventeen do not hold"
    report_event(trial, SAFETY_PHYSICIAN, participant="S-06", at="2022-01-15", values=EMBOLUS)
    later = person.infused + timedelta(hours=2)
    clock.advance_to((later + timedelta(minutes=5)).replace(tzinfo=charter.zone))
    at = f"{later:%Y-%m-%dT%H:%M}"
    held = try_infusion()
    assert isinstance(held, InfusionHeld)
    assert "Pulmonary embolism in 3 of 17 infused. The boundary stops at 3" in held.what
    assert "lifted by a signed review of the safety board (Safety board;" in held.next_step
    folder.close()
    with serving(copy_of_demo) as address:
        page = fetch(f"{address}/safety/boundaries")[2]
    assert "Infusions are held." in page
    assert "3 participants with an event of 17 infused; the boundary stops at 3." in page
    assert (
        "The hold is lifted by a signed review that lets the trial go on. It can be signed by: Safety board."
        in page
    )

    row = re.search(r"<th scope=\"row\">10</th>(.*?)</tr>", page)
    assert row is not None and "45.2" in row[1], "P(stop) at a true 10 %: als.md, section 4"

    folder = open_folder(copy_of_demo)
    choose(open_site(folder))
    add_second_factor(trial_in(folder), "safety_board", make_account("safety-board-1", PASSWORD))
    practice = Practice(folder)
    board = practice.client("safety-board-1")
    read = board.get("/safety/report").content.decode()
    assert "Infusions are held: Pulmonary embolism in 3 of 17 infused. The boundary stops at 3." in read
    (opens,) = set(re.findall(r'href="(/safety/report/numbers/safety\.boundary\.emboli\.events)"', read))
    assert "S-06" in (opened := board.get(opens).content.decode()) and "S-20" in opened
    assert board.get("/safety/report/figures/boundary-emboli").json()["layer"]
    since = board.get(f"/safety/report?since={before}").content.decode()
    assert (
        "What changed since entry 3734" in since and "Pulmonary embolism: participants with an event" in since
    )
    review = "/safety/boundaries/emboli/review"
    said = {"decision": "continue", "statement": "Anticoagulation is added.", "seen": "3"}
    proof = practice.proof("safety-board-1")
    for missing in ({"decision": ""}, {"seen": "2"}, {"statement": ""}, {"password": "another"}):
        refused = board.post(review, {**said, **proof, **missing})
        assert refused.status_code == 400, missing
    assert board.post(review, {**said, **practice.proof("safety-board-1")}).status_code == 302
    page = board.get("/safety/boundaries").content.decode()
    assert "Infusions are held." not in page
    assert "Anticoagulation is added." in page
    trial = Trial(folder.ledger, folder.vault, clock)
    assert not isinstance(try_infusion(), InfusionHeld)
    folder.close()
