"""A store as a folder of files for other programs, and for another store.

    choose articles | tables as Parquet, or articles as JSON Lines, ninjs, JSON Feed, RSS | manifest | the folder in its place

What is written stands in a draft beside the folder until all of it is there. tasks/read/exported.py reads it back.
"""
