"""Measure the finding of names: `python -m tests.bench.entities` (needs the folder `shared` beside the repository).

The five real documents: exact span and kind against their gold; names in removed lines count by surface and kind.
Development corpora: exact span and kind over tokens put together with single spaces.
"""

import gzip
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from schemas.article import Article, RemovedBlock
from schemas.labels import Mention
from tasks.label.entities import find_entities, knowledge

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
KINDS = ("PER", "ORG", "LOC")
FINE = {
    **dict.fromkeys(("PERSON", "POLITICIAN", "WRITER", "MUSICALARTIST", "SCIENTIST", "RESEARCHER", "PERS"), "PER"),
    **dict.fromkeys(("COUNTRY", "LOCATION"), "LOC"),
    **dict.fromkeys(("ORGANISATION", "POLITICALPARTY", "UNIVERSITY", "BAND"), "ORG"),
    "HUMANPROD": "O",
}
CORPORA = {
    "wikigold_en": ("wikigold_en.conll", "en", 0, 1),
    "ewt_en": ("uner_en_ewt_dev.iob2", "en", 1, 2),
    "pud_en": ("uner_en_pud.iob2.gz", "en", 1, 2),
    "pud_de": ("uner_de_pud.iob2.gz", "de", 1, 2),
    "bosque_pt": ("uner_pt_bosque.iob2.gz", "pt", 1, 2),
    "newseye_fr": ("newseye_fr_test.tsv.gz", "fr", 0, 1),
    "crossner_en": ("crossner_en.txt.gz", "en", 0, 1),
}
"""Name -> file, language, column of the word, column of the tag."""
SENTENCES_PER_DOCUMENT = 12

Found = tuple[int, int, str]


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


def read_corpus(name: str) -> Iterator[tuple[str, set[Found]]]:
    """Yield documents of a development corpus: text put together from its tokens, and its gold spans."""
    file, _, word_column, tag_column = CORPORA[name]
    path = SHARED / "data/ner" / file
    text = gzip.decompress(path.read_bytes()).decode() if file.endswith(".gz") else path.read_text(encoding="utf-8")
    sentences: list[list[tuple[str, str]]] = [[]]
    for line in text.splitlines():
        cells = line.split("\t") if "\t" in line else line.split(" ")
        if line.startswith("#") or line.startswith("TOKEN\t"):
            continue
        if not line.strip() or len(cells) <= tag_column:
            sentences.append([])
            continue
        sentences[-1].append((cells[word_column], cells[tag_column]))
        if name.startswith("newseye") and cells[word_column] == "." and len(sentences[-1]) > 12:
            sentences.append([])
    full = [s for s in sentences if s]
    for i in range(0, len(full), SENTENCES_PER_DOCUMENT):
        yield _document(full[i : i + SENTENCES_PER_DOCUMENT])


def _document(sentences: list[list[tuple[str, str]]]) -> tuple[str, set[Found]]:
    text, gold = "", set()
    for sentence in sentences:
        open_kind, start, end = "", 0, 0
        for word, tag in [*sentence, ("", "O")]:
            prefix, _, kind = tag.partition("-")
            kind = FINE.get(kind.upper(), kind.upper())
            if open_kind and (prefix != "I" or kind != open_kind):
                if open_kind in KINDS:
                    gold.add((start, end, open_kind))
                open_kind = ""
            if not word:
                break
            no_space = (
                text.endswith(("(", "’", "'", "“", "«", "\n\n", "-")) or text == "" or word in ".,;:!?)”'’'s-%…" or word in ("'s", "n't")
            )
            text += ("" if no_space else " ") + word
            if prefix in ("B", "I") and not open_kind:
                open_kind, start = kind, len(text) - len(word)
            end = len(text)
        text += "\n\n"
    return text, gold


def corpus(name: str, verbose: bool) -> None:
    """Print precision, recall and F1 on a development corpus, by kind and together."""
    right, found, wanted = Counter[str](), Counter[str](), Counter[str]()
    wrong, missed = Counter[str](), Counter[str]()
    words, seconds = 0, 0.0
    for text, gold in read_corpus(name):
        article = Article(text=text, source="bench")
        before = time.process_time()
        mentions, entities = find_entities(article, CORPORA[name][1])
        seconds += time.process_time() - before
        words += text.count(" ")
        kinds = {e.entity_id: e.kind for e in entities}
        ours = {(m.start, m.end, kinds[m.entity_id]): m.method for m in mentions}
        for group, spans in ((right, ours.keys() & gold), (found, ours.keys()), (wanted, gold)):
            group.update(kind for _, _, kind in spans)
        wrong.update(f"{text[a:b]!r}/{k} {ours[a, b, k]}" for a, b, k in ours.keys() - gold)
        missed.update(f"{text[a:b]!r}/{k}" for a, b, k in gold - ours.keys())
    for kind in KINDS:
        _report(f"{name} {kind}", right[kind], found[kind], wanted[kind])
    _report(name, right.total(), found.total(), wanted.total())
    print(f"  {words / max(seconds, 1e-9):,.0f} words/s")
    if verbose:
        methods = Counter()
        for key, n in wrong.items():
            methods[key.rsplit(" ", 1)[1] + key.rsplit("/", 1)[1].split(" ")[0]] += n
        print("  wrong by method", methods.most_common())
        print("  wrong", wrong.most_common(60))
        print("  missed", missed.most_common(60))


def main(arguments: list[str]) -> None:
    """Run the seeds and the corpora named, or all; `-v` shows errors."""
    before = time.perf_counter()
    knowledge()
    print(f"table loaded in {time.perf_counter() - before:.3f} s")
    verbose = "-v" in arguments
    names = [a for a in arguments if a != "-v"] or ["seeds", *CORPORA]
    for name in names:
        seeds(verbose) if name == "seeds" else corpus(name, verbose)


if __name__ == "__main__":
    main(sys.argv[1:])
