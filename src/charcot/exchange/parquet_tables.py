"""Datasets as Parquet files: the columns as they are, with their meaning as key-value metadata."""

import json
from pathlib import Path

from charcot.datasets import Dataset
from charcot.exchange.dictionary import Variable
from charcot.ledger import Receipt


def write_parquet(dataset: Dataset, file: Path, *, receipt: Receipt) -> tuple[Variable, ...]:
    """Writes a dataset as Parquet. The keys begin with `charcot.`; `charcot.columns` is a JSON object by column."""
    columns = {
        column.name: {
            "label": column.label,
            "unit": column.unit,
            "codes": dict(column.codes),
            "source": column.source,
        }
        for column in dataset.columns
    }
    metadata = {
        "charcot.dataset": dataset.name,
        "charcot.label": dataset.label,
        "charcot.one_row_per": dataset.one_row_per,
        "charcot.receipt": str(receipt),
        "charcot.columns": json.dumps(columns, ensure_ascii=False),
    }
    dataset.frame.write_parquet(file, compression="zstd", metadata=metadata)
    return tuple(
        Variable(column, column.name, str(dataset.frame.schema[column.name])) for column in dataset.columns
    )
