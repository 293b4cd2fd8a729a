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
    LabelScheme,
    UnreadableLabel,
    check_copies,
    label_of_dose,
    require_same_code,
)
from charcot.refusal import BadValue, Refusal
from charcot.report.label_pictures import decode_picture, draw_label, render_label_page
from charcot.wiring.label_schemes import choose_label_scheme, read_scan
from product.bench import INVESTIGATOR, NURSE, TECHNICIAN, Bench, copied

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
        if not text.startswith("=H"):
            raise UnreadableLabel("Not of the hospital", rule="Labels", next_step="Scan another.")
        return {"kind": "dose", "dose": text.removeprefix("=H")}


def test_a_site_can_bring_its_own_scheme() -> None:
    drawn = draw_label(LABEL, HospitalScheme())
    assert drawn.code == "=HL07.D01" and decode_picture(drawn.picture) == ["=HL07.D01"]
    assert choose_label_scheme() is OWN_SCHEME
    with pytest.raises(Refusal, match="isbt128"):
        choose_label_scheme("isbt128")


@pytest.fixture(scope="module")
def carried() -> Bench:
    """X1 at the bedside of S-1."""
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
    return bench


def check(bench: Bench, bag: str, wristband: str = "S-1", **more: LabelScheme) -> None:
    said = {
        "dose": "X1",
        "at": "2014-01-20T09:50",
        "wristband": wristband,
        "bag": bag,
        "second": INVESTIGATOR,
    }
    bench.act("check_bedside", NURSE, **said, **more)


def printed(bench: Bench, **other: str) -> Label:
    """The label of X1 as it was printed, or with something else on it."""
    text = bench.dose().labels.data["text"]  # type: ignore[union-attr]  # it was printed
    return label_of_dose("SMALL-2", {**text, **other})


def test_the_label_on_the_bag_is_scanned_at_the_bedside_and_a_damaged_one_is_not_read(carried: Bench) -> None:
    bench = copied(carried)
    scan = decode_picture(draw_label(printed(bench)).picture)[0]
    with pytest.raises(UnreadableLabel, match="damaged"):
        check(bench, scan.replace("X1", "X7"))
    check(bench, scan)
    assert bench.dose().checked.data["bag"] == "X1"  # type: ignore[union-attr]  # it was just checked


VIAL = OWN_SCHEME.compose(Label("vial", {"vial": "L1.V1", "lot": "L1"}, "Cells"))
OTHER_TRIAL = OWN_SCHEME.compose(
    Label("dose", {"trial": "OTHER", "dose": "X1", "participant": "S-1"}, "Cells")
)


@pytest.mark.parametrize(
    ("bag", "says"),
    [
        ({"dose": "X7"}, "bag does not match: the bag is dose X7, not X1"),
        ({"participant": "S-2"}, "the bag is labelled for S-2, and dose X1 is for S-1"),
        ({"lot": "L9"}, "the bag is labelled as of lot L9, and dose X1 is of L1"),
        (VIAL, "the label scanned as the bag's is that of a vial, not of a dose"),
        (OTHER_TRIAL, "the bag is of the trial OTHER, not of SMALL-2"),
        ("X7", "the bag is dose X7, not X1"),
    ],
)
def test_a_label_of_another_is_refused_in_words_and_entered(
    carried: Bench, bag: str | dict[str, str], says: str
) -> None:
    bench = copied(carried)
    scan = bag if isinstance(bag, str) else OWN_SCHEME.compose(printed(bench, **bag))
    with pytest.raises(WrongPatient, match=says):
        check(bench, scan)
    (refused,) = bench.dose().mismatches
    assert refused.data["bag"] == scan and refused.data["says"] in says and bench.dose().checked is None


def test_the_bags_own_label_never_stands_in_for_the_wristband(carried: Bench) -> None:
    """It names the participant too; scanned twice it would match itself."""
    bench = copied(carried)
    scan = OWN_SCHEME.compose(printed(bench))
    with pytest.raises(WrongPatient, match="wristband does not match: the label of a dose was scanned"):
        check(bench, scan, scan)
    with pytest.raises(WrongPatient, match="the wristband is that of S-2, and dose X1 is for S-1"):
        check(bench, scan, "S-2")
    assert [one.data["wrong"] for one in bench.dose().mismatches] == ["wristband", "wristband"]
    check(bench, scan, OWN_SCHEME.compose(Label("wristband", {"participant": "S-1"}, "Wristband")))
    assert bench.dose().status == "identity verified"


def test_scans_are_read_by_the_scheme_that_the_labels_were_printed_by(carried: Bench) -> None:
    bench, hospital = copied(carried), HospitalScheme()
    with pytest.raises(UnreadableLabel, match="another label scheme: another than charcot"):
        check(bench, hospital.compose(printed(bench)))
    with pytest.raises(
        UnreadableLabel, match="printed by the scheme charcot, and scans are read by hospital"
    ):
        check(bench, "=HX1", scheme=hospital)
    bench.act("print_labels", TECHNICIAN, dose="X1", copies=1, scheme="hospital", reason="Smudged")
    with pytest.raises(
        UnreadableLabel, match="printed by the scheme hospital, and scans are read by charcot"
    ):
        check(bench, "X1")
    with pytest.raises(UnreadableLabel, match="another label scheme: Charcot's own, not hospital"):
        check(bench, OWN_SCHEME.compose(printed(bench)), scheme=hospital)
    with pytest.raises(WrongPatient, match="the bag is dose X7"):
        check(bench, "=HX7", scheme=hospital)
    with pytest.raises(WrongPatient, match="label of a dose was scanned in place of the wristband"):
        check(bench, "=HX1", "=HX1", scheme=hospital)
    check(bench, "=HX1", scheme=hospital)
    assert bench.dose().checked.data["bag"] == "X1"  # type: ignore[union-attr]  # it was just checked


def test_a_scanned_label_fills_the_field_of_a_dose_on_a_page(carried: Bench) -> None:
    assert read_scan(OWN_SCHEME.compose(printed(carried)), "dose") == "X1"
    assert read_scan(" X1 ", "dose") == "X1"
    with pytest.raises(UnreadableLabel, match="that of a vial, and names no dose"):
        read_scan(VIAL, "dose")
    with pytest.raises(UnreadableLabel, match="another label scheme"):
        read_scan("=HX1", "dose")


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_copies_reconcile_when_each_is_accounted_for(applied: int, kept: int, destroyed: int) -> None:
    printed = applied + kept + destroyed
    assert check_copies(printed, applied=applied, kept=kept, destroyed=destroyed) == ()
    assert check_copies(printed + 1, applied=applied, kept=kept, destroyed=destroyed)
    assert check_copies(printed, applied=applied + 1, kept=kept, destroyed=destroyed)
