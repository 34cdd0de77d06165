"""Reading rows of CSV and Parquet files, a few thousand at a time."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet

from kerashar.data.tables.header import Header
from kerashar.data.tables.naming_the_file import naming_the_table
from kerashar.data.tables.table_layout import TableLayout

BLOCK = 2**20  # bytes of a CSV file read at once; no line may be longer
_BATCH = 2**14  # rows of a Parquet file read at once
_MISSING = ["", "NaN", "nan", "NA", "N/A", "null", "NULL"]


def read_sample(path: Path, header: Header, rows: int) -> pa.Table:
    """The first rows of a table, every cell as text."""
    if header.separator is None:
        with naming_the_table(path), pa_parquet.ParquetFile(path) as file:
            batch = next(file.iter_batches(rows), None)
            columns = [] if batch is None else [_as_text(column) for column in batch.columns]
    else:
        batch = next(_csv_batches(path, header, dict.fromkeys(header.unique_columns(), pa.string()), "."), None)
        columns = [] if batch is None else batch.columns
    if batch is None or not batch.num_rows:
        raise ValueError(f"Expected rows under the header of {path}. Received: none.")
    return pa.table(columns, names=header.unique_columns()).slice(0, rows)


def read_rows(path: Path, header: Header, layout: TableLayout) -> Iterator[pa.RecordBatch]:
    """All rows of a table in batches, with the columns that the layout uses: numbers as float64, else text."""
    zone = "UTC" if layout.time_unit == "datetime with zone" else None
    stamps = pa.timestamp("ns", zone) if layout.time_unit.startswith("datetime") else pa.float64()
    kinds = {"channel": pa.float64(), "time": stamps}
    types = {column: kinds.get(role, pa.string()) for column, role in layout.roles().items()}
    if header.separator is None:
        yield from _parquet_batches(path, types)
    else:
        yield from _csv_batches(path, header, types, layout.decimal)


def _csv_batches(path: Path, header: Header, types: dict[str, pa.DataType], decimal: str) -> Iterator[pa.RecordBatch]:
    with naming_the_table(path):
        try:
            reader = pa_csv.open_csv(
                path,
                pa_csv.ReadOptions(
                    use_threads=False, block_size=BLOCK, skip_rows=header.line, column_names=header.unique_columns()
                ),
                # Empty lines come as empty rows, so that rows and lines are counted alike.
                pa_csv.ParseOptions(delimiter=header.separator, ignore_empty_lines=False),
                pa_csv.ConvertOptions(
                    column_types=types,
                    include_columns=list(types),
                    decimal_point=decimal,
                    null_values=_MISSING,
                    strings_can_be_null=True,
                ),
            )
        except pa.ArrowInvalid as error:
            if "Empty CSV file" in str(error):  # nothing after the header
                return
            raise
        with reader:
            yield from reader


def _parquet_batches(path: Path, types: dict[str, pa.DataType]) -> Iterator[pa.RecordBatch]:
    row = 0
    with naming_the_table(path), pa_parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(_BATCH, columns=list(types)):
            columns = []
            for name, wanted in types.items():
                try:
                    columns.append(_cast(batch.column(name), wanted))
                except (pa.ArrowException, KeyError) as error:
                    raise ValueError(
                        f"Expected column {name!r} of {path} as {wanted}. Received: {error} "
                        f"in rows {row + 1} to {row + batch.num_rows}."
                    ) from error
            yield pa.record_batch(columns, names=list(types))
            row += batch.num_rows


def _cast(column: pa.Array, wanted: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_string(wanted):
        text = _as_text(column)
        if text.null_count < len(text) or column.null_count == len(column):
            return text
        raise pa.ArrowTypeError(f"a column of {column.type}")
    # Nanoseconds since 1970 are above 2**53, so they lose less than a microsecond: allowed here.
    return pc.cast(column, wanted, safe=False)


def _as_text(column: pa.Array) -> pa.Array:
    """Cells as text; a column of lists or other structures comes as missing cells."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    try:
        text = pc.cast(column, pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return pa.nulls(len(column), pa.string())
    missing = pc.call_function("is_in", [text], pc.SetLookupOptions(pa.array(_MISSING)))
    return pc.call_function("if_else", [missing, pa.scalar(None, pa.string()), text])
