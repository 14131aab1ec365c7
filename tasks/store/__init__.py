"""The DuckDB store: migrations, load, publish, query. All SQL that changes data stands in this room.

Here are the file, its transactions and what every batch goes through; in the rooms below what a batch says of articles, copies, stories,
labels, feeds and words to search for, the care of what is stored, and how people read it.
"""
