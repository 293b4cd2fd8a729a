"""The audit trail searched, two moments compared on the site, and the chooser of a moment that every page has."""

import csv
import io
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator

import pytest

from charcot.wiring.folder import open_folder
from faces.served import served
from running import Demo


@pytest.fixture(scope="module")
def address(demo: Demo) -> Iterator[str]:
    from charcot.wiring.serving import site

    with served(site(open_folder(demo.path))) as found:
        yield found


def fetch(url: str) -> tuple[int, str, str]:
    """Status, address after redirections, and page."""
    try:
        with urllib.request.urlopen(url, timeout=300) as answer:
            return answer.status, answer.url, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.url or "", error.read().decode()


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split("<main")[1]))


def number_of_the_correction(address: str) -> int:
    """The entry that corrected the weight of S-02."""
    page = fetch(f"{address}/record?participant=S-02&form=vital_signs")[2]
    return next(
        int(found)
        for found in re.findall(r'class="seq"[^>]*>(\d+)<', page)
        if "58.3 kg, not 68.3" in fetch(f"{address}/record/{found}")[2]
    )


def test_the_trail_is_searched_by_role_question_and_words(address: str) -> None:
    def found(query: str) -> list[int]:
        page = fetch(f"{address}/record?{query}")[2]
        return [int(n) for n in re.findall(r'<a class="seq"[^>]*>(\d+)</a>', page)]

    number = number_of_the_correction(address)
    assert found("text=NOT+68.3") == [number]
    assert number in found("participant=S-02&form=vital_signs&item=weight&role=coordinator")
    assert number not in found("participant=S-02&form=vital_signs&item=pulse")
    assert found("participant=S-02&role=statistician") == []
    assert found("item=weight") == found("")  # a question belongs to a form


def test_the_filtered_trail_can_be_had_as_csv_with_every_change(address: str) -> None:
    number = number_of_the_correction(address)
    request = f"{address}/record.csv?participant=S-02&form=vital_signs"
    with urllib.request.urlopen(request, timeout=300) as answer:
        assert answer.headers["Content-Type"].startswith("text/csv")
        rows = list(csv.DictReader(io.StringIO(answer.read().decode("utf-8-sig"), newline="")))
    assert {row["participant"] for row in rows} == {"S-02"}
    assert {row["form"] for row in rows} == {"vital_signs"}
    (weight,) = [row for row in rows if row["entry"] == str(number) and row["item"] == "Weight"]
    assert (weight["before"], weight["after"]) == ("68.3", "58.3")
    assert "paper form says" in weight["reason"] and len(weight["hash"]) == 64


def test_a_correction_between_two_entries_is_shown_with_who_when_and_why(address: str) -> None:
    number = number_of_the_correction(address)
    status, _url, page = fetch(f"{address}/record/compare?from={number - 1}&to={number}")
    words = plain(page)
    assert status == 200
    assert "1 entry, 1 participant, 1 form" in words
    assert re.search(r"Weight 68\.3 58\.3", words)
    assert "coordinator-1" in words and "the paper form says 58.3 kg" in words
    assert f'href="/record/{number}"' in page


def test_the_order_of_the_two_moments_does_not_matter(address: str) -> None:
    there, back = (
        fetch(f"{address}/record/compare?{query}")[2] for query in ("from=60&to=80", "from=80&to=60")
    )
    assert plain(there).replace("60", "").replace("80", "") == plain(back).replace("60", "").replace("80", "")


def test_days_and_receipts_are_moments_too(address: str, demo: Demo) -> None:
    receipt = urllib.parse.quote(demo.receipt)
    status, _url, page = fetch(f"{address}/record/compare?from=2014-03-01&to={receipt}")
    assert status == 200
    assert f"to entry {demo.receipt.split(':')[2]}" in plain(page)
    other = urllib.parse.quote(demo.receipt[:-1] + ("0" if demo.receipt.endswith("f") else "f"))
    status, _url, page = fetch(f"{address}/record/compare?from=1&to={other}")
    assert status == 400
    assert "not the one" in plain(page)


@pytest.mark.parametrize(
    "moment", ["yesterday", "99999999", "<script>alert(1)</script>", "charcot-receipt:x:1:2"]
)
def test_what_is_no_moment_is_said_beside_the_fields_which_keep_what_was_typed(
    address: str, moment: str
) -> None:
    status, _url, page = fetch(f"{address}/record/compare?from={urllib.parse.quote(moment)}&to=80")
    assert status == 400
    assert 'role="alert"' in page and 'value="80"' in page
    assert "<script>alert" not in page


def test_reported_numbers_that_changed_name_the_entries_that_changed_them(address: str) -> None:
    found = fetch(f"{address}/record?participant=S-02&text=enrolled+the+participant")[2]
    (number,) = map(int, re.findall(r'<a class="seq"[^>]*>(\d+)</a>', found))
    page = fetch(f"{address}/record/compare?from={number - 10}&to={number + 2}&numbers=1")[2]
    row = re.search(r"<tr>(?:(?!</tr>).)*>Enrolled</a>.*?</tr>", page, flags=re.DOTALL)
    assert row is not None
    before, after = re.findall(r"<(?:del|ins)>(\d+)</", row.group())
    assert (before, after) == ("1", "2")  # S-02 was enrolled between the two
    assert f'href="/record/{number}"' in row.group()


@pytest.mark.parametrize(
    ("chosen", "moment"),
    [
        ("day=2014-03-01", "2014-03-01"),
        ("day=2014-03-01&time=12:30", "2014-03-01T12:30"),
        ("entry=500", "500"),
    ],
)
def test_a_moment_is_chosen_on_any_page_which_opens_as_it_was(address: str, chosen: str, moment: str) -> None:
    page = fetch(f"{address}/participants?q=S-02")[2]
    assert 'value="/participants?q=S-02"' in page
    to = urllib.parse.quote("/participants?q=S-02")
    status, url, page = fetch(f"{address}/look-back?to={to}&{chosen}&cut=")
    assert status == 200
    assert urllib.parse.parse_qs(urllib.parse.urlsplit(url).query) == {"q": ["S-02"], "as_of": [moment]}
    assert "nothing can be entered here" in page
    assert 'href="/participants?q=S-02">Back to now' in page


@pytest.mark.parametrize("chosen", ["", "day=2014-03-01&entry=5", "time=12:00", "entry=five", "cut=%3Cb%3E"])
def test_no_moment_or_two_are_refused_in_words(address: str, chosen: str) -> None:
    status, _url, page = fetch(f"{address}/look-back?to=/&{chosen}")
    assert status == 400
    assert "Fill one of the three" in page


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example"]
)
def test_the_chooser_never_leads_to_another_site(address: str, to: str) -> None:
    _status, url, _page = fetch(f"{address}/look-back?to={urllib.parse.quote(to)}&entry=500")
    assert url == f"{address}/?as_of=500"
