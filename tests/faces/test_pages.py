"""The site on a real server: what its pages show, refuse and never fetch."""

import html
import re
import shutil
import sqlite3
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from charcot.conduct import Trial, approve, consent, delegate, open_trial, record, screen
from charcot.ledger import Actor, Kind, Origin
from charcot.wiring.clock import SimulatedClock
from charcot.wiring.folder import create_folder, open_folder
from charcot.wiring.templates import find_template
from faces.served import served
from running import Demo

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@contextmanager
def serving(path: Path) -> Iterator[str]:
    from charcot.wiring.serving import site

    with served(site(open_folder(path))) as found:
        yield found


@pytest.fixture(scope="module")
def address(demo: Demo) -> Iterator[str]:
    with serving(demo.path) as found:
        yield found


def fetch(url: str, **headers: str) -> tuple[int, dict[str, str], str]:
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, dict(answer.headers), answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read().decode()


def links_in(page: str) -> list[str]:
    return [html.unescape(found).split("#")[0] for found in re.findall(r'href="([^"]+)"', page)]


def test_the_home_shows_everybody_and_every_visit(address: str, demo: Demo) -> None:
    status, headers, page = fetch(address)
    assert status == 200
    assert len(re.findall(r'<th scope="row">', page)) == 20  # screened, says the paper
    assert "<b>17</b> enrolled of 20 planned" in page
    assert "<b>5</b> alive of 17 treated" in page  # 12 of 17 had died, says the paper
    assert "without sign-in" in page
    assert demo.receipt in page
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"


def test_the_report_is_served_as_it_was_written_and_with_every_number_as_a_link(
    address: str, demo: Demo
) -> None:
    status, headers, page = fetch(f"{address}/report.html")
    assert status == 200
    assert page.encode() == (demo.path / "reports" / "report.html").read_bytes()
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    _, headers, linked = fetch(f"{address}/report")
    policy = headers["Content-Security-Policy"]
    assert re.search(
        r"script-src 'self'(;|$)", policy
    )  # the figures answer; nothing in the page itself may run
    assert "unsafe" not in policy
    assert "popovertarget" not in linked
    numbers = re.findall(r'<a class="n[^"]*" data-result="([^"]+)" href="(/results/[^"]+)"', linked)
    assert len(numbers) == len(re.findall(r'<button[^>]* data-result="', page)) > 100
    assert all(where == f"/results/{id}" for id, where in numbers)


def test_every_page_answers_and_loads_nothing_from_elsewhere(address: str) -> None:
    """All participants, visits and forms; of entries, results, casebooks and pages of lists every so many."""
    waiting, seen, bad = deque(["/"]), {"/"}, []
    counted = {"results": 0, "record": 0, "pdf": 0, "other": 0}
    every = {"results": 25, "record": 20, "pdf": 8, "other": 1}
    while waiting:
        path = waiting.popleft()
        status, headers, page = fetch(address + path)
        if status != 200:
            bad.append((status, path))
        if "text/html" not in headers["Content-Type"]:
            continue
        loaded = re.findall(r'(?:src|<link[^>]* href)="(?!data:)([^"]+)"', page)
        bad += [(0, found) for found in loaded if not found.startswith("/static/")]
        if path.startswith("/report"):
            continue
        for link in links_in(page):
            link = link if not link.startswith("?") else path.split("?")[0] + link
            if not link.startswith("/"):
                bad += [(0, link)] if link else []
                continue
            kind = next(
                (kind for kind in ("results", "record") if link.startswith((f"/{kind}/", f"/{kind}?"))),
                "other",
            )
            kind = "pdf" if link.endswith(".pdf") else kind
            if link in seen or "as_of=" in link:
                continue
            seen.add(link)
            counted[kind] += 1
            if counted[kind] % every[kind] == 0:
                waiting.append(link)
    assert not bad
    assert len([path for path in seen if "/forms/" in path]) > 1500
    assert len([path for path in seen if path.startswith("/results/")]) > 300


def test_as_of_an_entry_every_page_is_what_it_was_then(address: str, copy_of_demo: Path) -> None:
    """A copy whose ledger ends at that entry shows what was shown then."""
    shutil.rmtree(copy_of_demo / "reports")
    with sqlite3.connect(copy_of_demo / "trial.sqlite3") as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("DELETE FROM store_ledgerentry WHERE sequence > 500")
    pages = ["/", "/participants", "/participants/S-02", "/participants/S-02/forms/vital_signs/screening/1", "/safety",
             "/participants/S-01/visits/month_2", "/results", "/results/table1.age.mean", "/report", "/record", "/record/70"]  # fmt: skip
    with serving(copy_of_demo) as then:
        for path in pages:
            status, _, was = fetch(then + path)
            looking_back, _, now = fetch(f"{address}{path}?as_of=500")
            assert (status, looking_back) == (200, 200), path
            assert "s it was at entry 500" in now
            assert _without_moment(now) == _without_moment(was), path
    assert fetch(f"{address}/participants/S-20?as_of=500")[0] == 404
    assert "14 Mar 2015" not in fetch(f"{address}/record?as_of=2014-08-19")[2]


def _without_moment(page: str) -> str:
    page = re.sub(r'<div class="band past".*?</div>\n', "", page, flags=re.DOTALL)
    page = re.sub(r'<input type="hidden" name="as_of"[^>]*>', "", page)
    page = re.sub(r"<strong>As it was at entry 500</strong>", "", page)
    page = re.sub(r"(\?|&amp;)as_of=500", "", page)
    return re.sub(r"\s+", " ", page)


def test_a_moment_that_never_was_is_said_kindly(address: str) -> None:
    for moment, status in (("9999999", 404), ("yesterday", 400), ("2001-01-01", 404), ("0", 404), ("1", 200)):
        answered, _, page = fetch(f"{address}/record?as_of={moment}")
        assert answered == status, moment
        assert "Traceback" not in page


def test_a_number_opens_to_its_rows_and_those_to_their_entries(address: str) -> None:
    page = fetch(f"{address}/results/table1.age.mean")[2]
    assert "<b>49.1</b>" in page  # paper.md: the mean of Table 1's ages, 49.117647
    assert "49.117647" in page
    assert len(re.findall(r'<th scope="row"><a href="/participants/', page)) >= 17
    entry = re.search(r'href="(/record/\d+)">entry', page)
    assert entry is not None
    behind = fetch(address + entry.group(1))[2]
    assert "Baseline as published" in behind
    assert re.search(r"<code>[0-9a-f]{64}</code>", behind)
    assert fetch(f"{address}/results/table1.agee.mean")[0] == 404


def test_a_form_shows_each_value_with_its_origin_and_its_history(address: str) -> None:
    page = fetch(f"{address}/participants/S-02/forms/vital_signs/screening/1")[2]
    assert re.search(r'<span class="synthetic">58\.3</span>', page)
    assert "<b>68.3</b>" in page  # what was typed first
    assert "the paper form says 58.3 kg" in page
    assert (
        "earlier version" in fetch(f"{address}/participants/S-02/forms/vital_signs/screening/1?version=1")[2]
    )


def test_a_treated_participant_has_the_survival_that_was_to_be_expected(address: str) -> None:
    # ENCALS by the scenarios of the plan for S-01: Table 1, participant 1; the report adds up the same chances
    _, _, page = fetch(f"{address}/participants/S-01")
    drawn = page[page.index("Survival to be expected") :]
    drawn = drawn[: drawn.index("</figure>")]
    assert drawn.count("<polyline") == 5
    assert "Delay nine months: 15 % at 60 months" in drawn and "PRO-ACT joint model" in drawn
    assert "alive after 60 months" in drawn
    _, _, declined = fetch(f"{address}/participants/S-04")
    assert "Survival to be expected" not in declined


def test_the_audit_trail_is_filtered_and_leafed_through(address: str, demo: Demo) -> None:
    def numbers(query: str) -> list[int]:
        page = fetch(f"{address}/record{query}")[2]
        return [int(n) for n in re.findall(r'<a class="seq"[^>]*>(\d+)</a>', page)]

    def leaf(word: str, query: str = "") -> str:
        page = fetch(f"{address}/record{query}")[2]
        return html.unescape(re.findall(rf'<a href="([^"]+)"[^>]*>{word}</a>', page)[0])

    first, second = numbers(""), numbers(leaf("Older"))
    assert len(first) == len(second) == 100
    assert first == sorted(first, reverse=True)
    assert first[-1] == second[0] + 1
    assert numbers(leaf("Newer", leaf("Older"))) == first
    assert numbers(leaf("Newest", leaf("Older"))) == first
    about = fetch(f"{address}/record?participant=S-03&form=alsfrs_r&person=coordinator-1")[2]
    assert "S-02" not in re.sub(r"<(select|datalist).*?</\1>", "", about, flags=re.DOTALL)
    waived = open_folder(demo.path).ledger.entries(kinds=[Kind.WAIVER_GRANTED])
    in_december = [entry.sequence for entry in waived if entry.recorded_at.startswith("2014-12")]
    assert numbers("?kind=waiver_granted&since=2014-12-01&until=2014-12-31") == in_december
    assert len(in_december) == 1
    assert numbers("?before=banana&since=2014-13-01&kind=") == first
    assert numbers("?kind=banana") == []


def test_verification_says_what_holds_and_takes_a_receipt(address: str, demo: Demo) -> None:
    assert "The record holds." in fetch(f"{address}/record/verify")[2]
    assert (
        "your receipt was given for, unchanged" in fetch(f"{address}/record/verify?receipt={demo.receipt}")[2]
    )
    other = demo.receipt[:-1] + ("0" if demo.receipt.endswith("f") else "f")
    assert "The record does not hold." in fetch(f"{address}/record/verify?receipt={other}")[2]
    wrong = fetch(f"{address}/record/verify?receipt=%3Cscript%3E")[2]
    assert "No receipt was found" in wrong
    assert "<script>" not in wrong.split("<main")[1]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demonstration in which somebody typed markup, and a name."""
    folder = create_folder(
        tmp_path_factory.mktemp("hostile") / "trial", find_template("royan-admsc").protocol_files()
    )
    clock = SimulatedClock(datetime(2014, 1, 1, 8, tzinfo=UTC))
    trial, doctor = Trial(folder.ledger, folder.vault, clock), Actor("inv-1", "investigator")
    open_trial(
        trial,
        doctor,
        purpose="demo",
        clock="simulated",
        people=[doctor],
        protocol_files=folder.protocol_files(),
    )
    for document in ("protocol", "consent_form"):
        approve(
            trial,
            doctor,
            document=document,
            version="1.0",
            committee=SCRIPT,
            reference="EC",
            approved_on="2014-01-01",
        )
    desk = Actor("desk-1", "coordinator")
    delegate(trial, doctor, person="desk-1", role="coordinator", since=date(2014, 1, 1))
    clock.advance(timedelta(days=1))
    screen(trial, desk, participant="S-1", at="2014-01-01")
    agreed = {
        "copy_given": "yes",
        "time_to_decide": "yes",
        "signed_by": "participant",
        "long_term_contact": "yes",
    }
    consent(trial, doctor, participant="S-1", at="2014-01-01T10:00", form_version="1.0", values=agreed)
    visit = {"reason": "other", "details": SCRIPT, "contact": "telephone"}
    record(
        trial,
        desk,
        participant="S-1",
        form="unscheduled_visit",
        encounter="unscheduled",
        at="2014-01-01T11:00",
        values=visit,
        origin=Origin.ENTERED,
    )
    names = {"given_name": "Farhad", "family_name": "Rostami"}
    record(
        trial,
        desk,
        participant="S-1",
        form="identity",
        encounter="screening",
        at="2014-01-01T11:10",
        values=names,
    )
    return folder.path


def test_what_somebody_typed_is_shown_and_never_run(hostile: Path) -> None:
    with serving(hostile) as here:
        form = fetch(f"{here}/participants/S-1/forms/unscheduled_visit/unscheduled/1")
        assert form[0] == 200
        assert html.escape(SCRIPT, quote=False) in form[2]
        for path in ("/", "/participants/S-1", "/participants?q=%3Cscript%3Ealert(1)", "/record", "/results", "/report", "/safety",
                     "/safety?q=%22%3E%3Cscript%3Ealert(1)", *(f"/record/{n}" for n in range(1, 11))):  # fmt: skip
            status, _, page = fetch(here + path)
            assert status in (200, 404), path
            assert "<script>alert" not in page
            assert "<img src=x" not in page


def test_names_are_sealed_on_every_page(hostile: Path) -> None:
    with serving(hostile) as here:
        form = fetch(f"{here}/participants/S-1/forms/identity/screening/1")[2]
        assert form.count("(sealed)") == 2
        pages = [fetch(f"{here}/record/{n}")[2] for n in range(1, 15)] + [form, fetch(f"{here}/record")[2]]
        assert any("2 values are not shown here; the hash covers them" in page for page in pages)
        for page in pages:
            assert "Farhad" not in page
            assert "Rostami" not in page


def test_style_script_and_fonts_come_from_here(address: str) -> None:
    for file in ("charcot.css", "pictures.css", "report-site.css", "site.js"):
        status, _, text = fetch(f"{address}/static/{file}")
        assert status == 200
        assert "http" not in re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    for page in ("/", "/participants/S-01", "/results/table1.age.mean", "/record"):
        text = fetch(address + page)[2]
        assert not re.search(r"<style|<script(?![^>]* src=)| style=| on\w+=\"", text), page


@pytest.mark.parametrize("path", ["/nothing", "/report/../../trial.sqlite3", "/static/../settings.py", "/%00", "/participants/S-99",
                                  "/participants/S-01/forms/nothing/-/1", "/record/999999", "/results/nothing"])  # fmt: skip
def test_what_does_not_exist_is_said_kindly(
    address: str, path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    status, _, page = fetch(address + path)
    assert status in (400, 404)
    assert "Traceback" not in page
    assert "S-" not in capfd.readouterr().err  # no participant in a log


def test_other_hosts_and_writing_are_refused(address: str) -> None:
    assert fetch(address, Host="evil.example")[0] == 400
    request = urllib.request.Request(address, data=b"x=1")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=60)
    assert refused.value.code in (403, 405)
    assert '"status": "ok"' in fetch(f"{address}/health")[2]


def test_the_screening_log_has_everybody_who_was_considered_and_why_three_took_no_part(address: str) -> None:
    _status, _headers, page = fetch(f"{address}/screening")
    assert "20 people were screened" in page
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", page, re.S)
    assert len(rows) == 20
    declined = [row for row in rows if "declined</td>" in row]
    assert [re.sub(r"<[^>]+>", "", row)[:4] for row in declined] == [
        "S-04",
        "S-11",
        "S-16",
    ]  # the paper: 3 of 20
    assert all(re.search(r"</time></a> \w+", row) for row in declined)
    assert all("no reason is known" in row for row in declined)
    waived = [found.group(1).split(", ") for row in rows if (found := re.search(r"waived: ([^<]+)<", row))]
    assert sum(map(len, waived)) == 3  # as many waivers as the demonstration grants
