"""Names in articles: our own sentences beside the names expected in them, and rules that hold for any text."""

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.article import Article, RemovedBlock
from tasks.label.entities import find_entities, knowledge
from tasks.label.names.vocabulary import senses

HERE = Path(__file__).parent
ROOT = Path(__file__).resolve().parents[3]
PIECES = [
    *("Le", "président", "M.", "V.", "Poutine", "-", "Kim", "Jong", "l’", "d'", "ONU", "(AFP)", "«Mme", "Choe»", ".", "\n\n"),
    *("U.S.", "O'Brien", "de", "la", "Université", "PARIS", "普京", "É", "\u0301", "A.", "B.", "said"),
]
CASES = tomllib.loads((HERE / "entities.toml").read_text(encoding="utf-8"))["case"]


def names(text: str, language: str, **fields: object) -> list[tuple[str, str]]:
    mentions, _ = find_entities(Article(text=text, source="test", **fields), language)
    return [(mention.surface, mention.entity_id) for mention in mentions]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['language']}-{case['text'][:40]}")
def test_names_stand_beside_their_sentence(case):
    mentions, _ = find_entities(Article(text=case["text"], source="test"), case["language"])
    assert [[mention.surface, mention.entity_id] for mention in mentions] == case["names"]


def test_one_identity_across_spellings():
    text = "Kim Jong Un a parlé. Kim Jong-un et Kim Jong-Un, Vladimir Poutine, V. Poutine, Poutine, Putin et Wladimir Putin."
    assert {entity for _, entity in names(text, "fr")} == {"per:kim-jong-un", "per:vladimir-putin"}


def test_spellings_in_other_scripts():
    assert names("普京在平壤会见金正恩。", "zh") == [
        ("普京", "per:vladimir-putin"),
        ("平壤", "loc:pyongyang"),
        ("金正恩", "per:kim-jong-un"),
    ]
    assert names("Владимир Путин прилетел.", "ru") == [("Владимир Путин", "per:vladimir-putin")]


def test_roles_of_removed_lines():
    removed = (
        RemovedBlock(role="byline", reason="test", text="Par Adèle Morvan (avec AFP)"),
        RemovedBlock(role="caption", reason="test", text="Le port de Brest. (Photo Lucas Hébert/Reuters)"),
        RemovedBlock(role="furniture", reason="test", text="Abonnez-vous à Paris"),
    )
    article = Article(text="Rien.", title="À Brest, la pluie", byline=("Adèle Morvan",), agency=("AFP",), source="test", removed=removed)
    mentions, entities = find_entities(article, "fr")
    assert [(m.field, m.role, m.surface, m.start) for m in mentions] == [
        ("title", "subject", "Brest", 2),
        ("removed", "byline", "Adèle Morvan", None),
        ("removed", "agency", "AFP", None),
        ("removed", "credit", "Brest", None),
        ("removed", "credit", "Lucas Hébert", None),
        ("removed", "credit", "Reuters", None),
    ]
    assert {e.entity_id for e in entities} == {m.entity_id for m in mentions}


def test_agency_and_author_known_only_from_the_fields():
    mentions, _ = find_entities(Article(text="Rien.", byline=("Adam Morrow",), agency=("Reuters",), source="test"), "fr")
    assert [(m.entity_id, m.role) for m in mentions] == [("per:adam-morrow", "byline"), ("org:reuters", "agency")]


def test_a_capital_stands_for_its_country():
    table = knowledge()
    assert table.entity("loc:pyongyang").stands_for == "loc:north-korea"
    assert table.entity("org:kremlin").stands_for == "loc:russia"
    assert table.entity("loc:moscow").wikidata_id == "Q649"


def test_the_table_is_whole():
    table = knowledge()
    ids = {entity.entity_id for entity in table.entities}
    assert len(ids) == len(table.entities) > 5_000
    assert {alias.entity_id for alias in table.aliases} <= ids
    assert {e.stands_for for e in table.entities if e.stands_for} <= ids
    assert {alias.source for alias in table.aliases} == {"cldr", "geonames", "curated"}


def test_every_sense_of_a_shared_name_is_in_the_table():
    table = knowledge()
    meant = {e for sense in senses().values() for e in (sense.default, *sense.by_language.values(), *(e for e, _ in sense.cues)) if e}
    assert meant <= table.rows.keys()


def test_a_shared_name_follows_the_language():
    assert names("Le concert a eu lieu à Mexico.", "fr") == [("Mexico", "loc:mexico-city")]
    assert names("The concert was held in Mexico.", "en") == [("Mexico", "loc:mexico")]


@pytest.mark.parametrize(("one", "other"), [("loc:north-korea", "loc:south-korea"), ("per:simone-veil", "per:simone-weil")])
def test_look_alikes_stay_apart(one, other):
    name, other_name = knowledge().entity(one).name, knowledge().entity(other).name
    assert [entity for _, entity in names(f"They met {name} and {other_name}.", "en")] == [one, other]


@settings(max_examples=150, deadline=None)
@example('A0 A M:A"\u0300 M', "fr")
@example("0A A M:\u0300%\u0300%M", "fr")
@example("A\u037a A M. \u037a\u037a M", "fr")
@given(
    st.text(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join),
    st.sampled_from(["fr", "en", "de", "es", "it", "pt", "und", "zh"]),
)
def test_any_text_gives_mentions_that_are_slices_without_overlap(text, language):
    article = Article(text=text, title=text[:50], source="test", removed=(RemovedBlock(role="caption", reason="test", text=text),))
    mentions, entities = find_entities(article, language)
    known = {entity.entity_id for entity in entities}
    end = {"title": 0, "text": 0}
    for mention in mentions:
        assert mention.entity_id in known
        if mention.field == "removed":
            assert mention.start is mention.end is None
            assert mention.role != "subject"
            continue
        whole = article.title if mention.field == "title" else article.text
        assert mention.surface == whole[mention.start : mention.end] != ""
        assert mention.start >= end[mention.field]
        end[mention.field] = mention.end
    assert (mentions, entities) == find_entities(article, language)


def test_real_documents_one_identity_each():
    gold_path = ROOT.parent / "shared" / "data" / "entities" / "seeds_gold.json"
    if not gold_path.exists():
        pytest.skip("the real documents are not beside the repository")
    for document in json.loads(gold_path.read_text(encoding="utf-8")):
        text = (ROOT.parent / "shared" / "seeds" / document["file"]).read_text(encoding="utf-8")
        mentions, entities = find_entities(Article(text=text, source="test"), "fr")
        kinds = {entity.entity_id: entity.kind for entity in entities}
        ours = {(m.start, m.end, kinds[m.entity_id]) for m in mentions}
        wanted = {(m["start"], m["end"], m["type"]) for m in document["mentions"] if m["type"] in ("PER", "ORG", "LOC")}
        right = len(ours & wanted)
        assert 2 * right / (len(ours) + len(wanted)) >= 0.9, document["file"]
        spans = {(m.start, m.end): m.entity_id for m in mentions}
        for gold_id, entity_id in (("putin", "per:vladimir-putin"), ("kimju", "per:kim-jong-un")):
            assert {spans.get((m["start"], m["end"])) for m in document["mentions"] if m["id"] == gold_id} <= {entity_id}
