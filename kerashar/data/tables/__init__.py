"""One's own recordings from CSV and Parquet files."""
