"""Measure the finding of names: `python -m tests.bench.entities [-v] [--write] [seeds]`.

Our own held-back articles (tests/data/names/held_back), which no model is trained on, by somebody who saw no rule: exact span and
kind. Where the folder `shared` stands beside the repository: the tenth of public corpora that is left out of training, and five
real documents, where names in removed lines count by surface and kind.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from schemas.article import Article, RemovedBlock
from schemas.labels import EntityKind, Mention
from tasks.label.corpora import KINDS, Annotated, read_marked
from tasks.label.entities import find_entities, knowledge
from tasks.label.names.reading import Reading
from tasks.label.names.spans import Span
from tasks.label.names.tagger import tagger
from tasks.label.train_names import PUBLIC, public_texts
from tests.bench.report import circumstances, table, write_section

HELD_BACK = Path(__file__).parents[1] / "data" / "names" / "held_back"
SHARED = Path(__file__).resolve().parents[2].parent / "shared"

Found = tuple[int, int, str]
Place = tuple[str, int, int, EntityKind]
"""Field, start, end, kind."""


def seed_article(name: str, fields: dict[str, object]) -> Article:
    """Return the article that cleaning should make of a seed: dropped lines removed with a role guessed from their form."""
    raw = (SHARED / "seeds" / name).read_text(encoding="utf-8")
    drop = Counter(str(line) for line in fields["drop"])  # type: ignore[attr-defined]
    title, kept, removed = fields["title"], [], []
    for line in raw.splitlines():
        if line == title:
            title = line
        elif drop[line] > 0:
            drop[line] -= 1
            removed.append(RemovedBlock(role=_role(line), reason="gold", text=line))
        elif line.strip():
            kept.append(line)
    return Article(
        text="\n\n".join(kept), title=str(title) if title else None, byline=tuple(fields["byline"]), agency=tuple(fields["agency"]),  # type: ignore[arg-type]
        source="seeds", removed=tuple(removed),
    )  # fmt: skip


def _role(line: str) -> str:
    if line.startswith("Par "):
        return "byline"
    if line.startswith("Avec "):
        return "agency"
    if "(Photo" in line or "Getty" in line or "à droite" in line:
        return "caption"
    if "Epoch Times" in line:
        return "donation"
    return "related" if len(line) > 60 else "furniture"


def raw_mentions(
    raw: str, article: Article, mentions: tuple[Mention, ...], kinds: dict[str, str]
) -> tuple[set[Found], Counter[tuple[str, str]]]:
    """Return mentions of title and text as spans of the raw file, and the removed ones counted by surface and kind."""
    lines = {"title": [(0, article.title or "")], "text": []}
    position = 0
    for line in article.text.split("\n\n"):
        lines["text"].append((position, line))
        position += len(line) + 2
    offsets: dict[str, list[tuple[int, int, int]]] = {}
    for field, parts in lines.items():
        cursor = 0
        for start, line in parts:
            at = raw.index(line, cursor) if line else 0
            offsets.setdefault(field, []).append((start, start + len(line), at - start))
            cursor = at + len(line)
    spans, removed = set(), Counter()
    for mention in mentions:
        kind = kinds[mention.entity_id]
        if mention.start is None or mention.end is None:
            removed[mention.surface, kind] += 1
            continue
        shift = next(s for a, b, s in offsets[mention.field] if a <= mention.start <= b)
        spans.add((mention.start + shift, mention.end + shift, kind))
    return spans, removed


def seeds(verbose: bool) -> None:
    """Print precision, recall and F1 on the five documents."""
    gold = json.loads((SHARED / "data/entities/seeds_gold.json").read_text(encoding="utf-8"))
    fields = json.loads((SHARED / "data/entities/seeds_fields_gold.json").read_text(encoding="utf-8"))
    right = found = wanted = 0
    identity: dict[str, Counter[str]] = {}
    for document in gold:
        name = document["file"]
        raw = (SHARED / "seeds" / name).read_text(encoding="utf-8")
        article = seed_article(name, fields[name])
        mentions, entities = find_entities(article, "fr")
        ours, removed = raw_mentions(raw, article, mentions, {e.entity_id: e.kind for e in entities})
        theirs = {(m["start"], m["end"], m["type"]): m for m in document["mentions"] if m["type"] in KINDS}
        hits = ours & theirs.keys()
        rest = Counter((theirs[span]["text"], span[2]) for span in theirs.keys() - hits)
        good_removed = rest & removed
        right += len(hits) + good_removed.total()
        found += len(ours) + removed.total()
        wanted += len(theirs)
        by_surface = {m.surface: m.entity_id for m in mentions}
        for span in hits:
            identity.setdefault(theirs[span]["id"], Counter())[by_surface[theirs[span]["text"]]] += 1
        if verbose:
            print(name, "extra", [raw[a:b] + "/" + k for a, b, k in sorted(ours - hits)], dict(removed - good_removed))
            print(name, "missed", dict(rest - good_removed))
    _report("seeds", right, found, wanted)
    split = {key: dict(ids) for key, ids in identity.items() if len(ids) > 1}
    print("  entities split over several ids:", split or "none")


def _report(name: str, right: int, found: int, wanted: int) -> None:
    precision, recall = right / max(found, 1), right / max(wanted, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    print(f"{name:18s} P {precision:.3f}  R {recall:.3f}  F1 {f1:.3f}   ({right} right of {found} found, {wanted} wanted)")


class Count(NamedTuple):
    """Names that are right, found and wanted, each by kind, and the words and CPU seconds they took."""

    right: Counter[str]
    found: Counter[str]
    wanted: Counter[str]
    words: int
    seconds: float

    def f1(self, kind: str | None = None) -> float:
        """Return the F1 of a kind, or of all together."""
        right, found, wanted = (part[kind] if kind else part.total() for part in self[:3])
        return 2 * right / max(1, found + wanted)


def whole(one: Annotated, language: str) -> set[Place]:
    """Return the names that labelling finds: table, rules, model and registry together."""
    mentions, entities = find_entities(Article(text=one.text, title=one.title or None, source="bench"), language)
    kinds = {entity.entity_id: entity.kind for entity in entities}
    return {(m.field, m.start, m.end, kinds[m.entity_id]) for m in mentions if m.start is not None and m.end is not None}


def by_table(one: Annotated, language: str) -> set[Place]:
    """Return the names of the knowledge table alone."""
    reading = Reading(knowledge(), [one.title, one.text], language)
    return _placed(reading, [evidence.known for evidence in reading.evidence])


def by_model(one: Annotated, language: str) -> set[Place]:
    """Return the names that the model sees, as they come."""
    reading = Reading(knowledge(), [one.title, one.text], language)
    return _placed(reading, tagger().names(reading.evidence))


def _placed(reading: Reading, spans: Sequence[Sequence[Span]]) -> set[Place]:
    return {
        (field, tokens.starts[span.first], tokens.ends[span.last - 1], span.kind)
        for field, tokens, some in zip(("title", "text"), reading.texts, spans, strict=True)
        for span in some
    }


def count(texts: Iterable[tuple[Annotated, str]], finder: Callable[[Annotated, str], set[Place]]) -> Count:
    """Return how a finder does on annotated texts."""
    right, found, wanted, words, seconds = Counter[str](), Counter[str](), Counter[str](), 0, 0.0
    for one, language in texts:
        begun = time.process_time()
        ours = finder(one, language)
        seconds += time.process_time() - begun
        gold = {("title", *place) for place in one.title_names} | {("text", *place) for place in one.names}
        for part, places in ((right, ours & gold), (found, ours), (wanted, gold)):
            part.update(place[-1] for place in places)
        words += len(one.title.split()) + len(one.text.split())
    return Count(right, found, wanted, words, seconds)


def held_back(language: str) -> list[tuple[Annotated, str]]:
    """Return our held-back articles in a language."""
    return [(one, language) for path in sorted((HELD_BACK / language).glob("*.txt")) for one in read_marked(path)]


def quality() -> list[list[str]]:
    """Return a row for each corpus: names in it, F1 together and by kind, of the table alone and the model alone."""
    corpora = {f"held-back articles, {language}": held_back(language) for language in ("fr", "en", "de", "es", "it", "pt")}
    if SHARED.exists():
        for corpus in PUBLIC:
            texts = [(one, corpus.language) for one in public_texts(SHARED / "data" / "ner", corpus, left_out=True)]
            corpora[f"{corpus.file.split('.')[0]}, a tenth"] = texts
    rows = []
    for name, texts in corpora.items():
        together = count(texts, whole)
        alone = [count(texts, finder).f1() for finder in (by_table, by_model)]
        figures = [together.f1(), *(together.f1(kind) for kind in KINDS), *alone]
        rows.append([name, f"{together.wanted.total():,}", *(f"{figure:.3f}" for figure in figures)])
    return rows


def speed() -> str:
    """Return words a second for names and topics, in a process that has read its tables."""
    from tasks.label.topics import label_topics

    texts = [one for language in ("fr", "en") for one in held_back(language)]
    names = min((count(texts, whole) for _ in range(3)), key=lambda one: one.seconds)
    begun = time.process_time()
    for one, language in texts:
        label_topics(one.title, one.text, language)
    topics = time.process_time() - begun
    together = names.words / (names.seconds + topics)
    return f"{names.words / names.seconds:,.0f} words a second and core for names, {together:,.0f} for names and topics together"


def main(arguments: list[str]) -> None:
    """Print what was asked for; write it where that is asked for."""
    begun = time.perf_counter()
    knowledge(), tagger()
    loaded = f"table and model read in {time.perf_counter() - begun:.2f} s"
    print(loaded)
    if SHARED.exists():
        seeds("-v" in arguments)
    if "seeds" in arguments:
        return
    head = ["corpus", "names", "F1", *KINDS, "table alone", "model alone"]
    drawn, fast = table(head, quality()), speed()
    print(f"{drawn}\n{fast}")
    if "--write" in arguments:
        about = (
            "Exact span and kind. The held-back articles are our own, by somebody who had seen neither rules nor training texts; the\n"
            "model is trained on none of them, nor on the tenth of each public corpus that is measured here. Public corpora follow other\n"
            f"rules of what a name is, so that every system which follows ours does worse there. {fast}; {loaded}."
        )
        write_section("names", "Names of people, bodies and places", f"{about}\n\n{drawn}\n\n{circumstances(['python-crfsuite'])}")


if __name__ == "__main__":
    main(sys.argv[1:])
