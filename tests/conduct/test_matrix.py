"""Every act by every role of the shipped protocol, at its own and at another site: allowed exactly where the protocol says so.

Each act is called for real, on a small course in which it succeeds for whoever may do it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from charcot import conduct, library
from charcot.conduct import Trial
from charcot.conduct.lock import LOCKING
from charcot.ledger import Actor, Clock, Draft, Entry, Head, Ledger, link
from charcot.participants import FormKey
from charcot.protocol import NEEDS, VERBS, require_study
from charcot.refusal import NotAllowed
from charcot.team import Signature
from conduct.desk import COORDINATOR, DATA_MANAGER, MONITOR, TRIAL, Desk, protocol_files

HOME = Path(str(library.__file__)).parent / "royan_admsc" / "protocol"
TEAM = (HOME / "team.yaml").read_text("utf-8").partition("\n# What a signature may say")[0]
OWN_ROLES = TRIAL[TRIAL.index("roles:") : TRIAL.index("sex_item:")]
FILES = {**protocol_files((OWN_ROLES, ""), ("sites: [Tehran]", "sites: [here, there]")), "team.yaml": TEAM}
"""The small protocol with the roles of the shipped one, at two sites."""
AGAIN = {**FILES, "trial.yaml": FILES["trial.yaml"].replace('number: "1.0"', 'number: "2.0"')}
ROLES = {role.id: frozenset(role.may) for role in require_study(FILES).protocol.roles}
SITES = ("here", "there", "everywhere")
SIGNED = Signature("password+totp", "I approve")

CLAIMS = (Path(__file__).parents[2] / "docs/claims-example/streptomycin.yaml").read_text()

VITALS = {"participant": "P-1", "form": "vital_signs", "encounter": "screening"}
READY = {"participant": "P-1", "at": "2014-01-20"}
ACTS: Mapping[str, dict[str, Any]] = {
    "approve": {"committee": "C", "document": "protocol", "version": "9", "reference": "R", "approved_on": "2014-01-01"},
    "delegate": {"person": "new", "role": "monitor", "since": date(2014, 1, 1)},
    "end_delegation": {"person": "monitor-c", "role": "monitor", "until": date(2014, 12, 2), "reason": "Left"},
    "activate_protocol": {"protocol_files": AGAIN, "reason": "A window was widened"},
    "cut": {"name": "first", "statement": "For the committee."},
    "adopt_claims": {"text": CLAIMS, "reason": "To be judged"},
    "change_access": {"person": "nurse-b", "what": "account_disabled"},
    "screen": {"participant": "P-9", "at": "2014-01-10", "site": "here"},
    "consent": {"participant": "P-2", "at": "2014-01-12T10:00", "form_version": "1.0"},
    "record": {"participant": "P-1", "form": "vital_signs", "encounter": "extra", "at": "2014-01-12", "values": {"pulse": "70"}},
    "correct": {**VITALS, "changes": {"pulse": "71"}, "based_on": 1, "reason": "Misread"},
    "miss": {"participant": "P-1", "encounter": "month_2", "at": "2014-04-10", "reason": "Holiday"},
    "assess": READY,
    "waive": {"participant": "P-4", "at": "2014-01-20", "criterion": "I1", "justification": "Agreed"},
    "enrol": {"participant": "P-3", "at": "2014-01-20"},
    "decline": {"participant": "P-2", "at": "2014-01-20", "reason": "No wish"},
    "withdraw": {**READY, "scope": "treatment"},
    "lose_to_follow_up": {**READY, "reason": "Called three times"},
    "infuse": {"participant": "P-1", "at": "2014-01-20T10:00", "given_dose": "141000000", "values": {}},
    "report_event": {**READY, "values": {"term": "Headache"}},
    "report_deviation": {**READY, "category": "visit", "section": "6", "description": "Late"},
    "record_death": {**READY, "cause": "Unknown"},
    "contact": {**READY, "alive": True},
    "open_query": {**VITALS, "text": "With shoes?"},
    "answer_query": {"participant": "P-1", "query": "q1", "text": "Without."},
    "reopen_query": {"participant": "P-1", "query": "q2", "reason": "Unclear"},
    "close_query": {"participant": "P-1", "query": "q2"},
    "verify_source": {**VITALS, "version": 1},
    "withdraw_verification": {"participant": "P-1", "form": "consent", "reason": "Wrong page"},
    "sign": {"participant": "P-1", "versions": {FormKey("vital_signs", "screening"): 1}, "signature": SIGNED},
    "lock": {"scope": "participant", "participant": "P-1"},
    "unlock": {"scope": "visit", "participant": "P-1", "encounter": "extra", "instance": 3, "reason": "More is known"},
    "enter_in_error": {**VITALS, "version": 1, "reason": "Of somebody else"},
    "reinstate": {"participant": "P-1", "form": "adverse_event", "reason": "It was theirs"},
    "attach": {**VITALS, "name": "a.pdf", "media_type": "application/pdf", "size": 1, "sha256": "0" * 64},
    "withdraw_attachment": {"participant": "P-1", "attachment": "a1", "reason": "Wrong file"},
}  # fmt: skip
OF_THE_TRIAL = (
    "approve",
    "delegate",
    "end_delegation",
    "activate_protocol",
    "cut",
    "adopt_claims",
    "change_access",
)
WITHOUT_ACT = {"read", "release", "procure", "process", "test"}
"""Verbs that allow no act of this version: reading, and the acts of the cell laboratory."""


def at(site: str) -> dict[str, str]:
    """How a delegation is limited to a site; one that holds everywhere is not."""
    return {} if site == "everywhere" else {"site": site}


class Trying:
    """A ledger on which an act is carried out to its end, and then not kept."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.head = ledger.head
        self.rows = ledger.rows

    def entries(
        self, *, subjects: Collection[str] | None = None, after: int = 0, until: int | None = None
    ) -> Iterator[Entry]:
        return self._ledger.entries(subjects=subjects, after=after, until=until)

    def append(
        self, drafts: Sequence[Draft], *, seen: int, watching: Collection[str], clock: Clock
    ) -> tuple[Entry, ...]:
        head: Head = self._ledger.head()
        assert seen == head.sequence
        return link(drafts, head, clock())


class HereDesk(Desk):
    """A desk at the site `here`."""

    def begin(self, participant: str = "P-1") -> None:
        self.about("screen", "2014-01-05", participant, site="here")
        self.about("consent", "2014-01-06T10:00", participant, form_version="1.0")


@pytest.fixture(scope="module")
def course() -> Desk:
    """Five people on their way, and somebody in each role at each site."""
    desk = HereDesk(files=FILES)
    for role in ROLES:
        for site in SITES:
            desk.act("delegate", person=f"{role}-{site}", role=role, since=date(2014, 1, 1), **at(site))
    desk.enrol("P-1")
    desk.begin("P-2")
    desk.begin("P-3")
    desk.fill("demography", "2014-01-07", "screening", "P-3", age="40", sporadic="yes", sex="F")
    desk.begin("P-4")
    desk.fill("demography", "2014-01-07", "screening", "P-4", age="70", sporadic="yes", sex="F")
    desk.about("assess", "2014-01-08", "P-4")
    for _ in range(2):
        desk.act("open_query", DATA_MANAGER, **VITALS, text="With shoes?")
    desk.act("answer_query", COORDINATOR, participant="P-1", query="q2", text="Without.")
    desk.act("verify_source", MONITOR, participant="P-1", form="consent", version=1)
    desk.about("report_event", "2014-01-15", "P-1", values={"term": "Cough"})
    desk.act("enter_in_error", participant="P-1", form="adverse_event", version=1, reason="Of somebody else")
    desk.act("lock", DATA_MANAGER, scope="visit", participant="P-1", encounter="extra", instance=3)
    desk.act(
        "attach",
        participant="P-1",
        form="consent",
        name="a.pdf",
        media_type="application/pdf",
        size=1,
        sha256="0" * 64,
    )
    return desk


def test_every_act_and_every_verb_is_in_the_matrix() -> None:
    acts = {name for name in conduct.__all__ if name.islower() and name not in ("read_charter", "open_trial")}
    assert set(ACTS) == acts
    reached = {verb for act in acts for verb in NEEDS.get(act, (act,))}
    assert set(VERBS) == reached | WITHOUT_ACT


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("act", ACTS)
def test_an_act_is_done_by_those_and_only_those_who_may(course: Desk, act: str, role: str) -> None:
    may = bool(ROLES[role] & set(NEEDS.get(act, (act,))))
    trial = Trial(Trying(course.trial.ledger), course.trial.vault, course.trial.clock)
    for site in SITES:
        actor = Actor(f"{role}-{site}", role)
        if may and (site == "everywhere" or (site == "here" and act not in OF_THE_TRIAL)):
            entries = getattr(conduct, act)(trial, actor, **ACTS[act])
            assert {entry.actor for entry in entries} == {actor}
        else:
            with pytest.raises(NotAllowed):
                getattr(conduct, act)(trial, actor, **ACTS[act])


@pytest.mark.parametrize("role", ROLES)
def test_the_trial_is_locked_by_those_who_may(course: Desk, role: str) -> None:
    trial = Trial(Trying(course.trial.ledger), course.trial.vault, course.trial.clock)
    given = {
        "scope": "trial",
        "statement": "All data are final.",
        "reason": "The sponsor ends the trial.",
        "signature": Signature("password+totp", LOCKING),
    }
    if "lock" in ROLES[role]:
        (entry,) = conduct.lock(trial, Actor(f"{role}-everywhere", role), **given)  # type: ignore[arg-type]  # by name
        assert entry.data["scope"] == "trial"
    for site in SITES[:2] if "lock" in ROLES[role] else SITES:
        with pytest.raises(NotAllowed):
            conduct.lock(trial, Actor(f"{role}-{site}", role), **given)  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize("act", ACTS)
def test_nobody_acts_in_a_role_that_was_not_delegated_to_them(course: Desk, act: str) -> None:
    for role in ROLES:
        with pytest.raises(NotAllowed):
            getattr(conduct, act)(course.trial, Actor("stranger", role), **ACTS[act])
