"""Acts on the product that happen at a site, on a donor or on a dose there: by roles that hold at the site of the participant."""

from collections.abc import Callable, Sequence

from charcot.conduct.on_product import find_donor, find_dose, ruling
from charcot.conduct.trial import Situation, Trial, act_on_trial, site_of_entries
from charcot.ledger import Actor, Draft, Entry, participant_subject
from charcot.team import require_may

ON_DONORS = frozenset(
    {
        "register_donor",
        "consent_donor",
        "screen_donor",
        "record_donor_test",
        "decide_donor",
        "report_donor_reaction",
        "follow_donor_reaction",
        "procure",
    }
)
ON_DOSES = frozenset({"hand_over_dose", "receive_dose", "check_bedside", "end_dose"})
AT_SITE = ON_DONORS | ON_DOSES | {"prescribe_dose", "infuse", "annul_product_entry"}
"""What a role bound to a site does for the participants of its site. Everything else on the product happens where it is made."""

Judge = Callable[[Situation], Sequence[Draft]]


def act_on_donor(trial: Trial, actor: Actor, verb: str, donor: str, judge: Judge) -> tuple[Entry, ...]:
    """Carries out an act on a donor, who belongs to the site of the participant whom the tissue is meant for."""
    return _act(trial, actor, verb, judge, lambda situation: site_of_donor(situation, donor))


def act_on_dose(trial: Trial, actor: Actor, verb: str, dose: str, judge: Judge) -> tuple[Entry, ...]:
    """Carries out an act on a dose, which belongs to the site of the participant whom it is prescribed for."""
    return _act(trial, actor, verb, judge, lambda situation: site_of_dose(situation, dose))


def act_for_participant(
    trial: Trial, actor: Actor, verb: str, participant: str, judge: Judge
) -> tuple[Entry, ...]:
    """Carries out an act on the product that begins with a participant, at the site of that participant."""
    return _act(trial, actor, verb, judge, lambda situation: site_of(situation, participant))


def site_of(situation: Situation, participant: str) -> str | None:
    """The site of a participant; None where nobody was screened under the number."""
    return site_of_entries(situation.about(participant_subject(participant)), situation)


def site_of_donor(situation: Situation, donor: str) -> str | None:
    """The site of the participant whom a donor gives for; None where there is no such donor."""
    found = find_donor(situation, donor)
    return None if found is None or found.recipient is None else site_of(situation, found.recipient)


def site_of_dose(situation: Situation, dose: str) -> str | None:
    """The site of the participant whom a dose is for; None where there is no such dose."""
    found = find_dose(situation, dose)
    return None if found is None else site_of(situation, found.participant)


def require_at(situation: Situation, actor: Actor, verb: str, site: str | None) -> None:
    """Raises NotAllowed where the actor's role does not hold at a site."""
    require_may(ruling(situation), situation.charter.delegations, actor, verb, situation.now.date(), site)


def _act(
    trial: Trial, actor: Actor, verb: str, judge: Judge, find_site: Callable[[Situation], str | None]
) -> tuple[Entry, ...]:
    def judged(situation: Situation) -> Sequence[Draft]:
        require_at(situation, actor, verb, find_site(situation))
        return judge(situation)

    return act_on_trial(trial, actor, verb, judged, of_site=True)
