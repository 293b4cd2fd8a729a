"""The plain pages of acts that fill no form: what each asks, and what it says before it is done."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from charcot.participants import Dossier, FormKey


@dataclass(frozen=True)
class ActField:
    """One thing that an act asks."""

    name: str
    label: str
    kind: str = "short"
    """short, long, day, minute, number, whole (a whole number), choice, list, scan (a code from a scanner or the keyboard) or secret."""
    hint: str = ""
    options: Sequence[tuple[str, str]] = ()
    needed: bool = True
    value: str = ""
    personal: bool = False
    """Whether it names a person, and is therefore not kept in the browser."""


@dataclass(frozen=True)
class ActPage:
    """One act: its questions, its button, and what cannot be undone about it."""

    verb: str
    title: str
    intro: str
    asks: Sequence[ActField]
    button: str
    final: str = ""
    """What is said before it is done, where it cannot be undone."""


def screening_page(today: str, sites: Sequence[tuple[str, str]]) -> ActPage:
    """A new person in the screening log."""
    asks = [
        ActField(
            "participant",
            _("Number"),
            hint=_("Letters, digits and hyphens, such as S-014; never a name. It stays for the whole trial."),
        ),
        _day(_("Screened on"), today),
    ]
    if len(sites) > 1:
        asks.append(ActField("site", _("Site"), "list", options=sites))
    return ActPage(
        "screen", _("Screen a new person"), _("Opens their record. Nothing else is entered before the consent."), asks, _("Enter in the screening log"),
    )  # fmt: skip


def act_page(verb: str, dossier: Dossier, today: str, asked: str = "") -> ActPage | None:
    """The page of an act about one participant; None for verbs that have no such page. `asked`: what it is about."""
    protocol = dossier.study.protocol
    match verb:
        case "assess":
            return ActPage(
                verb, _("Enter the assessment"), _("Each criterion is entered with its verdict and the values it rests on, as they stand now."),
                [_day(_("Assessed on"), today)], _("Enter the assessment"),
            )  # fmt: skip
        case "enrol":
            arms = [(arm.id, arm.label) for arm in protocol.arms]
            choice = [ActField("arm", _("Arm"), "list", options=arms)] if len(arms) > 1 else []
            return ActPage(
                verb, _("Enrol"), _("All criteria are judged once more; each must be met, or waived in writing."),
                [_day(_("Enrolled on"), today), *choice], _("Enrol"),
                _("Enrolment is entered once and for all."),
            )  # fmt: skip
        case "waive":
            unmet = _unmet(dossier)
            return ActPage(
                verb, _("Waive a criterion"), _("The waiver is a deviation from the protocol, and is listed as one."),
                [
                    ActField("criterion", _("Criterion"), "list", options=unmet, value=asked),
                    _day(_("Waived on"), today),
                    ActField("justification", _("Justification"), "long"),
                ],
                _("Waive it"), _("A waiver stays in the record."),
            )  # fmt: skip
        case "decline":
            return ActPage(
                verb, _("Not taking part"), _("Closes the course of a person who declines, or may not go on, before the first infusion."),
                [_day(_("On"), today), ActField("reason", _("Reason"), "long", _("In the person's own words where possible; “no reason given” will do."))],
                _("Close the course"), _("This person then leaves the trial; it cannot be taken back."),
            )  # fmt: skip
        case "withdraw":
            scopes = [
                ("treatment", _("from treatment: no further infusion")),
                ("follow_up", _("from follow-up: no further visit")),
                (
                    "data",
                    _(
                        "from the use of data: nothing more is recorded; what is recorded stays, as the protocol says"
                    ),
                ),
            ]
            return ActPage(
                verb, _("Withdrawal of consent"), _("Nobody has to give a reason for withdrawing."),
                [
                    ActField("scope", _("Withdraws"), "choice", options=scopes),
                    _day(_("On"), today, partial=True),
                    ActField("reason", _("Reason, if one was given"), "long", needed=False),
                ],
                _("Record the withdrawal"), _("A withdrawal is entered once for each scope, and cannot be taken back."),
            )  # fmt: skip
        case "lose_to_follow_up":
            return ActPage(
                verb, _("Lost to follow-up"), _("If the person is found later, a contact brings them back."),
                [
                    _day(_("Last known alive on"), today, partial=True),
                    ActField("reason", _("What was tried to reach them"), "long"),
                ],
                _("Record it"),
            )  # fmt: skip
        case "miss":
            return ActPage(
                verb, _("Missed visit or form"), _("Says that it will not be filled, and why. It can still be filled if it turns up."),
                [
                    ActField("what", _("What was missed"), "list", options=_can_be_missed(dossier), value=asked),
                    _day(_("Known on"), today),
                    ActField("reason", _("Reason"), "long"),
                ],
                _("Record it as missed"),
            )  # fmt: skip
        case "report_deviation":
            return ActPage(
                verb, _("Deviation from the protocol"), _("What happened, against which section of the protocol."),
                [
                    _day(_("Happened on"), today, partial=True),
                    ActField("category", _("Kind"), "list", options=[(c, c) for c in _categories()]),
                    ActField("section", _("Section of the protocol"), hint=_("Such as 5.1, or the name of a form or visit")),
                    ActField("description", _("What happened"), "long"),
                ],
                _("Report it"), _("A deviation that was reported stays in the record."),
            )  # fmt: skip
        case _:
            return None


def _day(label: str, today: str, *, partial: bool = False) -> ActField:
    hint = _("year-month-day") + ("; " + _("month or year alone where no more is known") if partial else "")
    return ActField("at", label, "day", hint, value=today)


def _categories() -> list[str]:
    return [
        _("consent"),
        _("eligibility"),
        _("dose"),
        _("visit"),
        _("procedure"),
        _("safety reporting"),
        _("other"),
    ]


def _unmet(dossier: Dossier) -> list[tuple[str, str]]:
    assessments = dossier.standing.assessments
    verdicts = assessments[-1].data["criteria"] if assessments else []
    unmet = {v["criterion"] for v in verdicts if v["verdict"] == "not_met"} - set(dossier.standing.waivers)
    return [
        (c.id, f"{c.id}: {c.text}") for c in dossier.study.protocol.criteria if c.id in unmet and c.waivable
    ]


def _can_be_missed(dossier: Dossier) -> list[tuple[str, str]]:
    """Whole visits with nothing on them, and single forms of the others, as `visit` or `visit/form`."""
    protocol, casebook = dossier.study.protocol, dossier.casebook
    found = []
    for encounter in protocol.encounters:
        forms = protocol.forms_at(encounter.id)
        if encounter.kind != "scheduled" or not forms:
            continue
        open_ = [
            f for f in forms
            if FormKey(f, encounter.id) not in casebook.forms and not casebook.is_missed(FormKey(f, encounter.id))
        ]  # fmt: skip
        if len(open_) == len(forms):
            found.append((encounter.id, _("%(visit)s, the whole visit") % {"visit": encounter.label}))
        found += [
            (f"{encounter.id}/{f}", f"{encounter.label}: {protocol.forms_by_id[f].title}") for f in open_
        ]
    return found
