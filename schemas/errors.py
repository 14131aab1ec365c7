"""The errors that end a command, each with its exit code.

    WirehouseError            1
    |- UsageError             2   a path, option or query that cannot be meant
    |- StrictError            3   --strict and something was rejected
    |- StoreBusyError         4   another process holds the store
    |- StoreUnreadableError   5   newer version, not ours, damaged

A document that cannot go on is no error but a `Rejection`. Every message is one plain sentence or two:
what happened, and what to do next. All of them survive pickling, so workers can raise them.
"""


class WirehouseError(Exception):
    """Base of all errors that a person is meant to read."""

    exit_code = 1


class UsageError(WirehouseError):
    """Something typed cannot be meant: a missing path, a statement that is not a query."""

    exit_code = 2


class StrictError(WirehouseError):
    """`--strict` was given and something was rejected."""

    exit_code = 3


class StoreBusyError(WirehouseError):
    """Another process holds the store."""

    exit_code = 4


class StoreUnreadableError(WirehouseError):
    """The file is of a newer version, not a store of ours, or damaged."""

    exit_code = 5


class BalanceError(WirehouseError):
    """A run whose counts do not add up: nothing of its closing transaction is kept."""
