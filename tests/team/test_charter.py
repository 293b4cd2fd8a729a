"""Delegations, approvals and protocols by the days on which they hold."""

from datetime import date

import pytest

from charcot.conduct import read_charter
from charcot.refusal import OutOfOrder
from charcot.team import require_approved
from charcot.team.approvals import NotApproved
from conduct.desk import Desk, second_version


def test_versions_by_day(desk: Desk) -> None:
    desk.act("activate_protocol", protocol_files=second_version(), reason="Amendment 1")
    charter = read_charter(desk.trial.ledger)
    assert charter.protocol_on(date(2014, 2, 28)).version == "1.0"
    assert charter.protocol_on(date(2014, 3, 1)).version == "2.0"
    with pytest.raises(OutOfOrder, match=r"2013-12-31") as refused:
        charter.protocol_on(date(2013, 12, 31))
    assert "1.0 (from 2014-01-01), 2.0 (from 2014-03-01)" in refused.value.next_step
    assert charter.ruling_on(date(2013, 12, 31)).version == "1.0"
    assert charter.protocol("1.0").study.protocol.version.number == "1.0"


def test_the_charter_as_of_an_entry(desk: Desk) -> None:
    before = desk.trial.ledger.head().sequence
    desk.act("activate_protocol", protocol_files=second_version(), reason="Amendment 1")
    assert [p.version for p in read_charter(desk.trial.ledger, before).protocols] == ["1.0"]
    assert [p.version for p in read_charter(desk.trial.ledger).protocols] == ["1.0", "2.0"]


def test_approvals_hold_on_both_their_ends(desk: Desk) -> None:
    desk.act(
        "approve",
        committee="C",
        document="consent_form",
        version="1.1",
        reference="R",
        approved_on="2014-02-01",
        expires_on="2014-02-28",
    )
    approvals = read_charter(desk.trial.ledger).approvals
    for day in (date(2014, 2, 1), date(2014, 2, 28)):
        assert require_approved(approvals, "consent_form", "1.1", day).version == "1.1"
    for day in (date(2014, 1, 31), date(2014, 3, 1)):
        with pytest.raises(NotApproved):
            require_approved(approvals, "consent_form", "1.1", day)
    with pytest.raises(NotApproved, match="investigator brochure") as refused:
        require_approved(approvals, "investigator_brochure", "1.0", date(2014, 2, 1))
    assert refused.value.next_step == "Record the committee's approval first."


def test_roles_end_on_their_last_day(desk: Desk) -> None:
    desk.act("end_delegation", person="nurse-b", role="coordinator", until=date(2014, 6, 30), reason="Left")
    (held,) = (d for d in read_charter(desk.trial.ledger).delegations if d.person == "nurse-b")
    assert [held.holds_on(date(2014, 6, 30)), held.holds_on(date(2014, 7, 1))] == [True, False]
