"""What a run did: counts that balance, and the cost of each stage."""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from schemas.record import Record

Engine = Literal["direct", "prefect"]
RunState = Literal["running", "completed", "failed", "crashed"]


class RunCounts(Record):
    """Documents seen and what became of them; `duplicates` counts new articles that copy an earlier one."""

    seen: int = 0
    new: int = 0
    new_versions: int = 0
    sightings: int = 0
    unchanged: int = 0
    rejected: int = 0
    duplicates: int = 0

    def plus(self, other: Self) -> Self:
        """Return the sums of both."""
        return self.model_copy(update={name: getattr(self, name) + getattr(other, name) for name in type(self).model_fields})

    @property
    def balanced(self) -> bool:
        """Whether every document seen has exactly one outcome."""
        return self.seen == self.new + self.new_versions + self.sightings + self.unchanged + self.rejected


class StageCost(Record):
    """Documents that went through a stage and the CPU seconds it took."""

    stage: str
    documents: int = 0
    seconds: float = 0.0


class RunReport(Record):
    """A run from start to end, as `runs` keeps it."""

    run_id: UUID
    flow: str
    engine: Engine
    started_at: datetime
    finished_at: datetime | None = None
    state: RunState = "running"
    counts: RunCounts = RunCounts()
    seconds: float = 0.0
    per_stage: tuple[StageCost, ...] = ()
    reasons: tuple[tuple[str, int], ...] = ()
    """Rejections by reason, the commonest first."""
    passed_over: int = 0
    """Documents outside the dates that were asked for. They are no part of `seen`, and the store does not keep their number."""
    fetches: tuple[tuple[str, int], ...] = ()
    """Attempts on the network by what was asked for and how it ended (`feed not_modified`), the commonest first."""
