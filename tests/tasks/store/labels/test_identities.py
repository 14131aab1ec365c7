"""Entities across documents: what becomes one, what stays apart, and that neither order nor portions show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID, uuid5

import pytest

from schemas.arrival import Arrival
from schemas.labels import Entity, Labels, Language, Mention
from schemas.run import RunReport
from tasks.label.names.fold import slug
from tasks.store.care.removal import remove_articles
from tasks.store.labels.identities import Decided, Pair, Said, decide, merge_identities
from tasks.store.load import load
from tasks.store.migrate import Connection
from tasks.store.runs import start_run
from tests.tasks.store.build import NAMES, NOW, RUN, batch, document, labelled
from tests.tasks.store.new import new_store

MAPPED = "SELECT entity_id, into_id, rule FROM internal.merged_entities"
TOLD = (
    "SELECT article_id, entity_id, field, start, surface FROM mentions",
    "SELECT article_id, entity_id, mention_count, in_title, salience FROM article_entities",
    "SELECT entity_id, kind FROM entities WHERE entity_id IN (SELECT entity_id FROM mentions)",
    "SELECT entity_id, alias FROM entity_aliases WHERE source = 'learned'",
    MAPPED,
    "SELECT article_id, field, start, surface, entity_id FROM internal.merged_mentions",
    "SELECT * FROM entity_candidates",
)


@dataclass(frozen=True)
class Told:
    """An article that names people, in a language and in a story."""

    name: str
    people: tuple[str, ...]
    language: str = "en"
    story: str = ""
    kind: Any = "PER"

    @property
    def id(self) -> UUID:
        return uuid5(NAMES, self.name)


def labels(told: Told) -> tuple[str, Labels]:
    text, mentions, entities = "", [], {}
    for person in told.people:
        entity_id = f"{told.kind.lower()}:{slug(person)}"
        start = len(text)
        text += f"{person} spoke in {told.name}. "
        place: dict[str, Any] = {"start": start, "end": start + len(person), "surface": person}
        mentions.append(Mention(entity_id=entity_id, field="text", role="subject", score=0.9, method="test", **place))
        entities[entity_id] = Entity(entity_id=entity_id, kind=told.kind, name=person)
    return text, Labels(mentions=tuple(mentions), entities=tuple(entities.values()))


def put(con: Connection, told: Sequence[Told]) -> None:
    """Load articles in one batch, each into the story that it names or into one of its own."""
    arrivals = []
    for one in told:
        text, found = labels(one)
        article = labelled(one.name, text).model_copy(update={"labels": found, "language": Language(code=one.language, score=1.0)})
        arrivals.append(Arrival(item=document(f"{one.name}.txt", text), result=article))
    load(con, batch(*arrivals))


def place(con: Connection, told: Sequence[Told]) -> None:
    """Put the articles into the stories that they name, as settling would."""
    for one in told:
        story = uuid5(NAMES, one.story or f"alone {one.name}")
        con.execute("UPDATE articles SET story_id = ? WHERE article_id = ?", [story, one.id])
    con.execute("DELETE FROM stories")
    con.execute(
        """INSERT INTO stories BY NAME SELECT story_id, '' AS title, count(*) AS article_count, 1 AS source_count,
        1 AS independent_source_count, ['en'] AS languages, story_id AS thread_id FROM articles GROUP BY story_id"""
    )


def merge(con: Connection, told: Sequence[Told]) -> int:
    con.begin()
    place(con, told)
    merged = merge_identities(con)
    con.commit()
    return merged


@pytest.fixture
def con() -> Iterator[Connection]:
    with empty() as con:
        yield con


def empty() -> Connection:
    con = new_store()
    start_run(con, RunReport(run_id=RUN, flow="backfill", engine="direct", started_at=NOW))
    return con


def rows(con: Connection, query: str) -> list[Any]:
    return sorted(con.execute(query).fetchall(), key=repr)


def state(con: Connection) -> list[list[Any]]:
    return [rows(con, query) for query in TOLD]


ARTICLES = [
    Told("a", ("Andreï Kourkov", "Simone Veil"), "fr"),
    Told("b", ("Andrej Kurkow", "Simone Weil"), "de"),
    Told("c", ("Andrey Kurkov",), "en"),
    Told("d", ("Andrei Kurkov",), "en", "books"),
    Told("e", ("Adele Marchbanks", "Thomas Moore"), "en", "books"),
    Told("f", ("Adele Marchbamks",), "en", "books"),
    Told("g", ("Thomas More",), "fr", "saint"),
    Told("h", ("Louis XVI", "Louis XVIII"), "fr", "kings"),
    Told("i", ("Louis XVIII",), "en", "kings"),
    Told("j", ("Mario Tedeschini", "Maria Tedeschini"), "it", "wedding"),
    Told("k", ("Maria Tedeschini",), "it", "wedding"),
    Told("l", ("Sergei Bolotin",), "en", "trial"),
    Told("m", ("Sergey Bolotin",), "en", "trial"),
    Told("n", ("Oleg Matveychuk",), "en"),
    Told("o", ("Oleh Matveichuk",), "en"),
]


def test_one_person_in_many_spellings_and_look_alikes_apart(con: Connection) -> None:
    put(con, ARTICLES)
    assert merge(con, ARTICLES) == 5
    assert rows(con, MAPPED) == [
        ("per:adele-marchbanks", "per:adele-marchbamks", "letters"),
        ("per:andrei-kurkov", "per:andrei-kourkov", "languages"),
        ("per:andrej-kurkow", "per:andrei-kourkov", "languages"),
        ("per:andrey-kurkov", "per:andrei-kourkov", "languages"),
        ("per:sergey-bolotin", "per:sergei-bolotin", "story"),
    ]
    assert rows(con, "SELECT entity_id, other_id, reason FROM entity_candidates") == [
        ("per:oleg-matveychuk", "per:oleh-matveichuk", "same language"),
        ("per:simone-veil", "per:simone-weil", "origin"),
        ("per:thomas-moore", "per:thomas-more", "origin"),
    ]
    counted = con.execute("SELECT count(DISTINCT article_id) FROM article_entities WHERE entity_id = 'per:andrei-kourkov'").fetchall()
    assert counted == [(4,)]
    aliases = rows(con, "SELECT alias FROM entity_aliases WHERE source = 'learned' AND entity_id = 'per:andrei-kourkov'")
    assert aliases == [("Andrei Kurkov",), ("Andrej Kurkow",), ("Andrey Kurkov",)]


@pytest.mark.parametrize("seed", range(3))
def test_neither_order_nor_portions_show(con: Connection, seed: int) -> None:
    put(con, ARTICLES)
    merge(con, ARTICLES)
    chance = Random(seed)
    shuffled = chance.sample(ARTICLES, len(ARTICLES))
    with empty() as other:
        start = 0
        while start < len(shuffled):
            size = chance.randint(1, 4)
            put(other, shuffled[start : start + size])
            start += size
            if chance.random() < 0.7:
                merge(other, shuffled[:start])
        merge(other, shuffled)
        assert state(other) == state(con)


def test_nothing_happens_twice_and_later_articles_follow(con: Connection) -> None:
    put(con, ARTICLES[:3])
    merge(con, ARTICLES[:3])
    before = state(con)
    merge(con, ARTICLES[:3])
    assert state(con) == before
    late = Told("late", ("Andrej Kurkow",), "de")
    put(con, [late])
    merge(con, [*ARTICLES[:3], late])
    assert rows(con, f"SELECT entity_id FROM mentions WHERE article_id = '{late.id}'") == [("per:andrei-kourkov",)]
    assert not rows(con, "SELECT 1 FROM entities WHERE entity_id = 'per:andrej-kurkow'")


def test_what_no_longer_holds_is_taken_back(con: Connection) -> None:
    pair = [Told("l", ("Sergei Bolotin",), "en", "trial"), Told("m", ("Sergey Bolotin", "Ada Lunn"), "en", "trial")]
    put(con, pair)
    before = state(con)[:3]
    assert merge(con, pair) == 1
    apart = [Told(one.name, one.people, one.language) for one in pair]
    assert merge(con, apart) == 0
    assert state(con)[:3] == before
    assert not rows(con, "SELECT 1 FROM entity_aliases WHERE source = 'learned'")


def test_a_removed_article_takes_its_reasons_with_it(con: Connection) -> None:
    put(con, ARTICLES[:2])
    merge(con, ARTICLES[:2])
    con.begin()
    remove_articles(con, [ARTICLES[0].id], "asked", NOW)
    con.commit()
    merge(con, ARTICLES[1:2])
    with empty() as fresh:
        put(fresh, ARTICLES[1:2])
        merge(fresh, ARTICLES[1:2])
        assert state(con) == state(fresh)
    assert not rows(con, "SELECT 1 FROM entities WHERE entity_id = 'per:andrei-kourkov'")


def test_the_table_s_entity_keeps_its_id_and_two_of_them_stay_two() -> None:
    veil = Pair("per:simone-veil", "per:simone-weil", "foreign")
    said = Said(languages=True, story=True, article=False, seen=2)
    assert decide({veil: said}, {"per:simone-veil", "per:simone-weil"}) == Decided({}, [(*veil[:2], "known apart", 2)])
    other = Pair("per:a-b", "per:z-b", "foreign")
    assert decide({other: said}, {"per:z-b"}).into["per:a-b"][0] == "per:z-b"


def test_names_that_one_article_sets_side_by_side_stay_apart(con: Connection) -> None:
    told = [Told("a", ("Ivan Sokolov", "Ivan Sokolow"), "en", "x"), Told("b", ("Ivan Sokolow",), "de", "x")]
    put(con, told)
    assert merge(con, told) == 0
    assert rows(con, "SELECT entity_id, other_id, reason, seen FROM entity_candidates") == [
        ("per:ivan-sokolov", "per:ivan-sokolow", "one article", 2)
    ]
