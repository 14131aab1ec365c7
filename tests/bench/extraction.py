"""Body, title, dates and authors of web pages against annotated ones: ours, trafilatura alone, and the other extractors.

`python -m tests.bench.extraction [N] [--write]` reads the first N development pages beside the repository
(../shared/data/extraction); it says so and ends where they are missing. How it scores is told in tests/bench/pages.py,
how it measures in tests/bench/apart.py: every system in a process of its own, every page once, in turns. CPU is that
of the process. What is not installed (pip install '.[bench]') is shown as that. The interval is a paired bootstrap
over pages. Pages are halved by a hash of their host, to show what was tuned on the one and holds on the other.
`--write` puts the table into docs/benchmarks.md.
"""

import argparse
import sys
from collections.abc import Sequence

from tests.bench.apart import LIMIT, Measured, measured
from tests.bench.pages import FOLDER, Page, author_f1, body_counts, date_figures, f1, interval, pages, title_share
from tests.bench.peers import OURS, SYSTEMS, YARDSTICK
from tests.bench.report import ABSENT, circumstances, installed, table, write_section

HEAD = ("", "body F1", "title exact", "date precision", "date recall", "invented dates", "byline F1", "CPU", "ms a page", "empty", "failed")
NONE = "–"
ABOUT = "web pages in many languages, from the evaluation data of trafilatura: its home ground. They are not part of the repository."
NOTE = f"""Body F1 by the rule of the data: an annotated piece of the text that comes out is right, a piece of what stands
around it that comes out is wrong. Titles are equal but for white space. Dates count by their day; an invented date is one given
to a page on which the annotators found none. CPU is that of the process, as a ratio to trafilatura's default with metadata;
ours includes language identification. Every tool ran in a process of its own, read every page once, from its bytes, and had no network.
Empty: no text came out, for whatever reason; failed: an error was raised, or the page took longer than {LIMIT} s, and counts as
empty. "Quick" is htmldate without its extensive search."""
HALF = 7  # columns of the table that a part of the pages can have


def row(name: str, among: Sequence[Page], found: Measured | None, yardstick: float) -> list[str]:
    """Return a system's row of the table."""
    if found is None:
        return [f"{name}: {ABSENT}", *[""] * (len(HEAD) - 1)]
    gives = SYSTEMS[name].gives.split()
    dates = date_figures(among, found.results)
    empty = sum(not result.text.strip() for result in found.results)
    return [
        name,
        f"{body_f1(among, found):.4f}" if "body" in gives else NONE,
        f"{title_share(among, found.results):.3f}" if "title" in gives else NONE,
        *((f"{dates.precision:.3f}", f"{dates.recall:.3f}", f"{dates.invented} of {dates.undated}") if "date" in gives else [NONE] * 3),
        f"{author_f1(among, found.results):.3f}" if "byline" in gives else NONE,
        f"{found.seconds / yardstick:.2f}",
        f"{found.seconds / max(len(among), 1) * 1000:.1f}",
        str(empty) if "body" in gives else NONE,
        str(found.failures.total()),
    ]


def body_f1(among: Sequence[Page], found: Measured) -> float:
    """Return the F1 of all bodies."""
    return f1([body_counts(page, result) for page, result in zip(among, found.results, strict=True)])


def lead(among: Sequence[Page], found: dict[str, Measured]) -> str:
    """Return by how much our body F1 exceeds that of trafilatura's best mode, with its interval."""
    bodies = {name: [body_counts(page, result) for page, result in zip(among, one.results, strict=True)] for name, one in found.items()}
    best = max((name for name in bodies if name.startswith("trafilatura")), key=lambda name: f1(bodies[name]))
    low, high = interval(bodies[OURS], bodies[best])
    gain = f1(bodies[OURS]) - f1(bodies[best])
    between = f"95 % of a paired bootstrap over the pages lie between {low:+.4f} and {high:+.4f}"
    return f"Our body F1 over that of {best}, the best mode here: {gain:+.4f}; {between}."


def remarks(found: dict[str, Measured]) -> str:
    """Return what failed and why, and who asked for the network, as sentences."""
    said = [
        f"{name}: {', '.join(f'{count} {kind}' for kind, count in one.failures.most_common())}."
        for name, one in found.items()
        if one.failures
    ]
    said += [f"{name} asked for {one.connections} connections, which were refused." for name, one in found.items() if one.connections]
    return " ".join(said) or "No tool failed on a page, and none asked for the network."


def print_halves(among: Sequence[Page], found: dict[str, Measured]) -> None:
    """Print the rows of ours and of the yardstick for each half of the pages."""
    for half in (0, 1):
        kept = [n for n, page in enumerate(among) if page.half == half]
        print(f"\nhalf {half}, {len(kept)} pages")
        some = [among[n] for n in kept]
        parts = {name: Measured([found[name].results[n] for n in kept]) for name in (OURS, YARDSTICK)}
        print(table(HEAD[:HALF], [row(name, some, part, 1.0)[:HALF] for name, part in parts.items()]))


def main() -> None:
    """Measure, print, and write where that is asked for."""
    options = argparse.ArgumentParser(description="Extraction from annotated pages.")
    options.add_argument("pages", type=int, nargs="?", help="read only the first so many")
    options.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md; of all pages only")
    given = options.parse_args()
    if not FOLDER.exists():
        print("skipped: the annotated pages are not beside the repository")
        return
    among = pages(given.pages)
    present = [name for name, system in SYSTEMS.items() if installed(system.distribution) != ABSENT]
    found = measured(present, among, lambda told: print(told, file=sys.stderr))
    drawn = table(HEAD, [row(name, among, found.get(name), found[YARDSTICK].seconds) for name in SYSTEMS])
    print(f"{drawn}\n{lead(among, found)}\n{remarks(found)}")
    print_halves(among, found)
    if given.write and given.pages is None:
        versions = circumstances(dict.fromkeys(system.distribution for system in SYSTEMS.values()))
        text = "\n\n".join([f"{len(among)} {ABOUT}", drawn, lead(among, found), remarks(found), NOTE, versions])
        write_section("extraction", "Extraction from web pages", text)


if __name__ == "__main__":
    main()
