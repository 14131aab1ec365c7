"""Print the accuracy and speed of the topic lexicons: `python tests/bench/topics.py`.

Evaluation data stand outside the repository (../shared); without them only the speed on our own text is printed.
The best topic among the mapped ones counts, as in the data's README.
"""

import csv
import gzip
import sys
import time
from collections import Counter
from pathlib import Path

from tasks.label.topics import label_topics

SHARED = Path(__file__).resolve().parents[3] / "shared"
CLASSES = {
    "04": "business",
    "15": "sports",
    "11": "politics",
    "16": "politics",
    "02": "politics",
    "07": "health",
    "13": "technology",
    "01": "entertainment",
    "12": "religion",
}
MISSING = "skipped: no development data beside the repository"


def accuracy(language: str, show: bool) -> None:
    """Print the share of articles whose best mapped topic is their class, per class too."""
    path = SHARED / "data" / "topics" / f"masakhane_{language}_dev.tsv.gz"
    if not path.is_file():
        print(f"{language}: {MISSING}")
        return
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    known = {row["category"] for row in rows}
    start = time.process_time()
    labels = [label_topics(row["headline"], row["text"], language) for row in rows]
    seconds = time.process_time() - start
    found = [next((c for topic in topics if (c := CLASSES.get(topic.topic_id[7:9])) in known), "none") for topics in labels]
    pairs = Counter(zip((row["category"] for row in rows), found, strict=True))
    right = sum(count for (gold, guess), count in pairs.items() if gold == guess)
    print(f"{language}: {right / len(rows):.3f} of {len(rows)} articles, {len(rows) / seconds:.0f} a second,", end=" ")
    print(f"{sum(map(len, labels)) / len(rows):.2f} topics each")
    for gold in sorted(known):
        guesses = Counter({guess: count for (truth, guess), count in pairs.items() if truth == gold})
        print(f"  {gold:14}{guesses[gold] / guesses.total():.2f} of {guesses.total():3}", dict(guesses.most_common(5)))
    if show:
        for row, guess in zip(rows, found, strict=True):
            if guess != row["category"]:
                print(f"  {row['category']:14}{guess:14}{row['headline'][:100]}")


def seeds() -> None:
    """Print the topics of the five documents."""
    for path in sorted((SHARED / "seeds").glob("*.txt")):
        topics = label_topics(None, path.read_text(encoding="utf-8"), "fr")
        print(path.name[:3], ", ".join(f"{topic.topic_id[7:9]} {topic.score:.2f}" for topic in topics))


if __name__ == "__main__":
    accuracy("fr", "--show" in sys.argv)
    accuracy("en", "--show" in sys.argv)
    seeds()
