"""An archive (text, HTML, JSON, WARC, Parquet, folder, zip, gz of each) -> RawDocument, one after the other.

    expand_paths | for each source: walk | open | reader of the format -> Delivery(item, cursor)

A reader turns one stream into pieces and knows nothing of paths or cursors; `formats.READERS` is the table
of them, so a new format is a new file and one row. What cannot be read becomes a Rejection in its place
among the documents. Reading does not look into text and HTML: an empty or binary file is delivered, and
cleaning rejects it.
"""

from schemas.arrival import Delivery
from tasks.read.paths import expand_paths
from tasks.read.source import read_source

__all__ = ["Delivery", "expand_paths", "read_source"]
