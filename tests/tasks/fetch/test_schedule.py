from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.feed import FeedState, Outcome, PollLimits, Reason, feed_id
from tasks.fetch.schedule import confirmed_move, health, is_due, next_state, validators

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)  # a Friday
FEED = feed_id("https://news.example/feed")
LIMITS = PollLimits()
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


def new(**values: Any) -> FeedState:
    """A feed that was never polled."""
    return FeedState(feed_id=FEED, **values)


def running(**values: Any) -> FeedState:
    """A feed in the middle of its life: polled every hour, the last poll an hour ago."""
    last = NOW - timedelta(hours=1)
    known: dict[str, Any] = {
        "etag": '"a"',
        "last_modified": "Fri, 20 Nov 2026 10:00:00 GMT",
        "body_hash": "0" * 64,
        "interval": HOUR,
        "rate": 24.0,
        "next_due_at": NOW,
        "polled_at": last,
        "good_at": last,
        "new_at": last,
        "asked_whole_at": NOW - timedelta(days=1),
        "last_reason": "ok",
    }
    return FeedState(feed_id=FEED, **(known | values))


def ok(**values: Any) -> Outcome:
    """A poll that found half of twenty items known."""
    found: dict[str, Any] = {"body_hash": "1" * 64, "conditional": True, "etag": '"b"', "entries": 20, "known": 10, "new": 10}
    return Outcome(reason="ok", **(found | values))


UNCHANGED = Outcome(reason="not_modified", conditional=True)


def after(state: FeedState, outcome: Outcome, now: datetime = NOW, jitter: float = 0.0, limits: PollLimits = LIMITS) -> FeedState:
    return next_state(state, outcome, now, limits, jitter)


def wait(state: FeedState, now: datetime = NOW) -> float:
    assert state.next_due_at is not None
    return (state.next_due_at - now).total_seconds()


# Validators


@pytest.mark.parametrize("etag", ['"a"', 'W/"a"', "unquoted", '"with "quotes" in it"', 'w/"odd"'])
def test_validators_are_sent_as_they_came(etag: str) -> None:
    state = after(new(), ok(conditional=False, etag=etag, last_modified="Sat, 1 Jan 80 00:00:00"))
    assert validators(state, NOW) == (etag, "Sat, 1 Jan 80 00:00:00")


def test_nothing_is_made_up_for_a_feed_without_validators() -> None:
    assert validators(new(), NOW) == (None, None)
    assert validators(after(new(), ok(etag=None, conditional=False)), NOW) == (None, None)


def test_both_are_replaced_by_every_good_body_each_on_its_own() -> None:
    assert validators(after(running(), ok(body_hash="0" * 64)), NOW) == ('"b"', None)
    assert validators(after(running(), ok(etag=None, last_modified="today")), NOW) == (None, "today")
    assert validators(after(running(), ok(etag="", last_modified="")), NOW) == (None, None)


def test_a_304_keeps_them_or_brings_new_ones() -> None:
    old = running()
    assert validators(after(old, UNCHANGED), NOW) == (old.etag, old.last_modified)
    assert validators(after(old, UNCHANGED.model_copy(update={"etag": '"c"'})), NOW) == ('"c"', old.last_modified)
    assert after(old, UNCHANGED).body_hash == old.body_hash


@pytest.mark.parametrize("reason", ["server_error", "not_found", "not_a_feed", "empty", "protocol", "gone", "parser_limit", "timeout"])
def test_never_from_an_error(reason: Reason) -> None:
    old = running()
    failed = after(old, Outcome(reason=reason, conditional=True, etag='"bad"', last_modified="bad", body_hash="bad"))
    assert (failed.etag, failed.last_modified, failed.body_hash) == (old.etag, old.last_modified, old.body_hash)


@pytest.mark.parametrize("outcome", [ok(max_age=0.0), ok(max_age=-1.0), UNCHANGED.model_copy(update={"max_age": 0.0})])
def test_a_server_that_wants_nothing_kept_gets_no_validators(outcome: Outcome) -> None:
    assert validators(after(running(), outcome), NOW) == (None, None)


def test_after_twelve_304_in_a_row_the_feed_is_asked_for_whole() -> None:
    state, asked = running(), []
    for _ in range(14):
        asked.append(validators(state, NOW) != (None, None))
        state = after(state, UNCHANGED)
    assert asked == [True] * 12 + [False] * 2
    whole = after(state, ok(conditional=False, new=0, known=20, etag='"a"'))
    assert whole.not_modified_run == 0
    assert validators(whole, NOW) == ('"a"', None)


@pytest.mark.parametrize(("days", "sent"), [(6.9, True), (7, False), (-8, False)])
def test_after_a_week_the_feed_is_asked_for_whole(days: float, sent: bool) -> None:
    state = running(asked_whole_at=NOW - timedelta(days=days))
    assert (validators(state, NOW) != (None, None)) is sent
    again = after(state, ok(conditional=sent))
    assert again.asked_whole_at == (state.asked_whole_at if sent else NOW)


def test_a_whole_answer_that_fails_is_asked_for_again() -> None:
    state = running(not_modified_run=12)
    assert validators(after(state, Outcome(reason="timeout")), NOW) == (None, None)


@pytest.mark.parametrize(
    ("outcome", "trusted"),
    [
        (ok(conditional=False, etag='"a"', new=1), False),
        (ok(conditional=False, etag='"a"', last_modified="later", new=1), False),
        (ok(conditional=False, etag='"b"', new=1), True),
        (ok(conditional=False, etag='"a"', new=0), True),
        (ok(conditional=True, etag='"a"', new=1), True),
        (ok(conditional=False, etag=None, last_modified="Fri, 20 Nov 2026 10:00:00 GMT", new=1), True),
    ],
)
def test_new_items_under_the_same_validator_are_a_lie(outcome: Outcome, trusted: bool) -> None:
    state = after(running(), outcome)
    assert state.validators_trusted is trusted
    assert (validators(state, NOW) == (None, None)) is (not trusted or not (outcome.etag or outcome.last_modified))


@pytest.mark.parametrize(("before", "now"), [("Thu, 19 Nov 2026 10:00:00 GMT", "Fri, 20 Nov 2026 10:00:00 GMT"), (None, None)])
def test_new_items_under_a_new_date_or_none_are_no_lie(before: str | None, now: str | None) -> None:
    outcome = ok(conditional=False, etag=None, last_modified=now)
    assert after(running(etag=None, last_modified=before), outcome).validators_trusted


def test_a_date_that_never_changes_is_a_lie_and_stays_one() -> None:
    stuck = "Tue, 01 Jan 1980 00:00:00 GMT"
    lying = after(running(etag=None, last_modified=stuck), ok(conditional=False, etag=None, last_modified=stuck, new=1))
    assert not lying.validators_trusted
    later = after(lying, ok(conditional=False, etag=None, last_modified="Fri, 20 Nov 2026 12:00:00 GMT", new=0))
    assert validators(later, NOW) == (None, None)


# The interval


def every(hours: float, count: int = 20) -> tuple[datetime, ...]:
    return tuple(NOW - timedelta(hours=hours * n) for n in range(1, count + 1))


@pytest.mark.parametrize(
    ("published", "interval"),
    [
        (every(1), HOUR),
        (every(0.1), 10 * MINUTE),  # a new one every six minutes: the shortest
        (every(6), 6 * HOUR),
        (every(24 * 20), DAY),
        ((), HOUR),
        (every(5, 1), HOUR),
        ((NOW - timedelta(minutes=1),) * 20, HOUR),  # stamped when the list was made
        ((*every(1, 19), NOW - timedelta(days=900)), HOUR),  # an old item is pinned
    ],
)
def test_the_first_interval_is_that_of_the_dates(published: tuple[datetime, ...], interval: float) -> None:
    state = after(new(), ok(conditional=False, new=20, known=0, published=published))
    assert state.interval == pytest.approx(interval)
    assert wait(state) == pytest.approx(interval)


@pytest.mark.parametrize(
    ("known", "factor"), [(0.05, 0.75), (0.3, 0.75), (0.35, 1), (0.5, 1), (0.65, 1), (0.7, 1.1), (0.95, 1.1), (1.0, 1.25)]
)
def test_the_overlap_corrects_it(known: float, factor: float) -> None:
    outcome = ok(entries=100, known=round(known * 100), new=100 - round(known * 100))
    assert after(running(), outcome).interval == pytest.approx(HOUR * factor)


@pytest.mark.parametrize("outcome", [UNCHANGED, ok(new=0, known=20), ok(entries=0, new=0, known=0)])
def test_nothing_new_lengthens_it(outcome: Outcome) -> None:
    assert after(running(), outcome).interval == pytest.approx(1.25 * HOUR)


@pytest.mark.parametrize(
    ("planned", "known", "factor"),
    [
        (10 * HOUR, 20, 1),  # early: no wonder that all is known
        (10 * HOUR, 1, 0.75),
        (10 * MINUTE, 1, 1),  # late: no wonder that little is
        (10 * MINUTE, 20, 1.25),
    ],
)
def test_polls_far_off_schedule_count_only_where_they_mean_something(planned: float, known: int, factor: float) -> None:
    last = NOW - timedelta(hours=1)
    state = running(polled_at=last, next_due_at=last + timedelta(seconds=planned))
    assert after(state, ok(known=known, new=20 - known)).interval == pytest.approx(HOUR * factor)


def test_without_overlap_the_interval_is_halved_and_a_gap_counted() -> None:
    state = after(running(gaps=2), ok(known=0, new=20))
    assert state.interval == HOUR / 2
    assert (state.gaps, state.gap_at) == (3, NOW)
    assert after(state, ok(), NOW + timedelta(minutes=30)).gaps == 3


def test_the_first_poll_and_the_first_items_are_no_gap() -> None:
    assert after(new(), ok(known=0, new=20)).gaps == 0
    assert after(running(new_at=None), ok(known=0, new=20)).gaps == 0


@pytest.mark.parametrize(
    ("rate", "silence", "longest"),
    [(24.0, HOUR, 4 * HOUR), (1.0, HOUR, DAY), (24.0, 5 * DAY, 12 * HOUR), (24.0, 20 * DAY, DAY), (None, HOUR, DAY), (0.0, HOUR, DAY)],
)
def test_it_grows_as_far_as_rate_and_silence_allow(rate: float | None, silence: float, longest: float) -> None:
    state = running(rate=rate)
    for _ in range(30):
        planned = timedelta(seconds=state.interval or 0)
        quiet = {"new_at": NOW - timedelta(seconds=silence), "polled_at": NOW - planned, "next_due_at": NOW}
        state = after(state.model_copy(update=quiet), UNCHANGED)
    assert state.interval == pytest.approx(longest)


def test_it_stays_within_the_limits() -> None:
    limits = PollLimits(shortest=HOUR, longest=2 * HOUR)
    assert after(running(), ok(known=0, new=20), limits=limits).interval == HOUR
    assert after(running(interval=9 * HOUR, rate=0.1), UNCHANGED, limits=limits).interval == 2 * HOUR
    assert after(running(), ok(), limits=PollLimits(shortest=2 * DAY)).interval == 2 * DAY


def test_the_rate_follows_what_comes() -> None:
    state = after(running(rate=24.0), ok(new=10, known=10))
    assert state.rate is not None
    assert 24.0 < state.rate < 30.0  # one good hour says little about a week
    assert after(running(rate=24.0), UNCHANGED).rate == 24.0
    assert after(running(rate=None), ok(new=1, known=19)).rate == pytest.approx(24.0)
    slow = after(running(rate=24.0, new_at=NOW - timedelta(days=30)), ok(new=1, known=19)).rate
    assert slow == pytest.approx(1 / 30, rel=0.15, abs=0.4)


# The moment of the next poll


@pytest.mark.parametrize(("jitter", "factor"), [(-1, 0.9), (-0.5, 0.95), (0, 1), (1, 1.1), (7, 1.1)])
def test_polls_are_spread_by_a_tenth(jitter: float, factor: float) -> None:
    assert wait(after(running(), ok(), jitter=jitter)) == pytest.approx(HOUR * factor)


@pytest.mark.parametrize(("interval", "jitter", "expected"), [(600.0, -1.0, 660.0), (DAY, 1.0, 0.9 * DAY)])
def test_the_spread_stays_within_the_limits(interval: float, jitter: float, expected: float) -> None:
    state = running(interval=interval, next_due_at=NOW, polled_at=NOW - timedelta(seconds=interval))
    assert wait(after(state, ok(), jitter=jitter)) == pytest.approx(expected)


@pytest.mark.parametrize("jitter", [-1.0, 0.0, 1.0])
@pytest.mark.parametrize(
    ("hints", "least"),
    [
        ({"max_age": 7200.0}, 7200),
        ({"ttl": 7200.0}, 7200),
        ({"max_age": 7200.0, "ttl": 9000.0}, 9000),
        ({"ttl": 9e9}, DAY),
        ({"max_age": 9e9}, DAY),
    ],
)
def test_what_server_and_feed_ask_for_is_never_undercut(hints: dict[str, float], least: float, jitter: float) -> None:
    state = after(running(), ok(**hints), jitter=jitter)
    assert least <= wait(state) <= max(1.1 * least, DAY)
    assert wait(state) <= DAY
    assert state.interval == HOUR


def test_hints_shorter_than_the_interval_change_nothing() -> None:
    assert wait(after(running(), ok(ttl=60.0, max_age=60.0))) == HOUR


def test_a_304_and_an_equal_body_keep_what_the_feed_asked_for() -> None:
    asked = after(running(), ok(ttl=4 * HOUR, skip_hours=frozenset({16})))
    later = NOW + timedelta(hours=5)
    for again in (UNCHANGED, ok(entries=1, known=1, new=0)):
        state = after(asked, again, later)
        assert (state.ttl, state.skip_hours) == (4 * HOUR, {16})
        assert wait(state, later) == 4 * HOUR
    assert after(asked, ok(body_hash="2" * 64), later).ttl is None


@pytest.mark.parametrize(
    ("skip", "due"),
    [
        ({"skip_hours": frozenset({13})}, NOW + timedelta(hours=2)),
        ({"skip_hours": frozenset(range(13, 24))}, NOW + timedelta(hours=12)),
        ({"skip_hours": frozenset(range(24))}, NOW + timedelta(hours=1)),
        ({"skip_hours": frozenset({11})}, NOW + timedelta(hours=1)),
        ({"skip_days": frozenset({4})}, NOW + timedelta(hours=12)),
        ({"skip_days": frozenset(range(7))}, NOW + timedelta(hours=1)),
        ({"skip_days": frozenset({4, 5, 6})}, NOW + timedelta(hours=25)),  # never more than a day later
        ({"skip_days": frozenset(range(6)), "skip_hours": frozenset(range(23))}, NOW + timedelta(hours=25)),
    ],
)
def test_hours_and_days_to_skip_are_hints(skip: dict[str, frozenset[int]], due: datetime) -> None:
    assert after(running(), ok(**skip)).next_due_at == due


# Failures


@pytest.mark.parametrize(
    ("reason", "weight"),
    [
        ("not_found", 1.0),
        ("auth", 1.0),
        ("forbidden", 1.0),
        ("challenge", 1.0),
        ("empty", 1.0),
        ("blocked_address", 1.0),
        ("timeout", 0.5),
        ("dns", 0.5),
        ("tls", 0.5),
        ("refused", 0.5),
        ("server_error", 0.5),
        ("not_a_feed", 0.5),
        ("parser_limit", 0.5),
        ("rate_limited", 0.0),
    ],
)
def test_failures_have_weights(reason: Reason, weight: float) -> None:
    failed = after(running(), Outcome(reason=reason))
    assert (failed.failures, failed.failure_weight, failed.last_reason) == (1, weight, reason)
    assert (failed.polled_at, failed.good_at) == (NOW, NOW - timedelta(hours=1))
    assert failed.parked_until is None


def test_the_back_off_is_linear_and_capped() -> None:
    state, waits, now = running(interval=600.0), [], NOW
    for _ in range(29):
        state = after(state, Outcome(reason="not_found"), now)
        waits.append(wait(state, now))
        now = state.next_due_at or now
    assert waits == [min(n * HOUR, DAY) for n in range(1, 30)]


def test_a_good_answer_forgets_failures() -> None:
    broken = running(failures=40, failure_weight=40.0, parked_until=NOW, parked_reason="failing", last_reason="dns")
    for outcome in (ok(), UNCHANGED):
        state = after(broken, outcome)
        assert (state.failures, state.failure_weight, state.parked_until, state.parked_reason) == (0, 0.0, None, None)
        assert state.last_reason == outcome.reason


def test_failures_wait_no_shorter_than_usual() -> None:
    assert wait(after(running(interval=12 * HOUR), Outcome(reason="timeout"))) == 12 * HOUR


def test_gone_is_parked_for_a_month_and_keeps_what_is_known() -> None:
    state = after(running(), Outcome(reason="gone"))
    assert (state.parked_until, state.parked_reason) == (NOW + timedelta(days=30), "gone")
    assert state.next_due_at == state.parked_until
    assert not is_due(state, NOW + timedelta(days=29), LIMITS)
    assert is_due(state, NOW + timedelta(days=30), LIMITS)
    assert state.etag == '"a"'


def test_lasting_failure_parks_and_parks_again() -> None:
    state = running(failures=29, failure_weight=29.0, good_at=NOW - timedelta(days=20))
    parked = after(state, Outcome(reason="not_found"))
    assert (parked.parked_until, parked.parked_reason) == (NOW + timedelta(days=30), "failing")
    month_later = NOW + timedelta(days=30)
    again = after(parked, Outcome(reason="dns"), month_later)
    assert again.parked_until == month_later + timedelta(days=30)


def test_failures_in_quick_succession_do_not_park() -> None:
    assert after(running(failures=99, failure_weight=99.0), Outcome(reason="not_found")).parked_until is None


@pytest.mark.parametrize(
    ("asked", "least"),
    [(None, 15 * MINUTE), (-5.0, 15 * MINUTE), (0.0, 10 * MINUTE), (7200.0, 7200), (40 * DAY, DAY), (1e300, DAY)],
)
@pytest.mark.parametrize(("jitter", "spread"), [(-1, 0), (0, 1800), (1, 3600)])
def test_a_busy_server_gets_its_time_and_a_spread(asked: float | None, least: float, jitter: float, spread: float) -> None:
    state = after(running(), Outcome(reason="rate_limited", retry_after=asked), jitter=jitter)
    assert wait(state) == pytest.approx(least + spread)
    assert state.failure_weight == 0.0


def test_without_a_wish_a_busy_server_gets_more_time_each_time() -> None:
    state = running()
    for _ in range(4):
        state = after(state, Outcome(reason="rate_limited"), jitter=-1)
    assert wait(state) == 60 * MINUTE


def test_a_server_with_a_fault_and_a_wish_gets_its_time() -> None:
    state = after(running(), Outcome(reason="server_error", retry_after=5 * HOUR), jitter=-1)
    assert wait(state) == 5 * HOUR
    assert state.failure_weight == 0.0


def test_a_feed_that_robots_forbids_is_asked_for_a_day_later() -> None:
    assert DAY <= wait(after(running(), Outcome(reason="robots"))) <= DAY + HOUR


# Redirects

NEW_HOME = "https://new.example/feed"


def test_a_move_is_believed_when_it_is_still_there_a_day_later() -> None:
    first = after(running(), ok(moved_to=NEW_HOME))
    soon = after(first, ok(moved_to=NEW_HOME), NOW + timedelta(hours=23))
    assert [confirmed_move(state) for state in (first, soon)] == [None, None]
    unchanged = after(soon, UNCHANGED, NOW + timedelta(hours=24))
    assert confirmed_move(unchanged) is None
    assert confirmed_move(after(unchanged, ok(moved_to=NEW_HOME), NOW + timedelta(hours=25))) == NEW_HOME


def test_another_target_starts_anew() -> None:
    state = after(after(running(), ok(moved_to=NEW_HOME)), ok(moved_to="https://other.example/"), NOW + timedelta(days=2))
    assert (state.moved_seen, state.moved_first_seen) == (1, NOW + timedelta(days=2))


def test_a_good_body_without_a_redirect_ends_it() -> None:
    state = after(after(running(), ok(moved_to=NEW_HOME)), ok(), NOW + timedelta(hours=12))
    assert (state.moved_to, state.moved_first_seen, state.moved_seen) == (None, None, 0)


def test_a_failure_says_nothing_about_a_move() -> None:
    state = after(after(running(), ok(moved_to=NEW_HOME)), Outcome(reason="timeout"), NOW + timedelta(hours=12))
    assert state.moved_to == NEW_HOME


def test_a_first_sight_in_the_future_starts_anew() -> None:
    state = running(moved_to=NEW_HOME, moved_first_seen=NOW + timedelta(days=300), moved_seen=1)
    assert after(state, ok(moved_to=NEW_HOME)).moved_first_seen == NOW


# Due


@pytest.mark.parametrize(
    ("ahead", "due"),
    [(None, True), (-DAY, True), (0.0, True), (1.0, False), (DAY, False), (3 * DAY, False), (4 * DAY, True), (365 * DAY, True)],
)
def test_due(ahead: float | None, due: bool) -> None:
    moment = None if ahead is None else NOW + timedelta(seconds=ahead)
    assert is_due(running(next_due_at=moment), NOW, LIMITS) is due


def test_parked_feeds_are_not_due_unless_the_clock_jumped() -> None:
    for limits in (LIMITS, PollLimits(shortest=0)):
        assert not is_due(running(parked_until=NOW + timedelta(days=30)), NOW, limits)
        assert is_due(running(parked_until=NOW + timedelta(days=31)), NOW, limits)
        assert is_due(running(parked_until=NOW), NOW, limits)


def test_with_a_shortest_interval_of_0_every_feed_is_due() -> None:
    limits = PollLimits(shortest=0)
    state = running()
    for outcome in (ok(), UNCHANGED, Outcome(reason="timeout"), Outcome(reason="rate_limited", retry_after=9e9)):
        state = after(state, outcome, limits=limits)
        assert is_due(state, NOW, limits)


@pytest.mark.parametrize("limits", [LIMITS, PollLimits(shortest=0), PollLimits(shortest=0, longest=0), PollLimits(shortest=9e5)])
@pytest.mark.parametrize("days", [-365, -1, 0, 1, 365])
def test_no_wait_is_negative_or_beyond_what_is_due(days: float, limits: PollLimits) -> None:
    now = NOW + timedelta(days=days)
    outcomes = [ok(), ok(known=0, new=20), UNCHANGED, ok(ttl=-5.0, max_age=-5.0), ok(ttl=9e9, skip_days=frozenset(range(6)))]
    reasons: list[Reason] = ["timeout", "not_found", "rate_limited", "robots", "gone"]
    for outcome in [*outcomes, *(Outcome(reason=reason, retry_after=9e9) for reason in reasons)]:
        for jitter in (-1.0, 1.0):
            state = after(running(), outcome, now, jitter, limits)
            assert wait(state, now) >= min(limits.shortest, DAY)
            assert limits.shortest == 0 or not is_due(state, now, limits)


# Health


@pytest.mark.parametrize(
    ("state", "expected", "words"),
    [
        (new(), "ok", "not asked yet"),
        (running(), "ok", ""),
        (running(failures=1, failure_weight=0.5, last_reason="dns"), "degraded", "dns, 1 time in a row"),
        (running(failures=9, failure_weight=0.0, last_reason="rate_limited"), "degraded", "rate_limited, 9 times"),
        (running(failures=3, failure_weight=3.0, last_reason="not_found"), "failing", "not_found, 3 times in a row"),
        (new(failures=1, failure_weight=0.5, last_reason="tls", polled_at=NOW), "failing", "never answered well"),
        (running(validators_trusted=False), "degraded", "ETag"),
        (running(gap_at=NOW - timedelta(days=6), gaps=1), "degraded", "missing before 2026-11-14"),
        (running(gap_at=NOW - timedelta(days=8), gaps=1), "ok", ""),
        (running(new_at=NOW - timedelta(days=4)), "quiet", "nothing new for 4 days"),
        (running(new_at=NOW - timedelta(days=2)), "ok", ""),
        (running(new_at=NOW - timedelta(days=20), rate=0.2), "ok", ""),
        (running(new_at=NOW - timedelta(days=60), rate=0.2), "quiet", "60 days"),
        (running(new_at=NOW - timedelta(days=80), rate=None), "ok", ""),
        (running(new_at=NOW - timedelta(days=100), rate=None), "quiet", "100 days"),
        (running(new_at=NOW - timedelta(days=800), rate=1e-9), "ok", ""),
        (running(new_at=None), "quiet", "never brought"),
    ],
)
def test_health(state: FeedState, expected: str, words: str) -> None:
    found, why = health(state, NOW)
    assert found == expected
    assert words in why
    assert bool(why) is (found != "ok" or bool(words))


def test_health_of_parked_feeds() -> None:
    assert health(after(running(), Outcome(reason="gone")), NOW) == ("gone", "answered 410; asked again 2026-12-20")
    failing = running(failures=29, failure_weight=29.0, good_at=NOW - timedelta(days=20))
    assert health(after(failing, Outcome(reason="dns")), NOW)[0] == "failing"


# A life


class Site:
    """A feed of the newest items that appear every so many minutes, by day only if `nights`."""

    def __init__(self, minutes: float, window: int, nights: bool = False) -> None:
        step, self.items, at = timedelta(minutes=minutes), list[datetime](), NOW - timedelta(days=10)
        while at < NOW + timedelta(days=31):
            if not (nights and at.hour < 7):
                self.items.append(at)
            at += step
        self.window = window

    def at(self, now: datetime) -> list[int]:
        count = bisect_right(self.items, now)
        return list(range(max(0, count - self.window), count))


def live(site: Site, days: float) -> tuple[int, int, FeedState]:
    """Return polls a day, items missed, and the state at the end."""
    state, now, seen, polls, missed = new(), NOW, set[int](), 0, 0
    while now < NOW + timedelta(days=days):
        here = site.at(now)
        fresh = [number for number in here if number not in seen]
        if seen and fresh:
            missed += fresh[0] - max(seen) - 1
        known = len(here) - len(fresh)
        seen |= set(here)
        polls += 1
        dates = tuple(site.items[number] for number in here)
        unchanged = bool(polls > 1) and not fresh
        outcome = UNCHANGED if unchanged else ok(entries=len(here), new=len(fresh), known=known, published=dates, etag=str(polls))
        state = after(state, outcome, now, jitter=(polls % 21 - 10) / 10)
        assert state.next_due_at is not None
        now = state.next_due_at
    return round(polls / days), missed, state


@pytest.mark.parametrize(
    ("site", "fewest", "most"),
    [
        (Site(minutes=30, window=20), 6, 24),
        (Site(minutes=5, window=30), 30, 90),
        (Site(minutes=6 * 60, window=10), 1, 4),
        (Site(minutes=20, window=25, nights=True), 6, 30),
        (Site(minutes=3, window=100, nights=True), 12, 60),
    ],
)
def test_a_steady_feed_misses_nothing_and_is_asked_seldom(site: Site, fewest: int, most: int) -> None:
    polls, missed, state = live(site, 30)
    assert missed == 0
    assert fewest <= polls <= most
    assert health(state, NOW + timedelta(days=30))[0] == "ok"
