"""Body, title and dates of web pages against annotated ones: `python tests/bench/extraction.py [N]`.

Needs the development pages beside the repository (../shared/data/extraction); says so and ends where they are
missing. Scores by their README: a `with` piece that comes out is a true positive, a `without` piece a false one.
"""

import gzip
import json
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from schemas.article import Article
from schemas.document import RawDocument
from tasks.clean.document import clean_document

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "extraction"
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def pages(limit: int | None) -> list[tuple[dict[str, Any], bytes]]:
    """Return (gold, page) pairs."""
    with gzip.open(FOLDER / "gold.jsonl.gz", "rt", encoding="utf-8") as lines:
        gold = [json.loads(line) for line in lines][:limit]
    return [(entry, gzip.decompress((FOLDER / entry["file"]).read_bytes())) for entry in gold]


def score(entry: dict[str, Any], article: Article | None, counts: Counter[str]) -> None:
    """Add one page to the counts."""
    text = " ".join(article.text.split()) if article else ""
    for key, hit, miss in (("with", "tp", "fn"), ("without", "fp", "tn")):
        for piece in entry[key]:
            counts[hit if " ".join(piece.split()) in text else miss] += 1
    if entry.get("title"):
        counts["titles"] += 1
        counts["title_right"] += bool(article and article.title == " ".join(entry["title"].replace("\u00ad", "").split()))
    if "date" in entry:
        found = article.published.at.strftime("%Y-%m-%d") if article and article.published else None
        if entry["date"]:
            counts["dated"] += 1
            counts["date_given"] += found is not None
            counts["date_right"] += found == entry["date"]
        else:
            counts["undated"] += 1
            counts["date_invented"] += found is not None
            if found and article and article.published:
                counts[f"invented by {article.published.found_in}"] += 1


def main() -> None:
    """Measure and print."""
    if not FOLDER.exists():
        print(f"skipped: {FOLDER.name} data is not beside the repository")
        return
    counts: Counter[str] = Counter()
    seconds = 0.0
    for entry, body in pages(int(sys.argv[1]) if len(sys.argv) > 1 else None):
        document = RawDocument(
            body=body,
            media_type="text/html",
            origin=entry["file"],
            place=entry["file"],
            source="bench",
            url=entry["url"] if entry["url"].startswith("http") else None,
        )
        started = time.process_time()
        article = clean_document(document, zone="UTC", now=NOW)
        seconds += time.process_time() - started
        counts["pages"] += 1
        counts["rejected"] += not isinstance(article, Article)
        score(entry, article if isinstance(article, Article) else None, counts)
    precision = counts["tp"] / max(counts["tp"] + counts["fp"], 1)
    recall = counts["tp"] / max(counts["tp"] + counts["fn"], 1)
    print(f"body F1 {2 * precision * recall / max(precision + recall, 1e-9):.4f} (P {precision:.4f} R {recall:.4f})")
    print(f"title exact {counts['title_right'] / max(counts['titles'], 1):.3f}; {seconds / max(counts['pages'], 1) * 1000:.1f} ms a page")
    print(dict(sorted(counts.items())))


if __name__ == "__main__":
    main()
