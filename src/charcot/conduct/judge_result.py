"""Judge a laboratory value outside its range: whether it is clinically significant, and why."""

from charcot.conduct.form_entry import require_standing_form
from charcot.conduct.trial import (
    ParticipantSituation,
    Trial,
    act_on_participant,
    draft_about,
    require_one_of,
    require_text,
)
from charcot.laboratory import ResultBook
from charcot.ledger import Actor, Draft, Entry, Kind
from charcot.participants import FormKey
from charcot.refusal import OutOfOrder


def judge_result(
    trial: Trial,
    actor: Actor,
    *,
    participant: str,
    form: str,
    encounter: str,
    item: str,
    version: int,
    significant: str,
    comment: str = "",
    instance: int = 1,
) -> tuple[Entry, ...]:
    """Says `yes` or `no` to the question whether the value is clinically significant. A significant one needs a comment.

    It is said of the value as it stands: where that is corrected, it is asked again. Raises OutOfOrder for a value that lies
    within its range, and OutdatedVersion.
    """

    def judge(situation: ParticipantSituation) -> list[Draft]:
        require_one_of(significant, ["yes", "no"], "significant")
        said = require_text(comment, "comment").strip() if significant == "yes" else comment.strip()
        key = FormKey(form, encounter, instance)
        standing = require_standing_form(situation, key, version)
        panel = situation.dossier.study.protocol.forms_by_id[form]
        found = panel.item(item)
        result = (
            ResultBook(situation.dossier).result(panel, found, standing)
            if found is not None and panel.plays == "laboratory"
            else None
        )
        if result is None or not result.is_abnormal:
            raise OutOfOrder(
                "This is no laboratory value outside its range.",
                rule="Laboratory: the investigator judges each value that lies outside its range",
                next_step="Choose a value that is marked as low, high or graded.",
                facts={"form": form, "item": item},
            )
        data = {
            **key.as_data(),
            "version": standing.version,
            "item": item,
            "significant": significant,
            "comment": said,
        }
        return [draft_about(situation, actor, "judge_result", Kind.RESULT_JUDGED, data=data)]

    return act_on_participant(trial, actor, "judge_result", participant, judge)
