"""What who is signed in has to do next, by what their role may do; every number leads to the list behind it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from charcot.clinical_time import ClinicalTime
from charcot.datasets.overview import CLOSING, Asked, EventToSee, TrialCounts, VisitToDo
from charcot.ledger import format_moment
from charcot.web.frame import ALONE, address, sites_of
from charcot.web.signed_in import SignedIn
from charcot.wiring.accounts import list_accounts
from charcot.wiring.looking import TrialView
from charcot.wiring.sign_in_history import last_sign_in_before

MOST = 5
"""Lines of one list on the home."""
FRESH = timedelta(days=14)
"""How long an event is new at least."""
FEW_VISITS = 4
"""Below so many visits, a slope is said to rest on few."""
YOUNG, OLD = 7, 28
"""The days that part queries by age."""


@dataclass(frozen=True)
class Amount:
    """How many of something, and the list of them; `tone`: soon, alarm or nothing."""

    number: int
    words: str
    href: str
    tone: str = ""


@dataclass(frozen=True)
class Line:
    """One thing to look at; `status` is that of a visit's square."""

    label: str
    href: str
    words: str
    tone: str = ""
    status: str = ""


@dataclass(frozen=True)
class Desk:
    """One heap of work: its numbers, the first of its lines, and what is said where there is none."""

    id: str
    title: str
    numbers: Sequence[Amount]
    lines: Sequence[Line] = ()
    rest: Line | None = None
    note: str = ""
    empty: str = ""

    @property
    def is_clear(self) -> bool:
        """Whether nothing is left to do."""
        return not self.lines and not any(number.number for number in self.numbers)


class Day:
    """What there is to do today, as the kept summaries say; nobody's record is folded for it but those of the lines shown."""

    def __init__(self, request: HttpRequest, view: TrialView, signed_in: SignedIn) -> None:
        self._view, self._signed_in = view, signed_in
        self._sites = sites_of(request)

    def desks(self) -> list[Desk]:
        """The heaps of work of the role, the most pressing of its duties first."""
        may, found = self._signed_in.may, []
        if "read" in may:
            counts = self._view.overview.count(self._sites)
            heaps: list[tuple[bool, Callable[[TrialCounts], Desk | None]]] = [
                ("sign" in may, self._to_sign),
                ("sign" in may, self._serious),
                ("verify" in may, self._to_verify),
                ("record" in may, self._visits),
                ("query" in may, self._queries),
                ("record" in may or "answer" in may, self._to_answer),
                ("lock" in may, self._to_lock),
                ("sign" in may, self._falling),
                ("cut" in may, self._cuts),
            ]
            found = [desk for due, make in heaps if due and (desk := make(counts)) is not None]
        if "administer" in may:
            found.append(self._accounts())
        return found

    def _people(self, status: str = "", need: str = "", order: str = "") -> str:
        return address("participants", status=status, need=need, order=order)

    def _visits(self, counts: TrialCounts) -> Desk:
        work, to_do = self._view.overview.to_do(self._sites, MOST)
        rest = to_do - len(work)
        return Desk(
            "visits",
            _("Visits"),
            [
                Amount(counts.overdue, _("overdue"), self._people(status="overdue"), "alarm"),
                Amount(counts.due, _("due now"), self._people(status="due"), "soon"),
                Amount(counts.closing, _("close within a week"), self._people(status=CLOSING), "soon"),
                Amount(counts.incomplete, _("forms with empty fields"), self._people(need="incomplete")),
            ],
            [self._visit(visit) for visit in work],
            Line(_("and %(n)s more") % {"n": rest}, self._people(status="due"), "") if rest else None,
            empty=_("No visit is due. Visits appear here as their windows open, once somebody is screened."),
        )

    def _visit(self, visit: VisitToDo) -> Line:
        day = _day(visit.due_until[:10])
        words = (_("overdue since %(day)s") if visit.status == "overdue" else _("until %(day)s")) % {
            "day": day
        }
        if visit.forms:
            words += " · " + ngettext("%(n)s form", "%(n)s forms", visit.forms) % {"n": visit.forms}
        where = address("visit", visit.participant, visit.encounter)
        tone = "alarm" if visit.status == "overdue" else "soon"
        return Line(f"{visit.participant}, {visit.label}", where, words, tone, visit.status)

    def _to_answer(self, counts: TrialCounts) -> Desk | None:
        if "query" in self._signed_in.may:
            return None
        href = address("queries", status="open")
        return Desk(
            "answer",
            _("Queries"),
            [Amount(counts.to_answer, _("wait for an answer"), href, "soon")],
            empty=_("No query waits for an answer."),
        )

    def _queries(self, counts: TrialCounts) -> Desk:
        ages = [_age(asked, self._view) for asked in self._view.overview.asked(self._sites)]
        fresh, old = sum(age <= YOUNG for age in ages), sum(age > OLD for age in ages)
        return Desk(
            "queries",
            _("Queries not closed"),
            [
                Amount(old, _("older than %(n)s days") % {"n": OLD}, address("queries", age="old"), "alarm"),
                Amount(len(ages) - fresh - old, _("8 to 28 days"), address("queries", age="weeks"), "soon"),
                Amount(fresh, _("7 days or less"), address("queries", age="new")),
                Amount(counts.to_answer, _("wait for an answer"), address("queries", status="open")),
            ],
            empty=_("No query is open. Ask one from any form, beside the field it is about."),
        )

    def _to_sign(self, counts: TrialCounts) -> Desk:
        return Desk(
            "sign",
            _("To sign"),
            [
                Amount(counts.unsigned, _("forms not signed"), _page("signing", self._people(need="unsigned"))),
                Amount(counts.broken, _("of them corrected after they were signed"), self._people(need="broken"), "soon"),
            ],
            empty=_("Every form is signed as it stands. Forms appear here as they are entered or corrected."),
        )  # fmt: skip

    def _serious(self, _counts: TrialCounts) -> Desk | None:
        form = self._view.nobody.protocol.form_playing("adverse_event")
        if form is None or not self._sees(form.form, "serious"):
            return None
        since, words = self._since()
        events, number = self._view.overview.serious(format_moment(since), self._sites, MOST)
        return Desk(
            "serious",
            _("New serious adverse events"),
            [Amount(number, words, address("safety"), "alarm")],
            [self._event(event) for event in events],
            empty=_("None was entered %(since)s. An event said to be serious appears here at once.")
            % {"since": words},
        )

    def _event(self, event: EventToSee) -> Line:
        where = address("form", event.participant, event.form, event.encounter or ALONE, event.instance)
        entered = datetime.fromisoformat(event.entered)
        words = _("entered %(day)s") % {"day": _day(f"{self._view.charter.site_time(entered):%Y-%m-%d}")}
        return Line(f"{event.participant}, {self._term(event)}", where, words, "alarm")

    def _term(self, event: EventToSee) -> str:
        """What happened, where it may be seen."""
        if self._sees(event.form, "term"):
            dossier = self._view.dossier(event.participant)
            key = (event.form, event.encounter, event.instance)
            for version in () if dossier is None else dossier.casebook.instances(event.form):
                if (version.key.form, version.key.encounter, version.key.instance) == key:
                    return version.text("term") or _("event %(n)s") % {"n": event.instance}
        return _("event %(n)s") % {"n": event.instance}

    def _since(self) -> tuple[datetime, str]:
        """Since when events are new: the sign-in before this one, but two weeks at least."""
        two_weeks = self._view.now.replace(tzinfo=self._view.charter.zone) - FRESH
        before = last_sign_in_before(self._signed_in.person)
        if before is None or before >= two_weeks:
            return two_weeks, _("in the last %(n)s days") % {"n": FRESH.days}
        day = _day(f"{self._view.charter.site_time(before):%Y-%m-%d}")
        return before, _("since you signed in on %(day)s") % {"day": day}

    def _falling(self, _counts: TrialCounts) -> Desk | None:
        form = self._view.nobody.protocol.form_playing("function")
        if form is None or not self._sees(form.form, "total"):
            return None
        found, _all = self._view.overview.find(
            Asked(sites=self._sites, need="followed", order="slope"), most=MOST
        )
        lines = []
        for summary in found:
            if summary.slope is None or summary.slope >= 0:
                continue
            few = summary.slope_visits < FEW_VISITS
            words = _("%(slope)s points a month, over %(n)s visits") % {
                "slope": f"{summary.slope:.2f}".replace("-", "−"),
                "n": summary.slope_visits,
            }
            where = address("participant", summary.participant)
            lines.append(Line(summary.participant, where, words + (_(": few") if few else "")))
        return Desk(
            "falling",
            _("ALSFRS-R falls fastest"),
            [],
            lines,
            Line(_("Everybody, by slope"), self._people(need="followed", order="slope"), "")
            if lines
            else None,
            note=_(
                "A straight line through all visits of each person. Two or three visits say little: one bad day "
                "moves the slope more than a month of disease."
            ),
            empty=_("Nobody's score falls so far. A slope needs two visits with ALSFRS-R."),
        )

    def _to_verify(self, counts: TrialCounts) -> Desk:
        asked = Asked(sites=self._sites, need="unverified", order="to_verify")
        found, people = self._view.overview.find(asked, most=MOST)
        everybody = self._people(need="unverified", order="to_verify")
        rest = people - len(found)
        lines = []
        for summary in found:
            words = ngettext("%(n)s form", "%(n)s forms", summary.unverified) % {"n": summary.unverified}
            if summary.changed:
                words += " · " + _("%(n)s changed since") % {"n": summary.changed}
            where = address("verification", participant=summary.participant)
            lines.append(Line(summary.participant, where, words))
        return Desk(
            "verify",
            _("To verify with the source"),
            [
                Amount(counts.unverified, _("forms"), address("verification")),
                Amount(counts.changed, _("cleared by a correction"), self._people(need="changed"), "soon"),
            ],
            lines,
            Line(_("and %(n)s more") % {"n": rest}, everybody, "") if rest else None,
            empty=_("Everything the sampling plan chose is verified. Forms appear here as they are entered."),
        )

    def _to_lock(self, counts: TrialCounts) -> Desk:
        ready = Amount(
            counts.ready_to_lock, _("participants ready to lock"), self._people(need="ready_to_lock")
        )
        return Desk(
            "data",
            _("Forms and locks"),
            [
                Amount(counts.overdue_forms, _("forms missing at overdue visits"), self._people(status="overdue"), "alarm"),
                Amount(counts.incomplete, _("forms with empty fields"), self._people(need="incomplete"), "soon"),
                Amount(counts.failed_errors + counts.failed_queries, _("checks that do not hold"), self._people(need="failed"), "soon"),
                *([] if self._view.charter.locked else [ready]),
            ],
            note=_("The whole trial is locked.") if self._view.charter.locked
            else _("Ready: every form is complete, signed, verified where chosen, and without query."),
            empty=_("No form is missing or incomplete."),
        )  # fmt: skip

    def _cuts(self, _counts: TrialCounts) -> Desk:
        cuts = self._view.charter.cuts
        lines = [
            Line(
                cut.name,
                address("home", as_of=cut.sequence),
                _("up to entry %(n)s") % {"n": cut.sequence},
            )
            for cut in reversed(cuts[-2:])
        ]
        return Desk(
            "cuts",
            _("Data cuts"),
            [Amount(len(cuts), _("made so far"), address("cuts"))],
            lines,
            empty=_(
                "None was made yet. A cut names the record as it is, so that a report on it never changes."
            ),
        )

    def _accounts(self) -> Desk:
        lines = [line for line in list_accounts() if line.active]
        bare = [line for line in lines if not line.second_factor]
        locked = [line for line in lines if line.locked]
        shown = [(line, _("locked out by wrong tries"), "alarm") for line in locked]
        shown += [(line, _("no second factor"), "") for line in bare if line not in locked]
        rest = len(shown) - MOST
        return Desk(
            "accounts",
            _("Accounts"),
            [
                Amount(len(locked), _("locked out"), address("accounts"), "alarm"),
                Amount(len(bare), _("without a second factor"), address("accounts"), "soon"),
                Amount(len(lines), _("open"), address("accounts")),
            ],
            [
                Line(one.person, address("person", one.person), words, tone)
                for one, words, tone in shown[:MOST]
            ],
            Line(_("and %(n)s more") % {"n": rest}, address("accounts"), "") if rest > 0 else None,
        )

    def _sees(self, form: str, item: str) -> bool:
        """Whether the role sees an item."""
        found = next((f for f in self._view.nobody.forms if f.form == form), None)
        known = found.item(item) if found else None
        if found is None or known is None:
            return False
        return {found.visibility, known.visibility} <= self._signed_in.sees


def _page(name: str, otherwise: str) -> str:
    """The address of a page, or of another where this site has none of that name."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return otherwise


def _day(text: str) -> str:
    return date_format(ClinicalTime(text).day, "j M Y")


def _age(asked: str, view: TrialView) -> int:
    """Whole days since a query was asked, at the site."""
    return max(0, (view.now - view.charter.site_time(datetime.fromisoformat(asked))).days)
