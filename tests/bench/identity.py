"""Measure identity: `python -m tests.bench.identity [-v]`.

Pairs of spellings (tests/data/identity/pairs.tsv): two articles, each in its language, through `find_entities` and the store's
merging; how many true pairs become one entity, and how many look-alikes do. Small documents (documents.toml): how many have
each person, body and place under one id of its own.
"""

import csv
import sys
import tomllib
from collections import Counter, defaultdict
from pathlib import Path
from uuid import UUID, uuid5

import duckdb

from schemas.arrival import Arrival, Batch
from schemas.article import Article
from schemas.document import RawDocument
from schemas.labels import LabelledArticle, Labels, Language
from schemas.run import RunReport
from tasks.dedupe.sketch import sketch
from tasks.label.entities import find_entities
from tasks.store.labels.identities import merge_identities
from tasks.store.load import load
from tasks.store.migrate import Connection, migrate
from tasks.store.runs import start_run
from tasks.store.stories.settle import settle
from tasks.stories.terms import story_terms
from tests.tasks.store.build import NOW, RUN

DATA = Path(__file__).resolve().parents[1] / "data" / "identity"
NAMES = UUID(int=23)
SENTENCES = {
    ("PER", "fr"): "« Rien n'est décidé », a déclaré mardi {} devant la presse. La réunion a duré deux heures.",
    ("PER", "en"): "“Nothing has been decided,” said {} on Tuesday. The meeting lasted two hours.",
    ("PER", "de"): "„Nichts ist entschieden“, sagte {} am Dienstag vor der Presse. Das Treffen dauerte zwei Stunden.",
    ("PER", "es"): "«Nada está decidido», declaró el martes {} ante la prensa. La reunión duró dos horas.",
    ("PER", "it"): "«Niente è deciso», ha dichiarato martedì {} alla stampa. La riunione è durata due ore.",
    ("PER", "pt"): "“Nada está decidido”, declarou na terça-feira {} à imprensa. A reunião durou duas horas.",
    ("PER", "ru"): "«Ничего не решено», заявил во вторник {} журналистам. Встреча длилась два часа.",
    ("LOC", "fr"): "Plusieurs explosions ont été entendues mardi à {}, selon des habitants. La route est coupée.",
    ("LOC", "en"): "Several explosions were heard in {} on Tuesday, residents said. The road is closed.",
    ("LOC", "de"): "In {} waren am Dienstag mehrere Explosionen zu hören, sagten Einwohner. Die Straße ist gesperrt.",
    ("LOC", "es"): "Varias explosiones se oyeron el martes en {}, según los vecinos. La carretera está cortada.",
    ("LOC", "it"): "Diverse esplosioni sono state udite martedì a {}, dicono gli abitanti. La strada è chiusa.",
    ("LOC", "pt"): "Várias explosões foram ouvidas na terça-feira em {}, segundo moradores. A estrada está cortada.",
    ("LOC", "ru"): "Во вторник {} снова обстреляли, сообщили жители. Дорога закрыта.",
    ("ORG", "fr"): "Le budget a été présenté mardi par {}, selon un communiqué. Le vote aura lieu jeudi.",
    ("ORG", "en"): "The budget was presented on Tuesday by {}, according to a statement. The vote is on Thursday.",
    ("ORG", "de"): "Der Haushalt wurde am Dienstag von {} vorgelegt. Die Abstimmung ist am Donnerstag.",
    ("ORG", "es"): "El presupuesto fue presentado el martes por {}, según un comunicado. La votación será el jueves.",
    ("ORG", "it"): "Il bilancio è stato presentato martedì da {}, si legge in una nota. Il voto è giovedì.",
    ("ORG", "pt"): "O orçamento foi apresentado na terça-feira por {}, segundo uma nota. A votação é na quinta-feira.",
}


def store() -> Connection:
    """Return an empty store in memory."""
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    migrate(con)
    start_run(con, RunReport(run_id=RUN, flow="backfill", engine="direct", started_at=NOW))
    return con


def put(con: Connection, name: str, text: str, language: str) -> UUID:
    """Return the id of an article after it was labelled and loaded."""
    article = Article(text=text, source="bench.example")
    mentions, entities = find_entities(article, language)
    labelled = LabelledArticle(
        article_id=uuid5(NAMES, name),
        article=article,
        language=Language(code=language, score=1.0),
        labels=Labels(mentions=mentions, entities=entities),
        sketch=sketch(text),
        terms=story_terms(None, text, ()),
        day=None,
    )
    item = RawDocument(body=text.encode(), media_type="text/plain", origin=name, place=name, source="bench")
    load(con, Batch(run_id=RUN, arrivals=(Arrival(item=item, result=labelled),), now=NOW))
    return labelled.article_id


def entity_of(con: Connection, article_id: UUID, name: str) -> str | None:
    """Return the entity of the mention that is just this name in an article."""
    rows = con.execute("SELECT entity_id FROM mentions WHERE article_id = ? AND surface = ?", [article_id, name]).fetchall()
    return str(rows[0][0]) if rows else None


def one_pair(row: dict[str, str]) -> tuple[str | None, str | None]:
    """Return the entities of the two names of a pair, each in an article of its own."""
    con = store()
    sides = [("language", "name"), ("other_language", "other_name")]
    ids = [put(con, row[name], SENTENCES[row["kind"], row[language]].format(row[name]), row[language]) for language, name in sides]
    con.begin()
    settle(con)
    merge_identities(con)
    con.commit()
    found = [entity_of(con, article_id, row[name]) for article_id, (_, name) in zip(ids, sides, strict=True)]
    con.close()
    return found[0], found[1]


def pairs(verbose: bool) -> None:
    """Print the share of true pairs and of look-alikes that became one, for each part."""
    merged: defaultdict[tuple[str, str], list[bool]] = defaultdict(list)
    unseen: Counter[tuple[str, str]] = Counter()
    with (DATA / "pairs.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            one, other = one_pair(row)
            same = one is not None and one == other
            merged[row["part"], row["verdict"]].append(same)
            unseen[row["part"], row["verdict"]] += one is None or other is None
            if verbose and row["part"] == "dev" and same != (row["verdict"] == "same"):
                print(
                    f"  {row['verdict']}: {row['name']} ({row['language']}) {one} | {row['other_name']} ({row['other_language']}) {other}"
                )
    for (part, verdict), ones in sorted(merged.items()):
        print(
            f"{part:5s} {verdict:10s} {sum(ones):3d} of {len(ones):3d} are one entity ({sum(ones) / len(ones):.1%}); "
            f"in {unseen[part, verdict]} a name was not found at all"
        )


def faults(case: dict[str, object]) -> tuple[int, int, int]:
    """Return how many names of a small document were missed, and how many of its groups are split or joined."""
    mentions, _ = find_entities(Article(text=str(case["text"]), source="bench.example"), str(case["language"]))
    found: defaultdict[str, set[str]] = defaultdict(set)
    for mention in mentions:
        found[mention.surface].add(mention.entity_id)
    groups: list[list[str]] = case["groups"]  # type: ignore[assignment]
    ids = [set().union(*(found[name] for name in group)) for group in groups]
    missed = sum(not found[name] for group in groups for name in group)
    split = sum(len(some) > 1 for some in ids)
    joined = sum(not one.isdisjoint(other) for n, one in enumerate(ids) for other in ids[n + 1 :])
    return missed, split, joined


def documents(verbose: bool) -> None:
    """Print for each part how many small documents are right in everything, and how many have nobody split or joined."""
    right: Counter[str] = Counter()
    apart: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for case in tomllib.loads((DATA / "documents.toml").read_text(encoding="utf-8"))["case"]:
        missed, split, joined = faults(case)
        total[case["part"]] += 1
        apart[case["part"]] += not (split or joined)
        right[case["part"]] += not (missed or split or joined)
        if verbose and case["part"] == "first" and missed + split + joined:
            print(f"  missed {missed} split {split} joined {joined}: {case['text'][:60]!r}")
    for part, count in total.items():
        print(f"documents {part}: all right {right[part]} of {count}, none split or joined {apart[part]}")


def main(arguments: list[str]) -> None:
    """Run both measures; `-v` shows the errors of the parts that may be looked at."""
    documents("-v" in arguments)
    pairs("-v" in arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
