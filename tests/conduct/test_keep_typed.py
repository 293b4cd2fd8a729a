"""What was typed for a number or a date that is kept otherwise: beside the value it says, or not at all."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from charcot.conduct.keep_typed import keep_typed
from charcot.ledger import Actor, Draft, Kind, Ledger, MemoryLedger, check_chain
from charcot.refusal import BadValue
from charcot.simulation.acts import PlannedAct
from charcot.simulation.play import play
from charcot.wiring.clock import SimulatedClock
from conduct.desk import Desk
from product.bench import TECHNICIAN, Bench

ARGUMENTS = {"code": "COL7", "material": "collagenase", "lot_number": "7", "supplier": "S", "expires": "2014-12-31", "amount": "12.5", "at": "2014-01-04"}  # fmt: skip
TYPED = {"amount": "۱۲٫۵", "expires": "31 Dec 2014", "at": "۲۰۱۴/۰۱/۰۴"}


@pytest.mark.postgresql
def test_it_is_hashed_with_the_entry_and_the_same_everywhere(make_ledger: Callable[[str], Ledger]) -> None:
    rows = {}
    for kind in ("memory", "sqlite", "postgresql"):
        bench = Bench(make_ledger(kind))
        bench.trial = replace(bench.trial, typed=TYPED)
        (entry,) = bench.act("receive_material", TECHNICIAN, **ARGUMENTS)
        assert entry.typed == {"amount": "۱۲٫۵", "expires": "31 Dec 2014", "clinical_time": "۲۰۱۴/۰۱/۰۴"}
        assert (entry.data["amount"], entry.data["expires"], entry.clinical_time) == (
            "12.5",
            "2014-12-31",
            "2014-01-04",
        )
        rows[kind] = list(bench.trial.ledger.rows())
        assert check_chain(rows[kind])[1] is None
        altered = replace(rows[kind][-1], text=rows[kind][-1].text.replace("۱۲٫۵", "۱۲,۵"))
        assert check_chain([*rows[kind][:-1], altered])[1] is not None
    assert rows["memory"] == rows["sqlite"] == rows["postgresql"]


def test_an_entry_of_which_nothing_was_typed_otherwise_says_nothing_of_it() -> None:
    (entry,) = Bench().act("receive_material", TECHNICIAN, **ARGUMENTS)
    assert entry.typed == {} and "typed" not in json.loads(entry.text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("amount", "۱۳٫۵"),  # another number
        ("amount", "1,2,5"),  # no number
        ("supplier", " S "),  # words are kept as they were written, and have no other way of writing
        ("expires", "31 Dec 2015"),
        ("nothing", "7,5"),
    ],
)
def test_what_says_anything_else_than_the_record_is_refused(name: str, text: str) -> None:
    bench = Bench()
    before = bench.trial.ledger.head()
    bench.trial = replace(bench.trial, typed={name: text})
    with pytest.raises(BadValue) as refused:
        bench.act("receive_material", TECHNICIAN, **ARGUMENTS)
    assert refused.value.facts == {"field": name, "given": text}
    assert bench.trial.ledger.head() == before


def test_of_equal_values_each_is_found_by_what_stands_beside_it() -> None:
    used = [{"id": code, "amount": "5.0", "unit": "ml"} for code in ("COL1", "MED1")]
    step = {
        "parameters": {"minutes": "5.0"},
        "materials": used,
        "parents": [{"id": "L1.svf", "cells": "5.0"}],
    }
    person = Actor("tech-t", "gmp_technician")
    drafts = [
        Draft(Kind.STEP_PERFORMED, "product/L1", "process", person, step, "2014-01-05"),
        Draft(
            Kind.MATERIAL_USED,
            "material/MED1",
            "process",
            person,
            {"id": "MED1", "amount": "5.0"},
            "2014-01-05",
        ),
    ]
    typed = {
        "materials.MED1": "5,0",
        "materials.COL1": "۵",
        "parameters.minutes": "5,00",
        "cells": "۵٫۰",
        "at": "5 Jan 2014",
    }
    kept = keep_typed(drafts, typed)
    assert [draft.typed for draft in kept] == [
        {"materials.1.amount": "5,0", "materials.0.amount": "۵", "parameters.minutes": "5,00", "parents.0.cells": "۵٫۰",
         "clinical_time": "5 Jan 2014"},
        {},
    ]  # fmt: skip


def test_a_planned_act_brings_what_was_typed() -> None:
    desk = Desk(MemoryLedger())
    moment = desk.trial.clock() + timedelta(days=1)
    planned = PlannedAct(
        moment,
        "screen",
        Actor("dr-a", "investigator"),
        {"participant": "S-7", "at": "2014-01-05"},
        {"at": "۵ Jan ۲۰۱۴"},
    )
    clock = SimulatedClock(moment)
    (entry,) = play(replace(desk.trial, clock=clock), clock, [planned])
    assert (entry.clinical_time, entry.typed) == ("2014-01-05", {"clinical_time": "۵ Jan ۲۰۱۴"})
