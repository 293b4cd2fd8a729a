"""Where the values behind a result are from: published, synthetic, entered, imported; found value by value."""

from collections.abc import Mapping

from charcot.analysis.result import Result, rows_behind
from charcot.analysis.selection import Datasets, columns_used
from charcot.datasets import ENTRIES
from charcot.ledger import Entry, Kind


def origins_behind(result: Result, datasets: Datasets, entries: Mapping[int, Entry]) -> frozenset[str]:
    """The origins of the values that the method and its condition read.

    A column that is an item of the form behind the row has that value's own origin; any other column has the
    origins of its row. A row that was only counted is `published` once any of its values is.
    """
    found: set[str] = set()
    columns = {*columns_used(result.rows), *((result.column,) if result.column else ())}
    for row in rows_behind(result, datasets).iter_rows(named=True):
        of_row = set(str(row["origin"]).split("+"))
        own = _own_origins(row[ENTRIES] or (), columns, entries)
        if own:
            found |= own if own != {"derived"} else of_row
        elif "published" in of_row and not result.column:
            found.add("published")
        else:
            found |= of_row
    return frozenset(found)


def _own_origins(sequences: list[int], columns: set[str], entries: Mapping[int, Entry]) -> set[str]:
    found: set[str] = set()
    for sequence in sequences:
        entry = entries.get(sequence)
        if entry is None or entry.kind is not Kind.FORM_RECORDED:
            continue
        values = entry.data["values"]
        found |= {str(values[column]["origin"]) for column in columns if column in values}
    return found - {"derived"} or found
