"""Entities that articles write in different ways: which are one, decided anew from everything that the store holds.

    keys of new ids | pairs that look alike | what articles say of each pair | groups | mentions, counts, entities, aliases

An article by itself gives each entity an id by its spelling. Two of these are one only when their spellings are alike (by
accents, umlauts, transliteration) and the articles' languages differ or the articles are in one story; when their spellings
differ by a letter only inside a story; never when one article names both. Whatever else looks alike is stored as a candidate.
The id kept is that of the knowledge table, else the smallest. Nothing depends on the order of arrival, and what no longer
holds is taken back.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Literal, NamedTuple

from tasks.label.names.fold import alike, close, keys, plain, transliterated, without_umlauts
from tasks.store.migrate import Connection
from tasks.store.rows import LEAD_CHARACTERS, LEAD_WEIGHT, TITLE_WEIGHT

KEY_RULES = 1
"""To be counted up when the keys of fold.py change, so that stored ones are made anew."""
MOST_OF_A_BLOCK = 60
"""Ids with one key that are compared with each other: more are no spellings of one name."""
LEAST_LETTERS = 5
"""Of a name of a body or place that may be another one in a second language: in shorter ones a letter more says little."""

Likeness = Literal["alike", "foreign", "close"]
"""alike: by letters that change between alphabets, in a name that may not; foreign: and that may; close: a letter differs."""
Rule = Literal["languages", "story", "letters"]


class Pair(NamedTuple):
    """Two ids that look alike, the smaller first, and how."""

    one: str
    other: str
    likeness: Likeness


class Said(NamedTuple):
    """What articles say of a pair: whether languages differ, a story or an article is shared, and how many name either."""

    languages: bool
    story: bool
    article: bool
    seen: int


class Decided(NamedTuple):
    """Which ids are another one, by which rule, and which pairs are left to a person, with the reason and the articles."""

    into: dict[str, tuple[str, Rule]]
    candidates: list[tuple[str, str, str, int]]


def identities_due(con: Connection) -> bool:
    """Return whether articles came or went since identities were decided; to be asked before the stories are settled.

    Deciding looks at all mentions (two seconds for 100,000 articles with 2 million), too much for a poll that brought nothing.
    """
    rows = con.execute(
        """SELECT EXISTS (FROM internal.unsettled)
        OR EXISTS (FROM mentions SEMI JOIN internal.merged_entities g ON mentions.entity_id = g.entity_id)"""
    )
    return bool(rows.fetchall()[0][0])


def merge_identities(con: Connection) -> int:
    """Return how many entities are taken for another one, after writing this everywhere.

    To be called in the transaction that settles the stories, after them.
    """
    _own_entities(con)
    _keep_keys(con)
    pairs = [*_alike_pairs(con), *_close_pairs(con)]
    said = _say(con, pairs)
    decided = decide(said, _shipped(con, {one for pair in pairs for one in pair[:2]}))
    _write(con, decided)
    con.execute("DROP TABLE own")
    return len(decided.into)


def decide(said: Mapping[Pair, Said], shipped: set[str]) -> Decided:
    """Return which ids are another one and which pairs stay candidates; the same for any order of the pairs.

    `shipped` are the ids of the knowledge table: no two of them are one.
    """
    groups: dict[str, set[str]] = {}
    rules: dict[str, Rule] = {}
    candidates = []
    apart = {frozenset(pair[:2]) for pair, one in said.items() if one.article}
    for pair in sorted(said, key=lambda pair: (pair.likeness == "close", pair)):
        rule, reason = _judge(pair, said[pair])
        one, other = (groups.get(entity_id, {entity_id}) for entity_id in pair[:2])
        if rule and one is not other and _may_join(one, other, shipped, apart):
            joined = one | other
            groups.update(dict.fromkeys(joined, joined))
            for entity_id in pair[:2]:
                rules.setdefault(entity_id, rule)
        elif one is not other:
            candidates.append((*pair[:2], reason or "known apart", said[pair].seen))
    into = {entity_id: (_kept(group, shipped), rules[entity_id]) for entity_id, group in groups.items()}
    kept = {pair[:2] for pair in said if groups.get(pair.one, 0) is groups.get(pair.other, 1)}
    return Decided(
        {entity_id: target for entity_id, target in into.items() if target[0] != entity_id},
        sorted(row for row in candidates if row[:2] not in kept),
    )


def _judge(pair: Pair, said: Said) -> tuple[Rule | None, str]:
    """Return the rule by which a pair is one, or None and why not."""
    if said.article:
        return None, "one article"
    if said.story:
        return ("letters" if pair.likeness == "close" else "story"), ""
    if pair.likeness == "foreign" and said.languages:
        return "languages", ""
    return None, "origin" if said.languages else "same language"


def _may_join(one: set[str], other: set[str], shipped: set[str], apart: set[frozenset[str]]) -> bool:
    """Return whether two groups may become one: at most one id of the table in it, no two that one article names."""
    if len((one | other) & shipped) > 1:
        return False
    return not any(frozenset((a, b)) in apart for a in one for b in other)


def _kept(group: set[str], shipped: set[str]) -> str:
    return min(group, key=lambda entity_id: (entity_id not in shipped, entity_id))


def words_of(entity_id: str) -> list[str]:
    """Return the words of an entity's name, in plain form, as its id holds them."""
    return entity_id.partition(":")[2].split("-")


def likeness(one: str, other: str) -> Likeness | None:
    """Return how two ids look alike, None when they do not; a person's single name is not compared."""
    words, others = words_of(one), words_of(other)
    person = one.startswith("per:")
    if (person and len(words) < 2) or not alike(words, others):
        return None
    if list(map(without_umlauts, words)) == list(map(without_umlauts, others)):
        return "foreign"
    if person:
        return "foreign" if transliterated(words) or transliterated(others) else "alike"
    return "foreign" if min(sum(map(len, words)), sum(map(len, others))) >= LEAST_LETTERS else "alike"


def _keep_keys(con: Connection) -> None:
    """Make the keys of the ids that articles give and that are new, and of those whose keys other rules made.

    Not of all that the software knows: of its ten thousand that takes longer than a small run.
    """
    con.execute("DELETE FROM internal.entity_keys WHERE rules <> ?", [KEY_RULES])
    rows = con.execute("SELECT DISTINCT entity_id FROM own ANTI JOIN internal.entity_keys USING (entity_id) ORDER BY ALL").fetchall()
    with con.appender("internal.entity_keys") as appender:
        appender.append_rows((entity_id, *key, KEY_RULES) for (entity_id,) in rows for key in _keys(entity_id))


def _keys(entity_id: str) -> Iterator[tuple[str, str]]:
    """Yield the keys of an id, each with the initials of its words."""
    kind, words = entity_id[:3], words_of(entity_id)
    initials = f"{kind}:{' '.join(word[:1] for word in words)}"
    yield from ((f"{kind}:{key}", initials) for key in keys(words))


def _own_entities(con: Connection) -> None:
    """Make the table `own`: which ids the articles by themselves give to what they name."""
    con.execute(
        """CREATE OR REPLACE TEMP TABLE own AS
        SELECT DISTINCT coalesce(r.entity_id, m.entity_id) AS entity_id, m.article_id FROM mentions m
        LEFT JOIN internal.merged_mentions r
        ON m.article_id = r.article_id AND m.field = r.field AND coalesce(m.start, -1) = r.start AND m.surface = r.surface"""
    )


def _alike_pairs(con: Connection) -> Iterator[Pair]:
    rows = con.execute(
        """WITH blocks AS (
          SELECT list(entity_id ORDER BY entity_id)[:?] AS ids FROM internal.entity_keys SEMI JOIN own USING (entity_id)
          GROUP BY block HAVING count(*) > 1)
        SELECT DISTINCT ids FROM blocks ORDER BY ids""",
        [MOST_OF_A_BLOCK],
    )
    for one, other in sorted({pair for (ids,) in rows.fetchall() for pair in combinations(ids, 2)}):
        how = likeness(one, other)
        if how:
            yield Pair(one, other, how)


def _close_pairs(con: Connection) -> Iterator[Pair]:
    """Yield the people of one story whose names differ by a letter and that do not look alike otherwise."""
    rows = con.execute(
        """WITH told AS (
          SELECT DISTINCT k.entity_id, k.initials, a.story_id FROM own JOIN internal.entity_keys k USING (entity_id)
          JOIN articles a USING (article_id) JOIN stories s ON s.story_id = a.story_id
          WHERE s.article_count > 1 AND k.initials LIKE 'per:% %')
        SELECT DISTINCT o.entity_id, t.entity_id FROM told o JOIN told t USING (story_id, initials)
        WHERE o.entity_id < t.entity_id"""
    )
    for one, other in rows.fetchall():
        words, others = words_of(one), words_of(other)
        if all(map(close, words, others)) and likeness(one, other) is None and _misspelt(words, others):
            yield Pair(one, other, "close")


def _misspelt(words: list[str], others: list[str]) -> bool:
    """Return whether one word differs and it is not one given name against another: Mario is not Maria."""
    from tasks.label.names.vocabulary import vocabulary

    different = [pair for pair in zip(words, others, strict=True) if pair[0] != pair[1]]
    return len(different) == 1 and not all(plain(word) in vocabulary().given for word in different[0])


def _say(con: Connection, pairs: list[Pair]) -> dict[Pair, Said]:
    """Return what the articles say of each pair."""
    if not pairs:
        return {}
    con.execute("CREATE OR REPLACE TEMP TABLE pairs (number INTEGER, one VARCHAR, other VARCHAR)")
    with con.appender("pairs") as appender:
        appender.append_rows((number, pair.one, pair.other) for number, pair in enumerate(pairs))
    rows = con.execute(
        """WITH named AS (
          SELECT DISTINCT entity_id, article_id, nullif(language, 'und') AS language, story_id FROM own JOIN articles USING (article_id)
          WHERE entity_id IN (SELECT one FROM pairs UNION SELECT other FROM pairs)),
        summed AS (SELECT entity_id, list_sort(list(DISTINCT language)) AS languages FROM named GROUP BY entity_id),
        told AS (SELECT number FROM pairs JOIN named o ON o.entity_id = one JOIN named t ON t.entity_id = other
          AND t.story_id = o.story_id GROUP BY number),
        beside AS (SELECT number FROM pairs JOIN named o ON o.entity_id = one JOIN named t ON t.entity_id = other
          AND t.article_id = o.article_id GROUP BY number),
        counts AS (SELECT number, count(DISTINCT article_id) AS seen FROM pairs JOIN named ON entity_id IN (one, other) GROUP BY number)
        SELECT number, len(list_distinct(list_concat(o.languages, t.languages))) > 1 AND len(o.languages) > 0 AND len(t.languages) > 0,
        number IN (FROM told), number IN (FROM beside), seen
        FROM pairs JOIN summed o ON o.entity_id = one JOIN summed t ON t.entity_id = other JOIN counts USING (number)"""
    ).fetchall()
    con.execute("DROP TABLE pairs")
    return {pairs[number]: Said(*said) for number, *said in rows}


def _shipped(con: Connection, ids: Iterable[str]) -> set[str]:
    """Return those of some ids that come with the software."""
    rows = con.execute(
        "SELECT DISTINCT entity_id FROM entity_aliases WHERE source <> 'learned' AND entity_id IN (SELECT unnest(?::VARCHAR[]))",
        [list(ids)],
    )
    return {entity_id for (entity_id,) in rows.fetchall()}


def _write(con: Connection, decided: Decided) -> None:
    """Write what was decided: take back what no longer holds, rename what is new, count again, keep the candidates."""
    con.execute("CREATE OR REPLACE TEMP TABLE wanted (entity_id VARCHAR, into_id VARCHAR, rule VARCHAR)")
    with con.appender("wanted") as appender:
        appender.append_rows((entity_id, *target) for entity_id, target in sorted(decided.into.items()))
    con.execute("CREATE OR REPLACE TEMP TABLE renamed (article_id UUID)")
    _take_back(con)
    _rename(con)
    _count_again(con)
    _keep_aliases(con)
    if con.execute("SELECT * FROM entity_candidates ORDER BY ALL").fetchall() != decided.candidates:
        con.execute("DELETE FROM entity_candidates")
        with con.appender("entity_candidates") as appender:
            appender.append_rows(decided.candidates)
    con.execute("DROP TABLE wanted")
    con.execute("DROP TABLE renamed")


_SAME_PLACE = "m.article_id = r.article_id AND m.field = r.field AND coalesce(m.start, -1) = r.start AND m.surface = r.surface"


def _take_back(con: Connection) -> None:
    """Give the mentions of entities that are no longer taken for the same one their own entity again."""
    con.execute(
        """CREATE OR REPLACE TEMP TABLE undone AS SELECT g.* FROM internal.merged_entities g
        ANTI JOIN wanted w ON w.entity_id = g.entity_id AND w.into_id = g.into_id"""
    )
    if con.execute("SELECT 1 FROM undone LIMIT 1").fetchall():
        con.execute("INSERT INTO renamed SELECT DISTINCT article_id FROM internal.merged_mentions SEMI JOIN undone USING (entity_id)")
        con.execute(
            f"""UPDATE mentions AS m SET entity_id = r.entity_id FROM internal.merged_mentions r
            WHERE {_SAME_PLACE} AND r.entity_id IN (SELECT entity_id FROM undone)"""
        )
        con.execute("DELETE FROM internal.merged_mentions WHERE entity_id IN (SELECT entity_id FROM undone)")
        con.execute(
            """INSERT INTO entities (entity_id, kind, name) SELECT entity_id, kind, name FROM undone
            WHERE entity_id IN (SELECT entity_id FROM mentions) AND entity_id NOT IN (SELECT entity_id FROM entities)"""
        )
        con.execute("DELETE FROM internal.merged_entities WHERE entity_id IN (SELECT entity_id FROM undone)")
    con.execute("DROP TABLE undone")


def _rename(con: Connection) -> None:
    """Give the mentions that articles came with since the last time the entity that theirs is taken for."""
    con.execute(
        """INSERT INTO internal.merged_entities
        SELECT entity_id, into_id, e.kind, e.name, rule FROM wanted JOIN entities e USING (entity_id)
        WHERE entity_id NOT IN (SELECT entity_id FROM internal.merged_entities)"""
    )
    con.execute(
        """UPDATE internal.merged_entities SET rule = w.rule FROM wanted w
        WHERE merged_entities.entity_id = w.entity_id AND merged_entities.rule <> w.rule"""
    )
    rows = con.execute(
        """INSERT INTO internal.merged_mentions SELECT DISTINCT article_id, field, coalesce(start, -1), surface, entity_id
        FROM mentions SEMI JOIN wanted USING (entity_id)"""
    ).fetchall()
    if rows[0][0]:
        con.execute("INSERT INTO renamed SELECT DISTINCT article_id FROM mentions SEMI JOIN wanted USING (entity_id)")
        con.execute("UPDATE mentions SET entity_id = w.into_id FROM wanted w WHERE mentions.entity_id = w.entity_id")
    con.execute("DELETE FROM entities WHERE entity_id IN (SELECT entity_id FROM wanted)")


def _count_again(con: Connection) -> None:
    """Write `article_entities` anew for the articles whose mentions changed, as loading writes it (tasks/store/rows.py)."""
    if not con.execute("SELECT 1 FROM renamed LIMIT 1").fetchall():
        return
    con.execute("DELETE FROM article_entities WHERE article_id IN (SELECT article_id FROM renamed)")
    con.execute(
        f"""INSERT INTO article_entities
        WITH weighed AS (
          SELECT *, CASE WHEN field = 'title' THEN {TITLE_WEIGHT} WHEN start < {LEAD_CHARACTERS} THEN {LEAD_WEIGHT} ELSE 1 END AS weight
          FROM mentions WHERE role = 'subject' AND article_id IN (SELECT article_id FROM renamed)),
        totals AS (SELECT article_id, sum(weight) AS total FROM weighed GROUP BY article_id)
        SELECT article_id, entity_id, any_value(e.kind), any_value(e.name), count(*), bool_or(field = 'title'),
        round(sum(weight) / any_value(total), 4) FROM weighed JOIN totals USING (article_id) JOIN entities e USING (entity_id)
        GROUP BY article_id, entity_id ORDER BY article_id, min(field <> 'title'), min(start)"""
    )


def _keep_aliases(con: Connection) -> None:
    """Keep the spellings in articles of what is taken for another entity as its aliases, and no other learned ones."""
    rows = con.execute(
        """SELECT DISTINCT into_id, surface, entity_id FROM internal.merged_mentions JOIN wanted USING (entity_id)
        WHERE field <> 'removed' ORDER BY ALL"""
    ).fetchall()
    wanted = [(into, surface) for into, surface, entity_id in rows if _is_name(surface, entity_id)]
    wanted = list(dict.fromkeys(wanted))
    if con.execute("SELECT entity_id, alias FROM entity_aliases WHERE source = 'learned' ORDER BY ALL").fetchall() == wanted:
        return
    owners = con.execute("SELECT DISTINCT entity_id FROM entity_aliases WHERE source = 'learned'").fetchall()
    con.execute("DELETE FROM entity_aliases WHERE source = 'learned'")
    con.execute(
        """DELETE FROM entities WHERE entity_id IN (SELECT unnest(?::VARCHAR[])) AND entity_id NOT IN (SELECT entity_id FROM mentions)
        AND entity_id NOT IN (SELECT entity_id FROM entity_aliases)""",
        [[entity_id for (entity_id,) in owners]],
    )
    with con.appender("entity_aliases") as appender:
        appender.append_rows((into, surface, None, "capital", "learned") for into, surface in wanted)


def _is_name(surface: str, entity_id: str) -> bool:
    """Return whether a mention spells the whole name, in mixed letters."""
    from tasks.label.names.fold import slug

    return slug(surface) == entity_id.partition(":")[2] and not surface.isupper()
