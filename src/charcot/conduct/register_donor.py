"""Register a donor under a code; name and kinship are kept apart from what the laboratory sees."""

from collections.abc import Mapping

from charcot.conduct.at_site import act_for_participant, act_on_donor
from charcot.conduct.on_product import (
    draft_on,
    find_donor,
    require_donor,
    require_name,
    require_new,
    require_product,
    ruling,
)
from charcot.conduct.trial import Situation, Trial, require_moment, require_one_of
from charcot.ledger import Actor, Draft, Entry, Kind, participant_subject, seal, subject_of
from charcot.product import DEGREES, check_donor
from charcot.refusal import BadValue, OutOfOrder
from charcot.visits import check_text


def register_donor(
    trial: Trial,
    actor: Actor,
    *,
    donor: str,
    participant: str,
    relation: str,
    identity: Mapping[str, str] | None = None,
) -> tuple[Entry, ...]:
    """Enters a donor: `participant` is the relative whom the tissue is meant for, `relation` the kinship.

    Kinship is an entry of its own, for those who may see donor identities; `identity`, item to text of the protocol's
    form, is sealed under a key of the donor's own.
    """

    def judge(situation: Situation) -> list[Draft]:
        plan = require_product(situation)
        require_name(donor, "donor")
        require_new(find_donor(situation, donor), donor, "donor")
        require_one_of(relation, list(DEGREES), "relation")
        if not situation.about(participant_subject(participant)):
            raise OutOfOrder(
                f"There is no participant {participant!r}.",
                rule="Donors: a donor gives for a participant who was screened",
                next_step="Check the number.",
                facts={"participant": participant},
            )
        subject = subject_of("donor", donor)
        form = ruling(situation).forms_by_id.get(plan.donor.identity or "")
        items = {item.id: item for item in form.items} if form is not None else {}
        _require_known(identity or {}, set(items))
        key = trial.vault.key_of(subject, create=True) if identity else None
        if identity and key is None:
            raise OutOfOrder(
                "The identity of this donor was erased.",
                rule="Privacy: an erased identity is never entered again",
                next_step="Leave the name empty.",
            )
        sealed = {
            item: seal(text, key=key or b"", subject=subject, item=f"{plan.donor.identity}.{item}")
            for item, text in (identity or {}).items()
        }
        return [
            draft_on(
                situation,
                actor,
                "register_donor",
                Kind.DONOR_REGISTERED,
                subject,
                {"donor": donor, "identity": sealed},
            ),
            draft_on(
                situation,
                actor,
                "register_donor",
                Kind.DONOR_RELATED,
                subject,
                {"participant": participant, "relation": relation, "degree": DEGREES[relation]},
            ),
        ]

    return act_for_participant(trial, actor, "register_donor", participant, judge)


def consent_donor(trial: Trial, actor: Actor, *, donor: str, at: str, form_version: str) -> tuple[Entry, ...]:
    """Records that the donor consented at `at`."""

    def judge(situation: Situation) -> list[Draft]:
        moment = require_moment(at, situation)
        known = require_donor(situation, donor)
        require_new(known.consented_at, donor, "consent of donor")
        data = {"form_version": form_version}
        subject = subject_of("donor", donor)
        return [draft_on(situation, actor, "consent_donor", Kind.DONOR_CONSENTED, subject, data, moment)]

    return act_on_donor(trial, actor, "consent_donor", donor, judge)


def screen_donor(
    trial: Trial,
    actor: Actor,
    *,
    donor: str,
    at: str,
    suitable: str,
    answers: Mapping[str, str] | None = None,
) -> tuple[Entry, ...]:
    """Records what the donor was asked, and whether the answers let them give tissue (`yes` or `no`)."""

    def judge(situation: Situation) -> list[Draft]:
        plan = require_product(situation)
        moment = require_moment(at, situation)
        known = require_donor(situation, donor)
        if known.consented_at is None or moment.surely_before(known.consented_at):
            raise OutOfOrder(
                "The donor has not consented."
                if known.consented_at is None
                else f"{at} lies before the donor's consent.",
                rule="Donors: nothing is asked or tested before the donor has consented",
                next_step="Record the donor's consent first.",
                facts={"donor": donor},
            )
        require_one_of(suitable, ("yes", "no"), "suitable")
        protocol = ruling(situation)
        form = protocol.forms_by_id.get(plan.donor.screening or "")
        items = {item.id: item for item in form.items} if form is not None else {}
        asked = {name for name, item in items.items() if item.visibility != "donor_identity"}
        _require_known(answers or {}, asked)
        for name, text in (answers or {}).items():
            wrong = check_text(items[name], protocol.codes_of(items[name]), text)
            if wrong is not None:
                raise BadValue(
                    f"{items[name].label} {wrong}",
                    rule=f"Form {plan.donor.screening!r}: {items[name].label}",
                    next_step="Correct the answer.",
                    facts={"field": name},
                )
        data = {"suitable": suitable, "answers": dict(answers or {})}
        subject = subject_of("donor", donor)
        return [draft_on(situation, actor, "screen_donor", Kind.DONOR_SCREENED, subject, data, moment)]

    return act_on_donor(trial, actor, "screen_donor", donor, judge)


def speaks_against(situation: Situation, donor: str) -> list[str]:
    """What speaks against a donor as things stand, without regard to a tissue."""
    return check_donor(require_product(situation).donor, require_donor(situation, donor), None)


def _require_known(given: Mapping[str, str], known: set[str]) -> None:
    unknown = sorted(set(given) - known)
    if unknown:
        raise BadValue(
            f"The form has no {', '.join(unknown)}.",
            rule="Donors: only what the protocol's form asks is kept; kinship is entered when the donor is registered",
            next_step=f"Leave it out. The form asks: {', '.join(sorted(known)) or 'nothing'}.",
            facts={"fields": unknown},
        )
