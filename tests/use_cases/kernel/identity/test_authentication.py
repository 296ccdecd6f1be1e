"""Who asks is told by a key; a key that cannot be used never says why."""

import hmac
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from loguru import logger

from tests.fakes.api_keys import InMemoryApiKeys
from tests.fakes.clock import FixedClock
from tests.fakes.entropy import CountedEntropy
from tests.fakes.ids import CountedIds
from use_cases.kernel.errors import StorageBusy
from use_cases.kernel.identity.api_key import ApiKey
from use_cases.kernel.identity.errors import ApiKeyInvalid
from use_cases.kernel.identity.manage_keys import (
    IdentifyCaller,
    LastUseWriter,
    ManageApiKeys,
    NewApiKey,
)
from use_cases.kernel.model import Scope

pytestmark = pytest.mark.anyio


class WatchedKeys(InMemoryApiKeys):
    """Counts the readings."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def by_prefix(self, prefix: str) -> ApiKey | None:
        self.asked.append(prefix)
        return await super().by_prefix(prefix)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def keys() -> WatchedKeys:
    return WatchedKeys()


@pytest.fixture
def identify(keys: WatchedKeys, clock: FixedClock) -> IdentifyCaller:
    return IdentifyCaller(keys=keys, clock=clock, last_uses=LastUseWriter(keys=keys))


@pytest.fixture
def manage(keys: WatchedKeys, clock: FixedClock) -> ManageApiKeys:
    return ManageApiKeys(keys=keys, clock=clock, ids=CountedIds(), entropy=CountedEntropy())


@pytest.fixture
async def made(manage: ManageApiKeys) -> NewApiKey:
    return await manage.create("anna", label="web", scopes=[Scope.CHAT], life=timedelta(days=1))


@pytest.fixture
def log() -> Iterator[list[str]]:
    lines: list[str] = []
    handler = logger.add(lines.append, format="{message}", level="INFO")
    yield lines
    logger.remove(handler)


UNUSABLE = {
    "unknown": f"cndr_{'z' * 10}_{'b' * 40}",
    "another secret": f"cndr_{'a' * 10}_{'c' * 40}",
    "the prefix alone": "a" * 10,
    "cut short": f"cndr_{'a' * 10}_{'b' * 39}",
    "longer": f"cndr_{'a' * 10}_{'b' * 41}",
    "nothing": "",
    "no ASCII": "cndr_ä\udcff",
    "long": "x" * 60_000,
}


async def test_an_expired_key_is_refused_from_its_moment_on(
    identify: IdentifyCaller, made: NewApiKey, clock: FixedClock
) -> None:
    clock.move(24 * 3600 - 1)
    assert (await identify.run(made.secret)).user_id == "anna"
    clock.move(1)
    with pytest.raises(ApiKeyInvalid, match=r"^The API key is not valid\.$"):
        await identify.run(made.secret)


async def test_a_revoked_key_is_refused_at_once(
    identify: IdentifyCaller, made: NewApiKey, manage: ManageApiKeys
) -> None:
    await identify.run(made.secret)
    await manage.revoke(made.key.key_id)
    with pytest.raises(ApiKeyInvalid, match=r"^The API key is not valid\.$"):
        await identify.run(made.secret)


@pytest.mark.parametrize("presented", UNUSABLE.values(), ids=list(UNUSABLE))
async def test_the_same_work_is_done_whether_or_not_a_key_exists(
    identify: IdentifyCaller,
    made: NewApiKey,
    keys: WatchedKeys,
    monkeypatch: pytest.MonkeyPatch,
    presented: str,
) -> None:
    compared: list[tuple[int, int]] = []
    plain = hmac.compare_digest

    def watched(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return plain(one, other)

    monkeypatch.setattr(hmac, "compare_digest", watched)
    with pytest.raises(ApiKeyInvalid, match=r"^The API key is not valid\.$"):
        await identify.run(presented)
    assert await identify.run(made.secret) == made.key
    assert compared == [(64, 64), (64, 64)]
    assert len(keys.asked) == 2


async def test_the_log_says_why_without_the_key(
    identify: IdentifyCaller,
    made: NewApiKey,
    manage: ManageApiKeys,
    clock: FixedClock,
    log: list[str],
) -> None:
    presented = [UNUSABLE[name] for name in ("unknown", "another secret", "cut short")]
    for secret in presented:
        with pytest.raises(ApiKeyInvalid):
            await identify.run(secret)
    clock.move(24 * 3600)
    for _ in range(2):
        with pytest.raises(ApiKeyInvalid):
            await identify.run(made.secret)
        await manage.revoke(made.key.key_id)
    assert [line.strip() for line in log] == [
        "an API key was refused: there is none with the prefix zzzzzzzzzz",
        "an API key was refused: it begins as key_000001 and is another",
        "an API key was refused: it does not have the shape of a key",
        "an API key was refused: key_000001 is expired",
        "an API key was refused: key_000001 is revoked",
    ]


async def test_a_use_is_kept_once_a_minute(
    keys: WatchedKeys, made: NewApiKey, clock: FixedClock
) -> None:
    uses = LastUseWriter(keys=keys)
    kept: list[datetime | None] = []
    for seconds in (0, 59, 1, 30, 3600):
        clock.move(seconds)
        current = keys.kept[made.key.prefix]
        uses.note(current, clock.now())
        await uses.flush()
        kept.append(keys.kept[made.key.prefix].last_used_at)
    start = made.key.created_at
    first, second, third = (start + timedelta(seconds=s) for s in (0, 60, 3690))
    assert kept == [first, first, second, second, third]


async def test_uses_noted_at_once_are_one_writing(made: NewApiKey, clock: FixedClock) -> None:
    written: list[str] = []

    class CountingKeys(InMemoryApiKeys):
        async def used(self, key_id: str, at: datetime) -> None:
            written.append(key_id)

    uses = LastUseWriter(keys=CountingKeys())
    for _ in range(100):
        uses.note(made.key, clock.now())
    await uses.flush()
    await uses.flush()
    assert written == [made.key.key_id]


async def test_a_use_that_cannot_be_kept_hinders_nobody(
    made: NewApiKey, clock: FixedClock, log: list[str]
) -> None:
    class BusyKeys(InMemoryApiKeys):
        async def used(self, key_id: str, at: datetime) -> None:
            raise StorageBusy("It was locked.")

    uses = LastUseWriter(keys=BusyKeys())
    uses.note(replace(made.key, key_id="key_x"), clock.now())
    await uses.flush()
    assert [line.strip() for line in log] == ["the last use of key_x is not kept: It was locked."]
