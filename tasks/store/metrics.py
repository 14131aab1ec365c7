"""The state of a store as OpenMetrics text, for whoever watches it: `wirehouse status --metrics`, the setting `metrics_file`.

Counters are sums over the table of runs, which is never cut, so they only grow.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from schemas.errors import WirehouseError
from schemas.run import RunCounts
from schemas.settings import Settings
from tasks.store.care.volume import fetch_volumes
from tasks.store.migrate import Connection

OUTCOMES = [name for name in RunCounts.model_fields if name not in {"seen", "duplicates"}]


class Family(NamedTuple):
    """A metric: its name without prefix and suffix, its labels, its help, and the query whose rows are labels and a value."""

    name: str
    kind: str
    help: str
    labels: tuple[str, ...]
    query: str


FAMILIES = (
    Family(
        "documents",
        "counter",
        "Documents that runs have seen, by what became of them.",
        ("flow", "outcome"),
        f"""SELECT flow, outcome, sum(n) FROM (SELECT flow, {", ".join(OUTCOMES)} FROM runs)
        UNPIVOT (n FOR outcome IN ({", ".join(OUTCOMES)})) GROUP BY ALL ORDER BY ALL""",
    ),
    Family(
        "runs",
        "counter",
        "Runs that have ended, by how.",
        ("flow", "state"),
        "SELECT flow, state, count(*) FROM runs WHERE state <> 'running' GROUP BY ALL ORDER BY ALL",  # or it would fall at their end
    ),
    Family(
        "rejections",
        "counter",
        "Documents that could not go on, by stage and reason.",
        ("stage", "reason"),
        "SELECT stage, reason, count(*) FROM rejections GROUP BY ALL ORDER BY ALL",
    ),
    Family(
        "fetches",
        "counter",
        "Attempts on the network, by what was asked for and how it ended.",
        ("kind", "reason"),
        "SELECT coalesce(kind, 'feed'), reason, count(*) FROM fetches GROUP BY ALL ORDER BY ALL",
    ),
    Family(
        "stage_documents",
        "counter",
        "Documents that went through a stage.",
        ("stage",),
        "SELECT s.stage, sum(s.documents) FROM (SELECT unnest(per_stage) AS s FROM runs) GROUP BY ALL ORDER BY ALL",
    ),
    Family(
        "stage_cpu_seconds",
        "counter",
        "CPU seconds that a stage took.",
        ("stage",),
        "SELECT s.stage, sum(s.seconds) FROM (SELECT unnest(per_stage) AS s FROM runs) GROUP BY ALL ORDER BY ALL",
    ),
    Family(
        "last_run_start_seconds",
        "gauge",
        "When the last run of a flow started, in seconds since 1970.",
        ("flow",),
        "SELECT flow, epoch(max(started_at)) FROM runs GROUP BY ALL ORDER BY ALL",
    ),
    Family(
        "last_run_duration_seconds",
        "gauge",
        "How long the last run of a flow took.",
        ("flow", "state"),
        "SELECT flow, arg_max(state, started_at), arg_max(seconds, started_at) FROM runs GROUP BY flow ORDER BY flow",
    ),
    Family("articles", "gauge", "Articles in the store.", (), "SELECT count(*) FROM articles"),
    Family("stories", "gauge", "Stories in the store.", (), "SELECT count(*) FROM stories"),
    Family(
        "feeds",
        "gauge",
        "Feeds of the list, by health.",
        ("health",),
        "SELECT coalesce(health, 'new'), count(*) FROM feeds WHERE duplicate_of IS NULL GROUP BY ALL ORDER BY ALL",
    ),
)


def metrics_text(con: Connection, settings: Settings, now: datetime) -> str:
    """Return the state of a store in the OpenMetrics text format, version 1.0.0."""
    lines = [line for family in FAMILIES for line in _family(family, con.execute(family.query).fetchall())]
    quiet = [(one.source, one.language, int(one.quiet)) for one in fetch_volumes(con, now)]
    told = "Whether a source brought far fewer articles than usual for the weekday, on the last whole day that was polled."
    lines += _family(Family("source_quiet", "gauge", told, ("source", "language"), ""), quiet)
    files = {"published": settings.store, "writer": settings.writer_store}
    sizes = [(name, path.stat().st_size) for name, path in files.items() if path.exists()]
    lines += _family(Family("store_bytes", "gauge", "Sizes of the two files of the store.", ("file",), ""), sizes)
    return "\n".join([*lines, "# EOF"]) + "\n"


def write_metrics(path: Path, text: str) -> None:
    """Put the text in the place of a file in one step, so that whoever collects it never reads half; WirehouseError when it cannot be."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise WirehouseError(f"{path} cannot be written: {error.strerror}.") from error


def _family(family: Family, rows: Iterable[Sequence[object]]) -> Iterator[str]:
    name = f"wirehouse_{family.name}"
    yield f"# TYPE {name} {family.kind}"
    unit = family.name.rpartition("_")[2]
    if unit in {"seconds", "bytes"}:
        yield f"# UNIT {name} {unit}"
    yield f"# HELP {name} {family.help}"
    suffix = "_total" if family.kind == "counter" else ""
    for *values, number in rows:
        labels = ",".join(f'{label}="{_escaped(str(value))}"' for label, value in zip(family.labels, values, strict=True))
        yield f"{name}{suffix}{f'{{{labels}}}' if labels else ''} {number}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
