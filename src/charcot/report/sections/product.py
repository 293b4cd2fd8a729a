"""The product: doses planned and achieved, release, markers by lot, identity, and the product beside outcomes."""

from charcot.analysis.product_summary import (
    COLUMNS,
    PLANNED,
    VERDICTS,
    ProductResults,
)
from charcot.protocol import Protocol
from charcot.report.document import Block, Figure, Paragraph, Section
from charcot.report.figures.marker_map import describe_map, draw_marker_map
from charcot.report.format import Format
from charcot.report.sections.material import Material
from charcot.report.sections.measured import make_measured_table
from charcot.report.table import EMPTY, Number, Table, TableCell, TableColumn, TableRow, number

BESIDE_HEADS = {
    "prepared_concentration": "Concentration",
    "cells_per_minute": "Rate",
    "viability": "Viable",
    "passage": "Passage",
    "harvest_hours": "From harvest",
}
NOTHING_SHOWN = (
    "So few participants cannot show that anything about the product made a difference. The table is there to be "
    "looked through, case by case, not to be compared: nothing in it was tested, and no trend in it means anything."
)


def make_product(material: Material, results: ProductResults | None) -> tuple[Section, ...]:
    """The section; none where no dose went through the product's record."""
    if results is None:
        return ()
    blocks: list[Block] = [
        Paragraph(
            (
                Number(results.doses),
                " doses were prepared, ",
                Number(results.lots_certified),
                " of them of lots that the qualified person let go. Tests, limits and verdicts are those of the "
                "specification that each lot was certified by.",
            )
        ),
        make_measured_table(
            "product-doses",
            "Doses of the product",
            results.lines,
            f"All doses that were prepared. {material.planned(PLANNED)}",
        ),
        _release(material, results),
        *_identity(material.protocol, results),
    ]
    if results.markers:
        blocks.append(_map(material, results))
    if results.beside:
        blocks += [Paragraph((NOTHING_SHOWN,), "notice"), _beside(material, results)]
    return (Section("product", "The product", tuple(blocks)),)


def _release(material: Material, results: ProductResults) -> Table:
    return Table(
        "release",
        "Release tests and their verdicts",
        "Test",
        (
            TableColumn("Specification", kind="text"),
            *(TableColumn(verdict.capitalize()) for verdict in VERDICTS),
            TableColumn("Lots"),
        ),
        tuple(
            TableRow(
                test.label,
                (
                    TableCell((test.limit,)),
                    *(number(test.verdicts[verdict]) for verdict in VERDICTS),
                    number(test.lots),
                ),
            )
            for test in results.tests
        ),
        caption=(f"Lots of which a dose was prepared. {material.planned(PLANNED)}",),
        notes=("Not tested: the specification names the test, and the record holds no result of it.",),
    )


def _identity(protocol: Protocol, results: ProductResults) -> tuple[Paragraph, ...]:
    """What each published definition of the cells asks for, and what of it was not tested."""
    if protocol.product is None:
        return ()
    found = []
    by_test = {test.test: test for test in results.tests}
    for definition in protocol.product.identities:
        missing = [
            by_test[test].label
            for test in definition.tests
            if test in by_test and by_test[test].verdicts["NOT TESTED"].value == by_test[test].lots.value
        ]
        if missing:
            words = (
                f"{definition.label}: not assessable. {', '.join(missing)} "
                f"{'was' if len(missing) == 1 else 'were'} not tested in any lot; the definition asks for "
                f"{'it' if len(missing) == 1 else 'them'}. That the other markers lie within their limits does not make up for it."
            )
        else:
            words = (
                f"{definition.label}: each of its tests was made in some lot; see the certificate of each."
            )
        found.append(Paragraph((words,)))
    return tuple(found)


def _map(material: Material, results: ProductResults) -> Figure:
    limits = {test.test: test.limit for test in results.tests}
    values = [one.value for one in results.markers]
    lots = sorted({one.lot for one in results.markers})
    labels = list(dict.fromkeys((one.test, one.label) for one in results.markers))
    cells = {(one.lot, one.test): one.value for one in results.markers}
    data = Table(
        "marker-map-data",
        "Numbers of the figure",
        "Lot",
        tuple(TableColumn(label, under="%") for _, label in labels),
        tuple(
            TableRow(
                lot,
                tuple(number(cells[lot, test], 2) if (lot, test) in cells else EMPTY for test, _ in labels),
            )
            for lot in lots
        ),
    )
    return Figure(
        "marker-map",
        "Markers by lot, with their limits",
        (draw_marker_map(results.markers, limits, synthetic=bool(material.synthetic(values))),),
        (
            "Per cent of positive cells of the passage that was released; a coloured frame marks what lies outside its limit. "
            + material.planned(PLANNED),
        ),
        describe_map(results.markers),
        data,
    )


def _beside(material: Material, results: ProductResults) -> Table:
    shown = [column for column in COLUMNS if column.column in BESIDE_HEADS]
    serious = any(one.serious is not None for one in results.beside)
    slope = any(one.slope is not None for one in results.beside)
    return Table(
        "product-outcome",
        "The product beside events and course, one by one",
        "Participant",
        (
            *(TableColumn(BESIDE_HEADS[c.column], under=c.unit) for c in shown),
            TableColumn("Events"),
            *((TableColumn("Serious"),) if serious else ()),
            *((TableColumn("Slope after", under="points/month"),) if slope else ()),
        ),
        tuple(
            TableRow(
                one.participant,
                (
                    *(
                        TableCell((Number(one.product[c.column], Format(c.places, scale=c.scale)),))
                        for c in shown
                    ),
                    number(one.events),
                    *((number(one.serious) if one.serious is not None else EMPTY,) if serious else ()),
                    *((number(one.slope, 2) if one.slope is not None else EMPTY,) if slope else ()),
                ),
            )
            for one in results.beside
        ),
        caption=("Events that began at or after the infusion. Post hoc; a listing, not a comparison.",),
    )
