"""FCS files: read as the standard says, or refused in words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charcot.product.flow_cytometry import UnreadableTube, clean_tube, parse_tube
from charcot.product.flow_cytometry.tube import ONE_BYTE_MORE
from charcot.simulation.tubes import draw_tube
from product.fcs_files import make_fcs, real_file

TABLE = [[1.5, 200.0], [3.25, 100000.0], [7.0, 5.0]]


def refused(content: bytes) -> str:
    with pytest.raises(UnreadableTube) as caught:
        parse_tube(content)
    assert caught.value.next_step
    return caught.value.what


@pytest.mark.parametrize("version", ["FCS2.0", "FCS3.0", "FCS3.1", "FCS3.2"])
@pytest.mark.parametrize("order", ["1,2,3,4", "4,3,2,1"])
@pytest.mark.parametrize("kind, bits", [("F", 32), ("D", 64), ("I", 32)])
def test_every_version_order_and_type_gives_the_same_events(
    version: str, order: str, kind: str, bits: int
) -> None:
    table = [[1, 200], [3, 100000], [7, 5]] if kind == "I" else TABLE
    tube = parse_tube(make_fcs(table, ["FSC-A", "PE-A"], version=version, order=order, kind=kind, bits=bits))
    assert tube.events.tolist() == table
    assert tube.names == ("FSC-A", "PE-A") and tube.version == version


def test_logarithmic_channels_and_gains_become_linear() -> None:
    # FCS 3.1, $PnE: value = 10 ** (decades * x / range) * offset; $PnG: value / gain
    more = "$P1E/4,1/$P1R/1024/$P2E/0,0/$P2G/2/$P2R/1024/"
    tube = parse_tube(
        make_fcs([[0, 10], [512, 20], [256, 30]], ["FL1-H", "SSC-H"], kind="I", bits=16, more=more)
    )
    assert tube.column("FL1-H").tolist() == [1.0, 100.0, 10.0]
    assert tube.column("SSC-H").tolist() == [5.0, 10.0, 15.0]


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "no FCS file"),
        (b"FCS3.1", "broken"),
        (b"not a cytometer's file at all, but long enough to look like one" * 3, "no FCS file"),
        (make_fcs(TABLE, ["A", "B"], bits=24, kind="I", data=b"\0" * 18), "24 bits, which cannot be read"),
        (make_fcs(TABLE, ["A", "B"], kind="F", bits=16, data=b"\0" * 12), "16 bits"),
        (make_fcs([[1, 2]], ["A", "B"], kind="I", bits=16), "more than 16 bits hold"),
        (make_fcs(TABLE, ["A", "B"], order="3,4,1,2"), "byte order"),
        (make_fcs(TABLE, ["A", "B"])[:-4], "cut off"),
        (make_fcs(TABLE, ["A", "B"])[:1990], "cut off"),
        (make_fcs(TABLE, ["A", "B"])[:300], "broken"),
        (make_fcs(TABLE, ["A", "B"], total=4), "cut off"),
        (make_fcs(TABLE, ["A", "B"], total=2), "contradicts itself"),
        (make_fcs(TABLE, ["A", "B"], total=100_000_000_000), "cut off"),
        (make_fcs(TABLE, ["A", "A"]), "named differently"),
        (make_fcs([[np.nan, 1.0]], ["A", "B"]), "are no numbers"),
        (make_fcs([[np.inf, 1.0]], ["A", "B"]), "are no numbers"),
        (make_fcs(TABLE, ["A", "B"]).replace(b"$MODE/L", b"$MODE/C"), "histograms"),
        (make_fcs(TABLE, ["A", "B"]).replace(b"$DATATYPE/F", b"$DATATYPE/A"), "stored as 'A'"),
        (make_fcs(TABLE, ["A", "B"]).replace(b"$NEXTDATA/0", b"$NEXTDATA/9"), "several data sets"),
        (make_fcs(TABLE, ["A", "B"]).replace(b"$BEGINDATA/2000", b"$BEGINDATA/2004"), "contradicts itself"),
        (make_fcs([], ["A", "B"]), "no events"),
    ],
)  # fmt: skip
def test_what_cannot_be_trusted_is_refused_in_words(content: bytes, words: str) -> None:
    assert words in refused(content)


def test_a_file_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(UnreadableTube, match="at most 10"):
        parse_tube(make_fcs(TABLE, ["A", "B"]), most_bytes=10)


def test_an_end_counted_one_byte_too_far_is_read_where_the_number_of_events_confirms_it_and_noted() -> None:
    content = make_fcs(TABLE, ["A", "B"], stop_more=1) + b"0"
    tube = parse_tube(content)
    assert tube.events.tolist() == TABLE and tube.notes == (ONE_BYTE_MORE,)
    assert "contradicts itself" in refused(make_fcs(TABLE, ["A", "B"], stop_more=2) + b"00")


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 800) | st.integers(256, 640), st.binary(min_size=1, max_size=40))
def test_no_broken_file_ends_otherwise_than_in_a_tube_or_a_refusal(place: int, noise: bytes) -> None:
    content = bytearray(make_fcs(TABLE, ["A", "B"]))
    content[place % len(content) : place % len(content) + len(noise)] = noise
    try:
        tube = parse_tube(bytes(content))
    except UnreadableTube:
        return
    assert tube.events.ndim == 2 and np.isfinite(tube.events).all()


def test_the_broken_and_the_contradictory_real_file_are_refused() -> None:
    assert "no FCS file" in refused(real_file("fcsparser_corrupted.fcs"))
    assert "header and its text say" in refused(real_file("FlowIO_data_start_offset_discrepancy.fcs"))


@pytest.mark.parametrize(
    "name, secrets",
    [
        ("FlowKit_test_comp_example.fcs", [b"Angelica", b"PBMC_LRS005", b"WBProtocol"]),
        ("FlowKit_gate_ref_data1.fcs", [b"FJ#192659", b"Patient", b"Case Number"]),
        ("flowCore_060909.001_unstained.fcs", [b"060909.001", b"08-Sep-06"]),
    ],
)
def test_a_cleaned_copy_has_the_same_events_and_nobody_s_name(name: str, secrets: list[bytes]) -> None:
    content = real_file(name)
    copy = clean_tube(content)
    assert all(secret.lower() in content.lower() and secret.lower() not in copy.lower() for secret in secrets)
    before, after = parse_tube(content), parse_tube(copy)
    assert after.events.tobytes() == before.events.tobytes() and after.channels == before.channels
    assert after.spillover_text == before.spillover_text and len(copy) == len(content)


@given(st.text(st.characters(codec="latin-1", exclude_characters="/\0"), min_size=4, max_size=60))
def test_no_value_of_an_unknown_keyword_survives_cleaning(value: str) -> None:
    secret = f"Zz{value}zZ"
    more = f"$OP/{secret}/X-PATIENT-{secret}/{secret}/"
    assert b"zZ" not in clean_tube(make_fcs(TABLE, ["A", "B"], more=more))


def test_synthetic_files_say_so_in_name_and_header_and_come_again_from_their_seed() -> None:
    one, again = (draw_tube("L01_P2_unstained", {}, seed=[7, 1], events=500) for _ in range(2))
    assert one == again and one != draw_tube("L01_P2_unstained", {}, seed=[7, 2], events=500)
    tube = parse_tube(one.content)
    assert one.name == "synthetic_L01_P2_unstained.fcs"
    assert "SYNTHETIC DATA, drawn with seed 7-1" in tube.keywords["com"] and len(tube) == 500
