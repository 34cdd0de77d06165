"""One's own recordings out of tables: CSV and Parquet files, and folders of them."""

from kerashar.data.tables.guess_layout import guess_layout
from kerashar.data.tables.import_recordings import import_recordings
from kerashar.data.tables.read_tables import read_tables
from kerashar.data.tables.table_layout import TableLayout

__all__ = ["TableLayout", "guess_layout", "import_recordings", "read_tables"]
