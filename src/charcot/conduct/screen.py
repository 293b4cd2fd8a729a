"""Enter a person into the screening log."""

import re

from charcot.conduct.trial import Situation, Trial, act_on_trial, require_day
from charcot.ledger import Actor, Draft, Entry, Kind, participant_subject
from charcot.refusal import BadValue, NotAllowed, OutOfOrder
from charcot.team import sites_of

_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,19}")


def screen(
    trial: Trial, actor: Actor, *, participant: str, at: str, site: str | None = None
) -> tuple[Entry, ...]:
    """Enters a person under the number that they keep for the whole trial, never a name.

    `site`: where the person is seen, by the id of the site; not needed where the trial, or the actor, has only one.
    """
    subject = participant_subject(participant)

    def judge(situation: Situation) -> list[Draft]:
        if not _NUMBER.fullmatch(participant):
            raise BadValue(
                f"{participant!r} cannot be a participant number.",
                rule="Screening: letters, digits and hyphens, at most 20, never a name",
                next_step="Use a number such as S-014.",
            )
        if any(True for _ in trial.ledger.entries(subjects=[subject])):
            raise OutOfOrder(
                f"The number {participant} is already in use.",
                rule="Screening: a number belongs to one person for ever",
                next_step="Use the next free number.",
                facts={"participant": participant},
            )
        moment = require_day(at, situation)
        version = situation.charter.protocol_on(moment.day).version
        return [
            Draft(
                Kind.PARTICIPANT_SCREENED,
                subject,
                "screen",
                actor,
                data={"site": _require_site(situation, actor, site)},
                clinical_time=moment.text,
                protocol=version,
            )
        ]

    return act_on_trial(trial, actor, "screen", judge, watching=[subject], of_site=True)


def _require_site(situation: Situation, actor: Actor, wanted: str | None) -> str:
    """The site of a new participant; raises BadValue where it is not clear which, NotAllowed for another's site."""
    today = situation.now.date()
    sites = [s.id for s in situation.charter.ruling_on(today).study.protocol.trial.design.sites]
    own = sites_of(situation.charter.delegations, actor, today)
    open_to = sites if own is None else [site for site in sites if site in own]
    if wanted is None and len(open_to) == 1:
        return open_to[0]
    if wanted not in sites:
        raise BadValue(
            "At which site?" if wanted is None else f"The protocol has no site {wanted!r}.",
            rule="Sites: a participant belongs to one site of the design",
            next_step=f"Choose one of: {', '.join(open_to or sites)}.",
            facts={"field": "site", "sites": sites},
        )
    if wanted not in open_to:
        raise NotAllowed(
            f"{actor.person} does not hold the role {actor.role!r} at the site {wanted}.",
            rule="Sites: a role delegated for one site is used for the participants of that site",
            next_step="Ask somebody of that site to screen this person.",
            facts={"site": wanted, "person": actor.person},
        )
    return wanted
