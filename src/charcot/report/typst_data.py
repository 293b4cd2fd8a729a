"""The report as plain data for the typst templates: every text a string of its own, never part of a program."""

import re
from collections.abc import Collection, Sequence
from typing import Any, assert_never

from charcot.report.document import Block, Figure, Paragraph, Particulars, Points, Report
from charcot.report.format import format_day
from charcot.report.table import Number, Pieces, Table, TableColumn, TableRow, letter_notes, walk_rows
from charcot.report.typst_drawing import resolve_drawing, size_of_drawing
from charcot.report.typst_text import show_covered

LONGEST_UNBROKEN = 24
"""Rows of a table that is kept on one page."""

LONGEST_WORD = 28
"""Characters of a word that is never broken; the same number stands in style.typ."""

CANDIDATES = 16
"""How many of the longest texts of a column are measured for its width."""

BANDS = {"demo": "demo: synthetic follow-up", "practice": "practice: not a trial"}
"""What stands across the first page and in the running header, by purpose."""

_PLAIN_NUMBER = re.compile(r"[−<]?\d[\d\N{THIN SPACE}]*(?:\.\d+)?|–")

Data = dict[str, Any]


def derive_typst_data(report: Report) -> Data:
    """The whole report: words of the title page and the running header, then sections of blocks."""
    synthetic = report.synthetic
    receipt = report.receipt
    data: Data = {
        "title": report.title,
        "short": report.short_title,
        "language": report.language.split("-")[0],
        "direction": report.direction,
        "band": BANDS.get(report.purpose, ""),
        "facts": [{"name": name, "text": text} for name, text in report.facts],
        "protocol": f"version {report.protocol_version}",
        "cut": format_day(report.cut),
        "date": [report.cut.year, report.cut.month, report.cut.day],
        "entry": f"entry {receipt.sequence}",
        "receipt": str(receipt),
        "receipt_short": f"receipt {receipt.sequence}:{receipt.hash[:16]}…",
        "synthetic": bool(synthetic),
        "sections": [
            {
                "id": section.id,
                "title": section.title,
                "blocks": [_block(block, synthetic) for block in section.blocks],
            }
            for section in report.sections
        ],
    }
    shown: Data = cover_texts(data)
    return shown


def cover_texts(value: Any) -> Any:
    """The same data with every character that the fonts do not hold written by its number; drawings apart."""
    if isinstance(value, str):
        return show_covered(value)
    if isinstance(value, list):
        return [cover_texts(part) for part in value]
    if isinstance(value, dict):
        return {name: part if name == "svg" else cover_texts(part) for name, part in value.items()}
    return value


def _block(block: Block, synthetic: Collection[str]) -> Data:
    match block:
        case Table():
            return _table(block, synthetic)
        case Paragraph(pieces=pieces, kind=kind):
            return {"block": "paragraph", "kind": kind, "pieces": _pieces(pieces, synthetic)}
        case Points(points=points):
            return {"block": "points", "points": _named(points, synthetic)}
        case Particulars(facts=facts):
            return {"block": "particulars", "facts": _named(facts, synthetic)}
        case Figure():
            return _figure(block, synthetic)
    assert_never(block)


def _named(parts: Sequence[tuple[str, Pieces]], synthetic: Collection[str]) -> list[Data]:
    return [{"name": name, "pieces": _pieces(pieces, synthetic)} for name, pieces in parts]


def _figure(figure: Figure, synthetic: Collection[str]) -> Data:
    drawings = []
    for svg in figure.svgs:
        width, height = size_of_drawing(svg)
        drawings.append({"svg": resolve_drawing(svg), "width": width, "height": height})
    return {
        "block": "figure",
        "title": figure.title,
        "alt": figure.alt,
        "drawings": drawings,
        "narrow": figure.narrow,
        "beside": figure.beside,
        "caption": _pieces(figure.caption, synthetic),
        "data": None if figure.data is None else _table(figure.data, synthetic),
    }


def _pieces(pieces: Pieces, synthetic: Collection[str]) -> list[Data]:
    return [_piece(piece, synthetic) for piece in pieces]


def _piece(piece: Any, synthetic: Collection[str]) -> Data:
    if isinstance(piece, str):
        return {"kind": "text", "text": piece}
    if isinstance(piece, Number):
        return {"kind": "number", "text": piece.text, "synthetic": piece.result.id in synthetic}
    return {"kind": "verbatim", "text": piece.text}


def _table(table: Table, synthetic: Collection[str]) -> Data:
    letters = letter_notes(table)
    rows = list(walk_rows(table.rows))
    columns = [
        _column(column, [_cell(row, index, column, synthetic) for _, row in rows], letters)
        for index, column in enumerate(table.columns)
    ]
    labels: list[Data] = [
        {
            "level": level,
            "group": bool(row.children),
            "bare": bool(row.children) and not any(cell.pieces for cell in row.cells),
            "label": row.label,
            "unit": row.unit,
            "mark": letters.get(row.note, ""),
        }
        for level, row in rows
    ]
    return {
        "block": "table",
        "title": table.title,
        "caption": _pieces(table.caption, synthetic),
        "stub": table.stub,
        "labels": labels,
        "widest_labels": _longest([label["label"] + label["unit"] for label in labels if not label["bare"]]),
        "label_words": _longest(
            _words([table.stub, *(label["label"] for label in labels if not label["bare"])])
        ),
        "columns": columns,
        "notes": [{"mark": letter, "text": text} for text, letter in letters.items()]
        + [{"mark": "", "text": text} for text in table.notes],
        "whole": len(rows) <= LONGEST_UNBROKEN,
    }


def _column(column: TableColumn, cells: list[list[Data]], letters: dict[str, str]) -> Data:
    texts = ["".join(piece["text"] for piece in cell) for cell in cells]
    shapes: dict[tuple[str, ...], int] = {}
    places: list[Data] = []
    if column.kind == "number":
        for index, cell in enumerate(cells):
            shapes.setdefault(tuple(p["text"] if p["kind"] != "number" else "" for p in cell), index)
            for place, piece in enumerate(p for p in cell if p["kind"] == "number"):
                if place == len(places):
                    places.append({"whole": {}, "rest": {}, "all": {}})
                whole, point, rest = piece["text"].partition(".")
                piece |= {"whole": whole, "rest": point + rest, "place": place}
                for name, part in (("whole", whole), ("rest", point + rest), ("all", piece["text"])):
                    places[place][name][re.sub(r"\d", "0", part)] = None
    return {
        "head": column.head,
        "under": column.under,
        "mark": letters.get(column.note, ""),
        "kind": column.kind,
        "cells": cells,
        "places": [{name: list(parts) for name, parts in place.items()} for place in places],
        "widest": list(shapes.values()) if shapes else _longest(texts),
        "words": _longest(_words([column.under, *texts]) + _unbroken(cells)),
        "head_words": _longest(_words([column.head])),
    }


def _cell(row: TableRow, index: int, column: TableColumn, synthetic: Collection[str]) -> list[Data]:
    """The pieces of a cell. A bare number in a column of numbers is aligned as those with a result are."""
    pieces = _pieces(row.cells[index].pieces, synthetic) if index < len(row.cells) else []
    if column.kind == "number" and len(pieces) == 1 and _PLAIN_NUMBER.fullmatch(pieces[0]["text"]):
        return [{"synthetic": False, **pieces[0], "kind": "number"}]
    return pieces


def _longest(texts: Sequence[str]) -> list[str]:
    return sorted(dict.fromkeys(texts), key=len, reverse=True)[:CANDIDATES]


def _words(texts: Sequence[str]) -> list[str]:
    return [word[:LONGEST_WORD] for text in texts for word in re.split(r"(?<=[-/–])|\s+", text) if word]


def _unbroken(cells: Sequence[list[Data]]) -> list[str]:
    """Numbers and short code keep on one line."""
    found = [piece["text"] for cell in cells for piece in cell if piece["kind"] != "text"]
    return [text for text in found if len(text) <= LONGEST_WORD]
