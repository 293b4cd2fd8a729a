"""Kinds of FCS files that cytometers write: each read as the standard says and as flowio reads it, or refused in words."""

import io

import flowio
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charcot.product.flow_cytometry import UnreadableTube, clean_tube, parse_spillover, parse_tube
from charcot.product.flow_cytometry.fcs_text import EMPTY_VALUES
from charcot.product.flow_cytometry.tube import NOT_COUNTED, UNNAMED_MATRIX
from product.fcs_files import assemble, make_fcs

TABLE = [[1.5, 200.0], [3.25, 100000.0], [7.0, 5.0]]
MATRIX = "2,FITC-A,PE-A,1,0.25,0.01,1"


def packed(rows: list[list[int]], bits: list[int], order: str) -> bytes:
    """Integers of mixed widths, event by event, by Python's own int.to_bytes."""
    way = "little" if order == "1,2,3,4" else "big"
    return b"".join(
        value.to_bytes(size // 8, way) for row in rows for value, size in zip(row, bits, strict=True)
    )  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from([8, 16, 32]), min_size=1, max_size=4),
    st.sampled_from(["1,2,3,4", "4,3,2,1"]),
    st.sampled_from(["FCS2.0", "FCS3.0", "FCS3.1"]),
    st.data(),
)
def test_integers_of_any_widths_ranges_decades_and_gains_are_read_as_flowio_reads_them(
    bits: list[int], order: str, version: str, data: st.DataObject
) -> None:
    # flowio 1.4.0 (BSD-3) reads them by its own code, byte by byte or with struct
    ranges = [data.draw(st.integers(2, 2**size)) for size in bits]
    scales = [data.draw(st.sampled_from(["0,0", "4,1", "5,0", "4.0,0.1"])) for _ in bits]
    gains = [data.draw(st.sampled_from(["1", "2.5", "0.01"])) for _ in bits]
    rows = data.draw(
        st.lists(st.tuples(*(st.integers(0, 2**size - 1) for size in bits)), min_size=1, max_size=6)
    )
    more = "".join(
        f"$P{n}B/{b}/$P{n}R/{r}/$P{n}E/{e}/$P{n}G/{g}/"
        for n, (b, r, e, g) in enumerate(zip(bits, ranges, scales, gains, strict=True), 1)
    )
    content = make_fcs(
        rows, [f"FL{n}" for n in range(len(bits))], version=version, kind="I", order=order, more=more,
        data=packed([list(row) for row in rows], bits, order),
    )  # fmt: skip
    tube = parse_tube(content)
    assert tube.events.tolist() == flowio.FlowData(io.BytesIO(content)).as_array().tolist()
    assert clean_tube(content)[:6] == content[:6]


def test_bits_above_the_range_are_no_data() -> None:
    # FCS 3.1, $PnR: 1024 means that 10 bits are used; 1000 is raised to the next power of two
    more = "$P1R/1024/$P2R/1000/"
    tube = parse_tube(make_fcs([[0xFC05, 0xFFFF], [1023, 0x0400]], ["A", "B"], kind="I", bits=16, more=more))
    assert tube.events.tolist() == [[5, 1023], [1023, 0]]


def test_channels_of_different_types_are_read_in_fcs_3_2() -> None:
    stored = np.array(
        [(7, 1.5, -0.1), (65535, -2.0, 1e300)], dtype=[("i", ">u2"), ("f", ">f4"), ("d", ">f8")]
    )
    more = "$P1DATATYPE/I/$P1B/16/$P1R/65536/$P3DATATYPE/D/$P3B/64/"
    content = make_fcs(
        [[]] * 2, ["A", "B", "C"], version="FCS3.2", order="4,3,2,1", more=more, data=stored.tobytes()
    )
    for one in (
        content,
        content.replace(b"$MODE/L/$NEXTDATA/0/", b"$X/1234567890123456/"),
    ):  # both are not asked for
        assert parse_tube(one).events.tolist() == [[7, 1.5, -0.1], [65535, -2.0, 1e300]]


@pytest.mark.parametrize("mark", [*"/|\\*^.+!;~#%&-]()[?{}<>:=@_,", "\x0c", "\x1e", "\t", "\n"])
def test_any_delimiter_is_read_and_doubled_it_is_a_letter(mark: str) -> None:
    tube = parse_tube(assemble({"$P1S": f"CD{mark}45", "$P2G": "2", "$OP": f"A{mark}{mark}b"}, mark=mark))
    assert tube.channels[0].stain == f"CD{mark}45" and tube.keywords["op"] == f"A{mark}{mark}b"
    assert tube.names == ("FITC-A", "PE-A") and tube.events.tolist() == [[1.5, 100], [3.25, 50000], [7, 2.5]]


def test_a_letter_is_no_delimiter() -> None:
    with pytest.raises(UnreadableTube, match="begins with no delimiter"):
        parse_tube(assemble({}).replace(b"/$BEGINDATA", b"A$BEGINDATA"))


@pytest.mark.parametrize("raw", ["$P1S//$P2G/2/", "$COM//$P1S//$P2G/2/$OP//", "$P2G/2/$P1S//$P2S//"])
def test_empty_values_swallow_nothing_and_are_noted(raw: str) -> None:
    tube = parse_tube(assemble({}, raw=raw))
    assert tube.channels[1].gain == 2 and tube.channels[0].stain == "" and EMPTY_VALUES in tube.notes


@pytest.mark.parametrize("keyword", ["$SPILLOVER", "SPILLOVER", "$SPILL", "SPILL", "spill", "$Spillover"])
@pytest.mark.parametrize("supplemental", [False, True])
def test_the_spillover_matrix_is_found_under_each_of_its_names(keyword: str, supplemental: bool) -> None:
    said = {keyword: MATRIX, "$P1S": "CD90"}
    tube = parse_tube(assemble({} if supplemental else said, supplement=said if supplemental else None))
    assert tube.spillover_text is not None and tube.channels[0].stain == "CD90"
    assert parse_spillover(tube.spillover_text).matrix.tolist() == [[1, 0.25], [0.01, 1]]
    if supplemental:
        copy = parse_tube(clean_tube(assemble({"$COM": "x" * 300}, supplement=said)))
        assert copy.spillover_text == MATRIX and copy.channels == tube.channels


def test_a_matrix_without_names_is_noted_and_not_used() -> None:
    tube = parse_tube(assemble({"$COMP": "2,1,0.25,0.01,1"}))
    assert tube.spillover_text is None and tube.notes == (UNNAMED_MATRIX,)


def test_two_texts_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(UnreadableTube, match=r"two texts say different \$P2G"):
        parse_tube(assemble({"$P2G": "2"}, supplement={"$P2G": "3"}))
    with pytest.raises(UnreadableTube, match=r"says \$TOT twice, differently"):
        parse_tube(assemble({}, raw="$TOT/4/"))
    assert len(parse_tube(assemble({"$OP": "a"}, raw="$OP/b/"))) == 3  # nothing is read by it


@pytest.mark.parametrize("coding, name", [("utf-8", "CD45-\u03b1 \u062f"), ("latin-1", "\u00b5-Chain")])
def test_names_beyond_ascii_are_read(coding: str, name: str) -> None:
    assert parse_tube(assemble({"$P1N": name, "$P1S": name}, coding=coding)).names == (name, "PE-A")


def test_data_beyond_what_a_header_can_name_are_found_by_the_text() -> None:
    content = assemble({}, begin=100_000_000, header_says=False)
    assert parse_tube(content).events.tolist() == TABLE
    assert (
        parse_tube(assemble({}, header_says=False)).events.tolist() == TABLE
    )  # and where a header says nothing


def test_a_check_sum_or_padding_after_the_data_changes_nothing() -> None:
    for after in (b"00000000", b"0001A2F3", b" " * 700, b"\0" * 3):
        assert parse_tube(assemble({}, after=after)).events.tolist() == TABLE


def test_fcs_2_0_may_leave_the_number_of_events_to_the_data() -> None:
    tube = parse_tube(assemble({"$TOT": " "}, version="FCS2.0"))
    assert len(tube) == 3 and tube.notes == (NOT_COUNTED,)
    with pytest.raises(UnreadableTube, match=r"does not say \$TOT"):
        parse_tube(assemble({"$TOT": " "}))


def test_time_is_counted_in_its_step_and_has_no_gain() -> None:
    tube = parse_tube(assemble({"$P1N": "Time", "$P1G": "0.01", "$TIMESTEP": "0.5"}))
    assert tube.column("Time").tolist() == [0.75, 1.625, 3.5]


@pytest.mark.parametrize(
    "keywords, words",
    [
        ({"$TOT": "2"}, "contradicts itself"),
        ({"$TOT": "four"}, "not a number"),
        ({"$TOT": "2.5"}, "not a whole number"),
        ({"$TOT": "-3"}, "no events"),
        ({"$PAR": "0"}, "0 channels"),
        ({"$PAR": "3"}, "not each named"),
        ({"$NEXTDATA": "4096"}, "several data sets"),
        ({"$DATATYPE": "A", "$P1B": "*"}, "stored as 'A'"),
        ({"$DATATYPE": "I", "$P1B": "10"}, "10 bits"),
        ({"$DATATYPE": "I", "$P1R": "0"}, "range"),
        ({"$P1B": "*"}, "bits"),
        ({"$P1E": "4"}, "not two numbers"),
        ({"$P1E": "4,nan"}, "not a number"),
        ({"$P1E": "-4,1"}, "below zero"),
        ({"$P1E": "4,1", "$P1R": "0"}, "logarithmic channel has no range"),
        ({"$P2G": "strong"}, "not a number"),
        ({"$BYTEORD": "3,4,1,2"}, "byte order"),
        ({"$BEGINDATA": "300", "$ENDDATA": "323"}, "different places"),
        ({"$BEGINSTEXT": "9000", "$ENDSTEXT": "9100"}, "supplemental text is not complete"),
    ],
)
def test_what_a_file_says_wrongly_is_refused_in_words(keywords: dict[str, str], words: str) -> None:
    with pytest.raises(UnreadableTube, match=words) as caught:
        parse_tube(assemble(keywords))
    assert caught.value.next_step


def test_a_file_cut_off_anywhere_is_refused() -> None:
    content = assemble({"$COM": "whole"})
    for size in range(0, len(content), 7):
        with pytest.raises(UnreadableTube):
            parse_tube(content[:size])
