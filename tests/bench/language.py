"""Print accuracy and cost of language identification: `python tests/bench/language.py`.

The sentences stand outside the repository (../shared). A headline is a sentence cut to eight words (16 characters in scripts
without spaces). `clean` leaves out Urdu, 84 of whose 200 headlines there are HTTP headers without an Urdu letter.
"""

import gzip
import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tasks.language import identify_language

SENTENCES = Path(__file__).resolve().parents[3] / "shared" / "data" / "language" / "sentences_001_200.jsonl.gz"
UNSPACED = {"zh", "ja", "ko", "th"}
MOST_CONFUSED = 12


def headline(language: str, text: str) -> str:
    """Return the beginning of a sentence, as long as a headline."""
    return text[:16] if language in UNSPACED else " ".join(text.split()[:8])


FORMS: dict[str, Callable[[str, str], str]] = {
    "headline": headline,
    "CAPITALS": lambda language, text: headline(language, text).upper(),
    "sentence": lambda _, text: text,
}


def measure(name: str, rows: list[tuple[str, str]]) -> None:
    """Print the share of right answers, of undetermined ones, and the CPU time of one."""
    start = time.process_time()
    found = [identify_language(text, None, None).code for _, text in rows]
    cost = (time.process_time() - start) / len(rows)
    pairs = Counter((gold, guess) for (gold, _), guess in zip(rows, found, strict=True))
    clean = Counter({pair: count for pair, count in pairs.items() if pair[0] != "ur"})
    shares = [sum(n for (gold, guess), n in counts.items() if gold == guess) / counts.total() for counts in (pairs, clean)]
    undetermined = sum(count for (_, guess), count in pairs.items() if guess == "und")
    print(f"{name}: {shares[0]:.4f}, clean {shares[1]:.4f}, undetermined {undetermined / len(rows):.4f}, {cost * 1e6:.0f} microseconds")
    wrong = Counter({pair: count for pair, count in pairs.items() if pair[0] != pair[1]})
    print("  ", ", ".join(f"{gold}>{guess} {count}" for (gold, guess), count in wrong.most_common(MOST_CONFUSED)))


def main() -> None:
    """Print the time of the first call and the figures of each form."""
    start = time.perf_counter()
    identify_language("The first call loads the models.", None, None)
    print(f"first call: {time.perf_counter() - start:.2f} s")
    if not SENTENCES.is_file():
        print("skipped: no development data beside the repository")
        return
    with gzip.open(SENTENCES, "rt", encoding="utf-8") as lines:
        rows = [(row["language"], row["text"]) for row in map(json.loads, lines)]
    for name, form in FORMS.items():
        measure(name, [(language, form(language, text)) for language, text in rows])
    languages = dict.fromkeys(language for language, _ in rows)
    measure("article", [(code, " ".join(text for language, text in rows if language == code)[:3000]) for code in languages])


if __name__ == "__main__":
    main()
