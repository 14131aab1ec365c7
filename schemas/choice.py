"""What a person wants of an archive, when it is not all of it."""

from datetime import UTC, date, datetime

from schemas.record import Record


class Period(Record):
    """Days in UTC, the first and the last included; an end that is None is open."""

    since: date | None = None
    until: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether every moment lies in it, an unknown one too."""
        return self.since is None and self.until is None

    def holds(self, moment: datetime | None) -> bool:
        """Return whether a moment lies in the period; one that is not known lies in none but the open one."""
        if self.is_open:
            return True
        if moment is None:
            return False
        day = moment.astimezone(UTC).date()
        return (self.since is None or day >= self.since) and (self.until is None or day <= self.until)


class Choice(Record):
    """Which documents of an archive are taken in, and under which name."""

    published: Period = Period()
    """When an article was published; known only after cleaning."""
    captured: Period = Period()
    """When a document was fetched; only web archives say so."""
    limit: int | None = None
    """Documents after which reading stops."""
    source: str | None = None
    """The archive's name, in place of the file's."""

    @property
    def key(self) -> str:
        """What tells the place in a run with this choice from the place in one with another, '' for everything."""
        periods = {"published": self.published, "captured": self.captured}
        return "".join(f"?{name}={one.since or ''}..{one.until or ''}" for name, one in periods.items() if not one.is_open)
