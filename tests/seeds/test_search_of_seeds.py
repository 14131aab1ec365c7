"""Searches over the seed archive: the extra tantivy finds the articles that the index in the store finds."""

import importlib.util
import shutil
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from tasks.store.connection import open_reader
from tasks.store.reading.browse import fetch_dicts
from tasks.store.search.find import Conditions, rank_in_store
from tasks.store.search.tantivy_feed import bring_up_to_date
from tasks.store.search.tantivy_index import index_path
from tasks.store.search.tantivy_search import rank_in_folder

pytestmark = pytest.mark.skipif(importlib.util.find_spec("tantivy") is None, reason="the extra tantivy is not installed")

QUERIES = [
    *("barnier", "BARNIER", "elysee", "Élysée", "president", "climat", "climate", "the", "de", "é", "2024", "nowhere", "würde", "ação"),
    *("premier ministre", "budget milliards barnier", "nobel prize", "cop29 bakou", "labour votes", "terremoto", "valencia dana"),
    *('"premier ministre"', '"michel barnier"', '"the united nations"', '"de la"', '"prime minister of"', '"l\'assemblée nationale"'),
    *("title:barnier", "title:nobel", "text:barnier", 'title:"premier ministre"', 'text:"prime minister"', "title:the", "title:2024"),
    *("clim*", "b*", "*", "premi* minist*", '"premier min*"', "title:no*", "text:gouv*", '"de l*"', "2*"),
    *("nobel -paix", "barnier -title:barnier", 'ministre -"premier ministre"', "climat* -cop29 -bakou", "de -la -le", "gouvernement -b*"),
]
CONDITIONS = [
    Conditions(),
    Conditions(language="fr"),
    Conditions(since=date(2024, 9, 1)),
    Conditions(topics=["medtop:11000000"], language="fr"),
    Conditions(entities=["loc:france", "per:michel-barnier"]),
    Conditions(source="nowhere.example"),
]


@pytest.fixture(scope="module")
def indexed(seed_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the seed store with the extra's index beside it."""
    store = Path(shutil.copy(seed_store, tmp_path_factory.mktemp("indexed")))
    assert bring_up_to_date(store) == 69
    return store


def name(conditions: Conditions) -> str:
    return " ".join(name for name, value in conditions._asdict().items() if value) or "all"


@pytest.mark.parametrize("conditions", CONDITIONS, ids=name)
def test_both_indexes_find_the_same(indexed: Path, conditions: Conditions) -> None:
    by_index, found = partial(rank_in_folder, index_path(indexed)), 0
    with closing(open_reader(indexed)) as con:
        for query in QUERIES:
            asked = fetch_dicts(con, "FROM internal.search_units(?)", [query])
            expected = rank_in_store(con, asked, 1_000, conditions) if asked else {}
            assert set(by_index(con, asked, 1_000, conditions) if asked else {}) == set(expected), query
            found += len(expected)
    assert found > 50 or conditions.source


def test_the_best_of_few_are_the_best_of_all(indexed: Path) -> None:
    with closing(open_reader(indexed)) as con:
        asked = fetch_dicts(con, "FROM internal.search_units('ministre')")
        best = rank_in_folder(index_path(indexed), con, asked, 1_000, Conditions())
        assert len(best) > 5
        assert list(rank_in_folder(index_path(indexed), con, asked, 5, Conditions()).values()) == list(best.values())[:5]
