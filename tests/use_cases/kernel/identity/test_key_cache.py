"""Lookups of keys are kept for a second: counted at the store, with a clock that is moved."""

from datetime import UTC, datetime, timedelta

import anyio
import pytest

from tests.fakes.api_keys import InMemoryApiKeys
from tests.fakes.clock import FixedClock
from use_cases.kernel.identity import key_cache
from use_cases.kernel.identity.api_key import ApiKey
from use_cases.kernel.identity.key_cache import CachedApiKeys

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
KEY = ApiKey("key_1", "prefix-one", "anna", "web", frozenset(), NOON, "5d" * 32)


class CountedKeys(InMemoryApiKeys):
    """Counts the lookups, and holds them up while `gate` is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.gate = anyio.Event()
        self.gate.set()

    async def by_prefix(self, prefix: str) -> ApiKey | None:
        self.asked.append(prefix)
        found = await super().by_prefix(prefix)
        await self.gate.wait()
        return found


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
async def stored() -> CountedKeys:
    """The store, which other processes change, too."""
    stored = CountedKeys()
    await stored.add(KEY)
    return stored


@pytest.fixture
def cached(stored: CountedKeys, clock: FixedClock) -> CachedApiKeys:
    return CachedApiKeys(keys=stored, clock=clock)


async def in_force(cached: CachedApiKeys) -> bool:
    found = await cached.by_prefix(KEY.prefix)
    return found is not None and found.in_force(NOON)


async def test_a_key_and_an_unknown_prefix_are_looked_up_once_a_second(
    cached: CachedApiKeys, stored: CountedKeys, clock: FixedClock
) -> None:
    for seconds in (0, 0.5, 0.4, 0.1):
        clock.move(seconds)
        assert await cached.by_prefix(KEY.prefix) == KEY
        assert await cached.by_prefix("unknown") is None
    assert stored.asked == [KEY.prefix, "unknown"] * 2


async def test_what_this_process_revokes_is_refused_at_once(cached: CachedApiKeys) -> None:
    assert await in_force(cached)
    await cached.revoke(KEY.key_id, NOON)
    assert not await in_force(cached)


async def test_what_another_process_revokes_is_refused_after_a_second(
    cached: CachedApiKeys, stored: CountedKeys, clock: FixedClock
) -> None:
    assert await in_force(cached)
    clock.move(0.5)
    await stored.revoke(KEY.key_id, NOON)
    assert await in_force(cached)
    clock.move(0.5)
    assert not await in_force(cached)


async def test_a_key_that_is_made_here_is_known_although_its_prefix_was_asked_before(
    stored: CountedKeys, clock: FixedClock
) -> None:
    cached = CachedApiKeys(keys=InMemoryApiKeys(), clock=clock)
    assert await cached.by_prefix(KEY.prefix) is None
    await cached.add(KEY)
    assert await cached.by_prefix(KEY.prefix) == KEY


async def test_a_lookup_that_a_revocation_overtakes_is_not_kept(
    cached: CachedApiKeys, stored: CountedKeys
) -> None:
    stored.gate = anyio.Event()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(cached.by_prefix, KEY.prefix)  # it has read the key, and is slow to say so
        await anyio.wait_all_tasks_blocked()
        await cached.revoke(KEY.key_id, NOON)
        stored.gate.set()
    assert not await in_force(cached)


async def test_the_second_begins_before_the_store_is_asked(
    cached: CachedApiKeys, stored: CountedKeys, clock: FixedClock
) -> None:
    stored.gate = anyio.Event()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(cached.by_prefix, KEY.prefix)
        await anyio.wait_all_tasks_blocked()
        await stored.revoke(KEY.key_id, NOON)
        clock.move(1)
        stored.gate.set()
    assert not await in_force(cached)


async def test_a_use_that_was_written_is_read_by_the_next_request(cached: CachedApiKeys) -> None:
    await cached.by_prefix(KEY.prefix)
    await cached.used(KEY.key_id, NOON + timedelta(minutes=1))
    found = await cached.by_prefix(KEY.prefix)
    assert found is not None
    assert found.last_used_at == NOON + timedelta(minutes=1)


async def test_memory_is_bounded_and_what_was_asked_lately_is_kept(
    cached: CachedApiKeys, stored: CountedKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_cache, "MOST_KEPT", 3)
    for prefix in ("one", "two", "three", "one", "four", "one", "two"):
        await cached.by_prefix(prefix)
    assert stored.asked == ["one", "two", "three", "four", "two"]
