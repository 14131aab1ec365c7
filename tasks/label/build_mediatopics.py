"""Write the shipped table of Media Topics from a JSONL dump: `python -m tasks.label.build_mediatopics DUMP > mediatopics.tsv`.

A line of the dump is {code, broader, label: {en-US, fr, ...}, ...}. The vocabulary is IPTC's, CC BY 4.0.
"""

import csv
import json
import sys
from collections.abc import Iterable, Iterator

HEADER = ("topic_id", "name_en", "name_fr", "broader_id")


def table_rows(lines: Iterable[str]) -> Iterator[tuple[str, str, str, str]]:
    """Yield the table's rows in the dump's order; a label or parent that is missing is an empty string."""
    for line in lines:
        topic = json.loads(line)
        labels = topic["label"]
        yield topic["code"], labels["en-US"].strip(), (labels.get("fr") or "").strip(), topic["broader"] or ""


def main() -> None:
    """Read the dump named on the command line, write the table to standard output."""
    with open(sys.argv[1], encoding="utf-8") as dump:  # noqa: PTH123 - a name from the command line
        writer = csv.writer(sys.stdout, delimiter="\t", lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(sorted(table_rows(dump)))


if __name__ == "__main__":
    main()
