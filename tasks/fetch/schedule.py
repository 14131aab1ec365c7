"""When a feed is asked again, and with which validators: pure decisions from what is known and what a poll brought.

How long to wait is interval.py's; this is what is made of it, of what servers ask for and of failures.
"""

from datetime import datetime, timedelta
from typing import Any, Literal

from schemas.feed import FeedState, Outcome, PollLimits
from tasks.fetch.interval import DAY, HOUR, is_gap, next_interval, next_rate

WHOLE_AFTER_304 = 12
"""Answers 304 in a row after which the feed is asked for whole: servers lie, some for ever."""
WHOLE_AFTER = 7 * DAY
"""And the time after which it is, whatever was answered."""

SPREAD = 0.1
"""Share of the wait by which polls are spread, so that feeds added together do not stay together."""

RETRY_STEP = HOUR
"""The wait after a failure is this, times the weight of the failures in a row."""
SOFT = frozenset({"timeout", "dns", "tls", "refused", "server_error", "not_a_feed", "parser_limit"})
"""Reasons that mostly pass by themselves: half the weight."""
HARD_WEIGHT, SOFT_WEIGHT = 1.0, 0.5
PARK_WEIGHT = 30.0
"""Weight of failures at which a feed is left alone for PARKED; Media Cloud came from 4 over 10 to 30."""
PARK_AFTER = 7 * DAY
"""And the time without a good answer: runs in quick succession must not park a feed that was down for an hour."""
PARKED = 30 * DAY
"""Parked feeds are asked again after this: many come back."""
BUSY_WAIT = 15 * 60.0
"""After `rate_limited` without a usable Retry-After, times the failures in a row."""
LONGEST_RETRY = DAY
"""A Retry-After is followed up to here."""
RETRY_SPREAD = HOUR
"""Feeds of one busy host come back spread over this time."""

CONFIRM_AFTER = timedelta(seconds=DAY)
"""A permanent redirect must still be there after this time: captive portals and hijacks are not."""
CONFIRMED = 2

Health = Literal["ok", "degraded", "failing", "gone", "quiet"]
FAILING_WEIGHT = 3.0
RECENT_GAP = timedelta(days=7)
QUIET_ITEMS = 10
"""A feed is quiet when by its rate as many items should have come since the last one; by chance that is rare even in bursts."""
QUIET_LEAST, QUIET_UNRATED = timedelta(days=3), timedelta(days=90)
"""Not before a long weekend is over; and for a feed whose rate is unknown."""


def next_state(state: FeedState, outcome: Outcome, now: datetime, limits: PollLimits, jitter: float) -> FeedState:
    """Return what is known of the feed after a poll, the next one's time included.

    `jitter` in [-1, 1] is drawn by the caller; it moves the next poll by up to a tenth of the wait.
    """
    jitter = max(-1.0, min(1.0, jitter))
    if outcome.reason in {"ok", "not_modified"}:
        return _after_success(state, outcome, now, limits, jitter)
    return _after_failure(state, outcome, now, limits, jitter)


def validators(state: FeedState, now: datetime) -> tuple[str | None, str | None]:
    """Return the entity tag and the modification date to send, byte for byte as received; None where nothing is to be sent.

    Nothing is sent to a server whose validators lied, nor after 12 answers 304 in a row or 7 days without a whole
    answer: only a whole one can show that they lie.
    """
    overdue = state.asked_whole_at is not None and abs((now - state.asked_whole_at).total_seconds()) >= WHOLE_AFTER
    if not state.validators_trusted or overdue or state.not_modified_run >= WHOLE_AFTER_304:
        return None, None
    return state.etag, state.last_modified


def is_due(state: FeedState, now: datetime, limits: PollLimits) -> bool:
    """Return whether the feed is to be polled now.

    A time further ahead than any rule could have put it counts as due: the clock has jumped. With a shortest interval
    of 0 every feed is due that is not parked.
    """
    if _ahead(state.parked_until, now, PARKED):
        return False
    furthest = _longest(limits) + DAY + LONGEST_RETRY + RETRY_SPREAD  # a day for hours and days to be skipped
    return limits.shortest == 0 or not _ahead(state.next_due_at, now, furthest)


def confirmed_move(state: FeedState) -> str | None:
    """Return the address that the feed has moved to, once its permanent redirect is confirmed."""
    return state.moved_to if state.moved_seen >= CONFIRMED else None


def _ahead(moment: datetime | None, now: datetime, furthest: float) -> bool:
    return moment is not None and 0 < (moment - now).total_seconds() <= furthest


def _longest(limits: PollLimits) -> float:
    return max(limits.shortest, limits.longest)


def _clamp(seconds: float, limits: PollLimits) -> float:
    return max(limits.shortest, min(seconds, _longest(limits)))


# After a good answer


def _after_success(state: FeedState, outcome: Outcome, now: datetime, limits: PollLimits, jitter: float) -> FeedState:
    rate = next_rate(state, outcome, now)
    interval = _clamp(next_interval(state.model_copy(update={"rate": rate}), outcome, now), limits)
    hints = _hints(state, outcome)
    gap = is_gap(state, outcome)
    changes: dict[str, Any] = {
        **_validators_after(state, outcome, now),
        **_move_after(state, outcome, now),
        **hints,
        "rate": rate,
        "interval": interval,
        "polled_at": now,
        "good_at": now,
        "new_at": now if outcome.new > 0 else state.new_at,
        "failures": 0,
        "failure_weight": 0.0,
        "last_reason": outcome.reason,
        "parked_until": None,
        "parked_reason": None,
        "gaps": state.gaps + gap,
        "gap_at": now if gap else state.gap_at,
    }
    after = state.model_copy(update=changes)
    return after.model_copy(update={"next_due_at": _due(after, outcome.max_age, limits, jitter)})


def _validators_after(state: FeedState, outcome: Outcome, now: datetime) -> dict[str, Any]:
    if outcome.reason == "not_modified":
        kept = {"etag": outcome.etag or state.etag, "last_modified": outcome.last_modified or state.last_modified}
        found: dict[str, Any] = kept | {"not_modified_run": state.not_modified_run + 1}
    else:
        found = {
            "etag": outcome.etag or None,
            "last_modified": outcome.last_modified or None,
            "not_modified_run": 0,
            "body_hash": outcome.body_hash,
            "validators_trusted": state.validators_trusted and not _lied(state, outcome),
            "asked_whole_at": state.asked_whole_at if outcome.conditional else now,
        }
    if outcome.max_age is not None and outcome.max_age <= 0:
        found |= {"etag": None, "last_modified": None}
    return found


def _lied(state: FeedState, outcome: Outcome) -> bool:
    """Return whether new items came under the validator that had been given for the list without them.

    The entity tag decides where there is one, as it does for the server (RFC 9110 13.2.2).
    """
    if outcome.conditional or outcome.new == 0:
        return False
    if state.etag or outcome.etag:
        return state.etag == outcome.etag
    return state.last_modified is not None and state.last_modified == outcome.last_modified


def _move_after(state: FeedState, outcome: Outcome, now: datetime) -> dict[str, Any]:
    target, first = outcome.moved_to, state.moved_first_seen
    if target is None:
        shown = outcome.reason == "ok"  # a 304 has no body that could show where the feed is
        return {"moved_to": None, "moved_first_seen": None, "moved_seen": 0} if shown else {}
    if target != state.moved_to or first is None or first > now:
        return {"moved_to": target, "moved_first_seen": now, "moved_seen": 1}
    return {"moved_seen": CONFIRMED} if now - first >= CONFIRM_AFTER else {}


# The moment of the next poll


def _hints(state: FeedState, outcome: Outcome) -> dict[str, Any]:
    if outcome.reason == "not_modified" or (outcome.body_hash is not None and outcome.body_hash == state.body_hash):
        return {}  # the same words ask for the same
    days = outcome.skip_days if set(range(7)) - outcome.skip_days else frozenset()  # all of them would end the feed
    hours = outcome.skip_hours if set(range(24)) - outcome.skip_hours else frozenset()
    return {"ttl": outcome.ttl, "skip_hours": hours, "skip_days": days}


def _due(state: FeedState, max_age: float | None, limits: PollLimits, jitter: float) -> datetime:
    """Return the next poll after a good one: interval, raised by what server and feed ask for, spread, shifted out of hours to skip."""
    assert state.interval is not None
    assert state.polled_at is not None
    least = _clamp(max(max_age or 0.0, state.ttl or 0.0), limits)
    wait = max(state.interval, least)
    shift = SPREAD * wait * jitter
    if not least <= wait + shift <= _longest(limits):
        shift = -shift  # spread all the same, to the side that is allowed
    due = state.polled_at + timedelta(seconds=max(least, min(wait + shift, _longest(limits))))
    for hours in range(24):  # never more than a day: these are hints
        later = due + timedelta(hours=hours)
        if later.hour not in state.skip_hours and later.weekday() not in state.skip_days:
            return later
    return due + timedelta(days=1)


# After a failure


def _after_failure(state: FeedState, outcome: Outcome, now: datetime, limits: PollLimits, jitter: float) -> FeedState:
    weight = state.failure_weight + _weight(outcome)
    failures = state.failures + 1
    parked = _parked_reason(state, outcome, weight, now)
    failed = state.model_copy(update={"failures": failures, "failure_weight": weight})
    wait = PARKED if parked else _failure_wait(failed, outcome, limits, jitter)
    return failed.model_copy(
        update={
            "polled_at": now,
            "last_reason": outcome.reason,
            "next_due_at": now + timedelta(seconds=wait),
            "parked_until": now + timedelta(seconds=PARKED) if parked else None,
            "parked_reason": parked,
        }
    )


def _told_to_wait(outcome: Outcome) -> bool:
    return outcome.reason == "rate_limited" or (outcome.reason == "server_error" and outcome.retry_after is not None)


def _weight(outcome: Outcome) -> float:
    if _told_to_wait(outcome):
        return 0.0
    return SOFT_WEIGHT if outcome.reason in SOFT else HARD_WEIGHT


def _parked_reason(state: FeedState, outcome: Outcome, weight: float, now: datetime) -> str | None:
    if outcome.reason == "gone":
        return "gone"
    lasting = state.good_at is None or abs((now - state.good_at).total_seconds()) >= PARK_AFTER
    return "failing" if weight >= PARK_WEIGHT and lasting and not _told_to_wait(outcome) else None


def _failure_wait(state: FeedState, outcome: Outcome, limits: PollLimits, jitter: float) -> float:
    """Return the seconds until the next attempt; `state` has this failure counted."""
    if outcome.reason == "robots":
        return DAY + RETRY_SPREAD * (1 + jitter) / 2  # robots.txt is asked for once a day
    if _told_to_wait(outcome):
        asked = outcome.retry_after if outcome.retry_after is not None and outcome.retry_after >= 0 else BUSY_WAIT * state.failures
        return max(limits.shortest, min(asked, LONGEST_RETRY)) + RETRY_SPREAD * (1 + jitter) / 2
    step = _clamp(max(state.interval or 0.0, RETRY_STEP * state.failure_weight), limits)
    return max(min(step * (1 + SPREAD * jitter), _longest(limits)), limits.shortest)


# How the feed is


def health(state: FeedState, now: datetime) -> tuple[Health, str]:
    """Return how a feed is, and why in a few words ('' when it is well)."""
    if state.parked_reason == "gone":
        return "gone", f"answered 410; asked again {_day(state.parked_until)}"
    if state.failures:
        return _ill(state)
    return _well(state, now)


def _ill(state: FeedState) -> tuple[Health, str]:
    often = f"{state.last_reason}, {state.failures} time{'s' * (state.failures > 1)} in a row"
    if state.parked_until is not None:
        return "failing", f"{often}; asked again {_day(state.parked_until)}"
    if state.good_at is None:
        return "failing", f"never answered well: {often}"
    return ("failing" if state.failure_weight >= FAILING_WEIGHT else "degraded"), often


def _well(state: FeedState, now: datetime) -> tuple[Health, str]:
    if state.good_at is None:
        return "ok", "not asked yet"
    if state.new_at is None:
        return "quiet", "never brought an item"
    silence = now - state.new_at
    if silence > (allowed := _allowed_silence(state.rate)):
        return "quiet", f"nothing new for {silence.days} days, where {allowed.days} would be long"
    if state.gap_at is not None and now - state.gap_at <= RECENT_GAP:
        return "degraded", f"items may be missing before {_day(state.gap_at)}: a poll shared none with the one before"
    if not state.validators_trusted:
        return "degraded", "its ETag or Last-Modified stay the same when items change: always fetched whole"
    return "ok", ""


def _allowed_silence(rate: float | None) -> timedelta:
    if not rate:
        return QUIET_UNRATED
    return max(QUIET_LEAST, timedelta(days=min(QUIET_ITEMS / rate, 10 * QUIET_UNRATED.days)))


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "at any time"
