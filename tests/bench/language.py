"""Print accuracy and cost of language identification, ours and the two libraries' alone: `python -m tests.bench.language [--write]`.

The sentences stand outside the repository (../shared). A headline is a sentence cut to eight words (16 characters in scripts
without spaces). `without Urdu` leaves out a language 84 of whose 200 headlines there are HTTP headers without an Urdu letter.
An article is as many sentences as make 3,000 characters. `--write` puts the table into docs/benchmarks.md.
"""

import argparse
import gzip
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from tasks.language import identify_language
from tests.bench.report import circumstances, per_cent, table, write_section

SENTENCES = Path(__file__).resolve().parents[3] / "shared" / "data" / "language" / "sentences_001_200.jsonl.gz"
UNSPACED = {"zh", "ja", "ko", "th"}
DOUBTFUL = "ur"
UNKNOWN = "und"
ARTICLE = 3000  # characters
MOST_CONFUSED = 12
SAME = {"no": "nb", "nn": "nb", "zh-cn": "zh", "zh-tw": "zh"}
"""The data have one Norwegian and one Chinese; whatever a library calls them is right."""

Row = tuple[str, str]
Identify = Callable[[str], str]


class Answers(NamedTuple):
    """How often a language was called what, and the CPU milliseconds of one answer."""

    pairs: Counter[Row]
    milliseconds: float

    @property
    def right(self) -> float:
        """The share of right answers."""
        return share(self.pairs)

    @property
    def right_clean(self) -> float:
        """The share of right answers without the doubtful language."""
        return share(Counter({pair: count for pair, count in self.pairs.items() if pair[0] != DOUBTFUL}))

    @property
    def undetermined(self) -> float:
        """The share of texts about which nothing was said."""
        return sum(count for (_, guess), count in self.pairs.items() if guess == UNKNOWN) / self.pairs.total()


def share(pairs: Counter[Row]) -> float:
    """Return the share of pairs that are equal."""
    return sum(count for (gold, guess), count in pairs.items() if gold == guess) / pairs.total()


def ours(text: str) -> str:
    """Return our answer."""
    return identify_language(text, None, None).code


def langdetect(text: str) -> str:
    """Return langdetect's answer, drawn with seed 0."""
    from langdetect import DetectorFactory, LangDetectException, detect

    DetectorFactory.seed = 0
    try:
        return str(detect(text))
    except LangDetectException:
        return UNKNOWN


def py3langid(text: str) -> str:
    """Return py3langid's answer."""
    from py3langid import classify

    return str(classify(text)[0])


DETECTORS: dict[str, Identify] = {"ours": ours, "langdetect, seed 0": langdetect, "py3langid": py3langid}


def headline(language: str, text: str) -> str:
    """Return the beginning of a sentence, as long as a headline."""
    return text[:16] if language in UNSPACED else " ".join(text.split()[:8])


FORMS: dict[str, Callable[[str, str], str]] = {
    "headline": headline,
    "CAPITALS": lambda language, text: headline(language, text).upper(),
    "sentence": lambda _, text: text,
}


def articles(rows: Sequence[Row]) -> list[Row]:
    """Return the sentences of each language as texts of the length of an article."""
    told: dict[str, str] = {}
    for language, text in rows:
        told[language] = f"{told.get(language, '')} {text}".strip()
    return [
        (language, text[start : start + ARTICLE]) for language, text in told.items() for start in range(0, len(text) - ARTICLE, ARTICLE)
    ]


def measure(identify: Identify, rows: Sequence[Row]) -> Answers:
    """Return the answers for some texts."""
    start = time.process_time()
    found = [identify(text) for _, text in rows]
    cost = (time.process_time() - start) / len(rows)
    return Answers(Counter((gold, SAME.get(guess, guess)) for (gold, _), guess in zip(rows, found, strict=True)), cost * 1000)


def line(name: str, found: dict[str, Answers]) -> list[str]:
    """Return a detector's row of the table."""
    shares = [f"{per_cent(found[form].right)} / {per_cent(found[form].right_clean)}" for form in FORMS]
    costs = [f"{found[form].milliseconds:.2f}" for form in ("headline", "article")]
    return [name, *shares, per_cent(found["article"].right), per_cent(found["headline"].undetermined), *costs]


def print_confused(found: dict[str, Answers]) -> None:
    """Print what our answers mix up most in each form."""
    for form, answers in found.items():
        wrong = Counter({pair: count for pair, count in answers.pairs.items() if pair[0] != pair[1]})
        print(f"{form}:", ", ".join(f"{gold}>{guess} {count}" for (gold, guess), count in wrong.most_common(MOST_CONFUSED)))


def sentences() -> list[Row]:
    """Return the development sentences with their languages."""
    with gzip.open(SENTENCES, "rt", encoding="utf-8") as lines:
        return [(row["language"], row["text"]) for row in map(json.loads, lines)]


def main() -> None:
    """Print the time of the first call and the figures of each form; write them where that is asked for."""
    options = argparse.ArgumentParser(description="Language identification on annotated sentences.")
    options.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    given = options.parse_args()
    start = time.perf_counter()
    first = [identify("The first call loads the models.") for identify in DETECTORS.values()]
    print(f"first calls: {time.perf_counter() - start:.2f} s, {', '.join(first)}")
    if not SENTENCES.is_file():
        print("skipped: the annotated sentences are not beside the repository")
        return
    rows = sentences()
    texts = {name: [(language, form(language, text)) for language, text in rows] for name, form in FORMS.items()} | {
        "article": articles(rows)
    }
    found = {name: {form: measure(identify, some) for form, some in texts.items()} for name, identify in DETECTORS.items()}
    head = ["", *(f"{form}, all / without Urdu" for form in FORMS), "article", "undetermined headlines", "ms a headline", "ms an article"]
    drawn = table(head, [line(name, answers) for name, answers in found.items()])
    print(drawn)
    print_confused(found["ours"])
    if given.write:
        many = len({language for language, _ in rows})
        about = (
            f"{len(rows):,} sentences in {many} languages; shares in per cent. A headline is the first eight words of a sentence, "
            f"an article {ARTICLE:,} characters of them ({len(texts['article'])} articles). Urdu is doubtful in the data."
        )
        write_section("language", "Language of a text", f"{about}\n\n{drawn}\n\n{circumstances(['langdetect', 'py3langid'])}")


if __name__ == "__main__":
    main()
