"""Relabel: stored articles through today's labelling rules once more, without the network."""

from flows.chosen import chosen_articles
from schemas.settings import Settings
from tasks.label.version import KINDS, Kind
from tasks.relabel import Wanted


def wanted_labels(stage: Kind | None, where: str | None, settings: Settings) -> Wanted:
    """Return what is to be labelled anew: one kind of labels or both, of the articles that a condition holds for.

    Without a condition those are meant that other rules labelled. Raises UsageError for what is no condition, or when there is no store.
    """
    ids = None if where is None else chosen_articles(settings, where)
    return Wanted(frozenset([stage] if stage else KINDS), ids, where or "")
