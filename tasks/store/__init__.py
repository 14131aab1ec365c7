"""The DuckDB store: migrations, load, publish, query. All SQL that changes data stands in this room."""
