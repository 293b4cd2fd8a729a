"""Labels: what is drawn at 203 dots an inch is read back, and says what the record says."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charcot.conduct.check_bedside import WrongPatient
from charcot.product.labels import (
    OWN_SCHEME,
    Label,
    UnreadableLabel,
    check_copies,
    label_of_dose,
    require_same_code,
)
from charcot.refusal import BadValue, Refusal
from charcot.report.label_pictures import decode_picture, draw_label, render_label_page
from charcot.wiring.label_schemes import choose_label_scheme
from product.bench import INVESTIGATOR, NURSE, Bench

CODES = {
    "trial": "ROYAN-ADMSC",
    "dose": "L07.D01",
    "participant": "P07",
    "lot": "L07",
    "expires": "2014-03-14T18:00",
}
LABEL = Label(
    "dose",
    CODES,
    "Adipose-derived mesenchymal stromal cells",
    (
        ("Participant", "P07"),
        ("Dose", "L07.D01"),
        ("Lot", "L07, passage 2"),
        ("Viable cells", "1.40 × 10⁸ in 10 ml"),
        ("Use before", "14 Mar 2014, 18:00"),
        ("Store", "2 to 8 °C, do not freeze"),
    ),
    ("FOR AUTOLOGOUS USE ONLY", "NOT EVALUATED FOR INFECTIOUS SUBSTANCES", "For clinical trial use only"),
)


def test_a_label_is_read_back_from_its_dots_and_says_what_the_record_says() -> None:
    drawn = draw_label(LABEL)
    assert OWN_SCHEME.parse(drawn.code) == {"kind": "dose", **CODES}
    assert decode_picture(drawn.picture) == [drawn.code]
    assert draw_label(LABEL).picture == drawn.picture


codes = st.from_regex(r"[A-Z0-9][A-Z0-9._-]{0,18}[A-Z0-9]", fullmatch=True)


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.sampled_from(["trial", "dose", "lot", "participant"]), codes, min_size=1))
def test_whatever_the_codes_the_drawn_label_says_them(named: dict[str, str]) -> None:
    drawn = draw_label(Label("vial", named, "Cells", LABEL.lines, LABEL.warnings))
    assert OWN_SCHEME.parse(drawn.code) == {"kind": "vial", **named}


def test_each_label_of_a_printed_page_decodes_at_203_dots_an_inch(tmp_path: Path) -> None:
    code = OWN_SCHEME.compose(LABEL)
    assert decode_picture(render_label_page(LABEL, 10, made="png")) == [code] * 10
    pdf = render_label_page(LABEL, 4)
    assert pdf.startswith(b"%PDF")
    rasteriser = shutil.which("pdftoppm")
    if rasteriser:
        (tmp_path / "page.pdf").write_bytes(pdf)
        subprocess.run(
            [rasteriser, "-r", "203", "-png", tmp_path / "page.pdf", tmp_path / "page"], check=True
        )
        assert decode_picture(next(tmp_path.glob("page*.png")).read_bytes()) == [code] * 4


def test_a_code_that_cannot_be_read_back_or_says_something_else_is_not_printed() -> None:
    with pytest.raises(UnreadableLabel, match="cannot be read back"):
        require_same_code(LABEL, None)
    other = OWN_SCHEME.compose(Label("dose", CODES | {"participant": "P08"}, "Cells"))
    with pytest.raises(UnreadableLabel, match="says something else"):
        require_same_code(LABEL, other)
    too_much = Label("dose", {chr(97 + n) * 3: "X" * 40 for n in range(26)}, "Cells")
    with pytest.raises(UnreadableLabel):
        draw_label(too_much)


@pytest.mark.parametrize(
    "codes, more",
    [
        ({"participant": "Anna Schmidt"}, {}),
        ({"participant": "P07;dose=D2"}, {}),
        ({"participant": ""}, {}),
        ({"dose": "D" * 41}, {}),
        ({"dose": "D1"}, {"title": "x" * 73}),
        ({"dose": "D1"}, {"warnings": ("a",) * 9}),
    ],
)
def test_names_and_what_has_no_room_do_not_get_on_a_label(
    codes: dict[str, str], more: dict[str, object]
) -> None:
    with pytest.raises(BadValue):
        Label("dose", codes, **({"title": "Cells"} | more))  # type: ignore[arg-type]


@given(st.integers(0, 200), st.characters(codec="ascii", min_codepoint=33))
def test_a_changed_character_of_a_scanned_code_is_noticed(place: int, character: str) -> None:
    code = OWN_SCHEME.compose(LABEL)
    place %= len(code)
    changed = code[:place] + character + code[place + 1 :]
    if changed == code:
        return
    with pytest.raises(UnreadableLabel):
        OWN_SCHEME.parse(changed)


@dataclass(frozen=True)
class HospitalScheme:
    """A scheme as a site would bring its own."""

    name: str = "hospital"

    def compose(self, label: Label) -> str:
        return "=H" + label.codes["dose"]

    def parse(self, text: str) -> dict[str, str]:
        return {"kind": "dose", "dose": text.removeprefix("=H")}


def test_a_site_can_bring_its_own_scheme() -> None:
    drawn = draw_label(LABEL, HospitalScheme())
    assert drawn.code == "=HL07.D01" and decode_picture(drawn.picture) == ["=HL07.D01"]
    assert choose_label_scheme() is OWN_SCHEME
    with pytest.raises(Refusal, match="isbt128"):
        choose_label_scheme("isbt128")


def test_the_label_on_the_bag_is_scanned_at_the_bedside_and_a_label_for_another_is_refused() -> None:
    bench = Bench()
    bench.enrol()
    bench.accept()
    bench.procure()
    bench.grow()
    bench.release()
    bench.prescribe()
    bench.prepare()
    bench.label()
    bench.carry()
    printed = bench.dose().labels.data["text"]  # type: ignore[union-attr]  # they were just printed
    label = label_of_dose("SMALL-2", printed)
    scan = decode_picture(draw_label(label).picture)[0]

    def check(bag: str) -> None:
        said = {
            "dose": "X1",
            "at": "2014-01-20T09:50",
            "wristband": "S-1",
            "bag": bag,
            "second": INVESTIGATOR,
        }
        bench.act("check_bedside", NURSE, **said)

    other = draw_label(label_of_dose("SMALL-2", {**printed, "participant": "S-2"})).code
    with pytest.raises(WrongPatient, match="bag does not match"):
        check(other)
    with pytest.raises(UnreadableLabel):
        check(scan.replace("X1", "X7"))
    check(scan)
    assert bench.dose().checked.data["bag"] == "X1"  # type: ignore[union-attr]  # it was just checked


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_copies_reconcile_when_each_is_accounted_for(applied: int, kept: int, destroyed: int) -> None:
    printed = applied + kept + destroyed
    assert check_copies(printed, applied=applied, kept=kept, destroyed=destroyed) == ()
    assert check_copies(printed + 1, applied=applied, kept=kept, destroyed=destroyed)
    assert check_copies(printed, applied=applied + 1, kept=kept, destroyed=destroyed)
