"""Print the accuracy and speed of the topic lexicons: `python -m tests.bench.topics [--write] [--show]`.

The development articles stand outside the repository (../shared); their classes are those of the data's README, and the best
topic among those that stand for a class counts. They are split in two by the check sum of their address: mistakes in one half
were read when words were added, the other was only counted. Our own articles (tests/data/names) have one of the 17 subjects each.
`--write` puts the tables into docs/benchmarks.md, `--show` prints the mistakes of the half that is looked at.
"""

import argparse
import csv
import gzip
import re
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from schemas.labels import TopicScore
from tasks.label.topic_lexicon import lexicon
from tasks.label.topics import label_topics, topic_rows
from tests.bench.report import circumstances, per_cent, table, write_section

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
OWN = ROOT / "tests" / "data" / "names" / "train"
LANGUAGES = ("fr", "en", "de", "es", "it", "pt")
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
SUBJECTS = {
    "arts": "01",
    "crime": "02",
    "disaster": "03",
    "economy": "04",
    "education": "05",
    "environment": "06",
    "health": "07",
    "human": "08",
    "labour": "09",
    "lifestyle": "10",
    "politics": "11",
    "religion": "12",
    "science": "13",
    "society": "14",
    "sport": "15",
    "conflict": "16",
    "weather": "17",
}
"""What our own files are called -> the first two digits of the topic."""
MARK = re.compile(r"\[[A-Z]{3,4} ([^\]]*)\]")
SHORTEST = 120  # characters; what is shorter is a list of names rather than an article
BANDS = ((0.0, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 0.9), (0.9, 1.01))
ROUNDS = 3
MISSING = "skipped: no development data beside the repository"


class Text(NamedTuple):
    """An article with its right class, and whether it is of the half that was only counted."""

    title: str | None
    text: str
    gold: str
    held: bool = False


def development(language: str) -> list[Text]:
    """Return the development articles of a language; none where they are missing."""
    path = SHARED / "data" / "topics" / f"masakhane_{language}_dev.tsv.gz"
    if not path.is_file():
        return []
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    return [Text(row["headline"], row["text"], row["category"], bool(zlib.crc32(row["url"].encode()) % 2)) for row in rows]


def own(language: str) -> list[Text]:
    """Return our own articles of a language, without the marks of names; their class is two digits."""
    found = []
    for path in sorted((OWN / language).glob("*.txt")):
        subject = SUBJECTS.get(path.stem.split("_")[0])
        for part in re.split(r"\n(?=# )|\n\s*\n", MARK.sub(r"\1", path.read_text(encoding="utf-8"))):
            head, _, rest = part.strip().partition("\n")
            title, text = (head[2:], rest) if head.startswith("# ") else (None, part)
            if subject and len(text) >= SHORTEST:
                found.append(Text(title, text, subject))
    return found


def best_class(topics: Iterable[TopicScore], known: set[str]) -> str:
    """Return the class of the best topic that stands for one."""
    classes = (CLASSES.get(topic.topic_id[7:9], "") for topic in topics)
    return next((name for name in classes if name in known), "none")


def best_top(topics: Sequence[TopicScore]) -> str:
    """Return the two digits of the best topic."""
    return topics[0].topic_id[7:9] if topics else "none"


def right(pairs: Iterable[tuple[str, str]]) -> str:
    """Return in per cent how many of the answers are right."""
    told = list(pairs)
    return per_cent(sum(gold == guess for gold, guess in told) / max(1, len(told)))


def speed(language: str, texts: Sequence[Text]) -> tuple[str, str, str]:
    """Return milliseconds of loading, and articles a CPU second in the first round and in the best of the next."""
    lexicon.cache_clear()
    start = time.process_time()
    lexicon(language)
    loading = time.process_time() - start
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for text in texts:
            label_topics(text.title, text.text, language)
        rounds.append(len(texts) / (time.process_time() - start))
    return f"{loading * 1000:.0f}", f"{rounds[0]:.0f}", f"{max(rounds[1:]):.0f}"


def accuracy(language: str, texts: Sequence[Text], show: bool) -> tuple[list[str], list[list[str]]]:
    """Return the row of a language, and a row for each class."""
    known = {text.gold for text in texts}
    told = [(text, best_class(label_topics(text.title, text.text, language), known)) for text in texts]
    halves = [right((text.gold, guess) for text, guess in told if text.held == held) for held in (False, True)]
    row = [language, str(len(texts)), right((text.gold, guess) for text, guess in told), *halves, *speed(language, texts)]
    classes = [_class_row(language, gold, [guess for text, guess in told if text.gold == gold]) for gold in sorted(known)]
    for text, guess in told:
        if show and not text.held and guess != text.gold:
            print(f"  {text.gold:14}{guess:14}{(text.title or '')[:100]}")
    return row, classes


def _class_row(language: str, gold: str, guesses: Sequence[str]) -> list[str]:
    counted = Counter(guesses)
    wrong = ", ".join(f"{name} {count}" for name, count in counted.most_common() if name != gold)
    return [f"{language} {gold}", str(len(guesses)), per_cent(counted[gold] / len(guesses)), wrong]


def subjects() -> list[list[str]]:
    """Return a row for each language: our own articles, how many get their subject first, or among the topics given."""
    second = {row.topic_id for row in topic_rows() if (row.broader_id or "").endswith("000000")}
    rows = []
    for language in LANGUAGES:
        texts = own(language)
        told = [(text.gold, label_topics(text.title, text.text, language)) for text in texts]
        first = right((gold, best_top(topics)) for gold, topics in told)
        among = right((gold, gold if f"medtop:{gold}000000" in {topic.topic_id for topic in topics} else "") for gold, topics in told)
        given = {topic.topic_id for _, topics in told for topic in topics}
        narrow = {topic_id for topic_id in given if not topic_id.endswith("000000")}
        rows.append([language, str(len(texts)), first, among, str(len(narrow & second)), str(len(narrow))])
    return rows


def reliability() -> list[list[str]]:
    """Return for bands of the best topic's score how often it is right: our own articles, development articles held back."""
    mine = [(topics[0].score, best_top(topics) == text.gold) for text, topics in _labelled(own)]
    other = [
        (topics[0].score, CLASSES[best_top(topics)] == text.gold)
        for text, topics in _labelled(development)
        if text.held and best_top(topics) in CLASSES
    ]
    return [[f"{low:.1f} to {min(high, 1):.1f}", *_band(mine, low, high), *_band(other, low, high)] for low, high in BANDS]


def _labelled(read: Callable[[str], list[Text]]) -> list[tuple[Text, tuple[TopicScore, ...]]]:
    found = [(text, label_topics(text.title, text.text, language)) for language in LANGUAGES for text in read(language)]
    return [(text, topics) for text, topics in found if topics]


def _band(scored: Sequence[tuple[float, bool]], low: float, high: float) -> tuple[str, str, str]:
    inside = [(score, good) for score, good in scored if low <= score < high]
    if not inside:
        return "0", "", ""
    said, good = sum(score for score, _ in inside), sum(good for _, good in inside)
    return str(len(inside)), per_cent(said / len(inside)), per_cent(good / len(inside))


def seeds() -> str:
    """Return the topics at the top of the five documents, best first."""
    found = []
    for path in sorted((SHARED / "seeds").glob("*.txt")):
        tops = [topic for topic in label_topics(None, path.read_text(encoding="utf-8"), "fr") if topic.topic_id.endswith("000000")]
        found.append(f"{path.name[:3]}: " + ", ".join(f"{topic.topic_id[7:9]} {topic.score:.2f}" for topic in tops))
    return "; ".join(found)


def section(show: bool) -> str:
    """Return the tables as they stand in the page."""
    measured = [accuracy(language, texts, show) for language in ("fr", "en") if (texts := development(language))]
    heads = ("", "articles", "right", "half read", "half held", "loading, ms", "articles/s, first", "articles/s, then")
    parts = [
        "Shares in per cent of articles whose best topic is the right one. The development articles are the BBC's (MasakhaNEWS), "
        "some 800 words in French and 500 in English; mistakes in the half read were looked at when words were added.",
        table(heads, [row for row, _ in measured]),
        table(("class", "articles", "right", "wrong"), [row for _, classes in measured for row in classes]),
        "Our own articles, short ones of all 17 subjects, with the narrower topics that were given at least once:",
        table(("", "articles", "first is right", "among those given", "second level", "all below the top"), subjects()),
        "What the best topic's score says, and how often that topic is right:",
        table(("score", "own", "said", "right", "held back", "said", "right"), reliability()),
        f"The five documents, topics at the top (11 politics, 16 conflict): {seeds()}.",
        circumstances(()).replace(", .", "."),
    ]
    return "\n\n".join(parts)


def main() -> None:
    """Print the tables, and write them where that is asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--show", action="store_true")
    asked = parser.parse_args()
    told = section(asked.show)
    print(told)
    if not development("fr"):
        print(MISSING)
    elif asked.write:
        write_section("topics", "Topics", told)


if __name__ == "__main__":
    main()
