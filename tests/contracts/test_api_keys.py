"""The promises of the port `ApiKeys`, of the fake and of the store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from services.store.people import SqlApiKeys
from services.store.store import Store
from tests.fakes.api_keys import InMemoryApiKeys
from tests.fakes.clock import FixedClock
from use_cases.kernel.errors import Conflict
from use_cases.kernel.identity.api_key import ApiKey, ApiKeys
from use_cases.kernel.identity.errors import ApiKeyNotFound
from use_cases.kernel.identity.key_cache import CachedApiKeys
from use_cases.kernel.model import Scope

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
KEY = ApiKey(
    key_id="key_1",
    prefix="aB3dE5gH7j",
    user_id="anna",
    label="web",
    scopes=frozenset({Scope.CHAT, Scope.KNOWLEDGE_READ}),
    created_at=NOON,
    digest="5d" * 32,
    expires_at=NOON + timedelta(days=90),
)


def another(name: str, minute: int = 0, user_id: str = "anna") -> ApiKey:
    at = NOON + timedelta(minutes=minute)
    return replace(
        KEY, key_id=f"key_{name}", prefix=f"prefix{name}", created_at=at, user_id=user_id
    )


class ApiKeysContract:
    """The suite, on the store unless a subclass says otherwise."""

    @pytest.fixture
    def keys(self, store: Store) -> ApiKeys:
        return SqlApiKeys(store)

    async def test_a_key_comes_back_as_it_was_kept(self, keys: ApiKeys) -> None:
        await keys.add(KEY)
        assert await keys.by_prefix("aB3dE5gH7j") == KEY
        assert await keys.by_id(KEY.key_id) == KEY
        assert await keys.by_id("aB3dE5gH7j") is None

    async def test_a_keys_own_limits_come_back(self, keys: ApiKeys) -> None:
        limited = replace(KEY, tokens_per_day=0, cost_per_day=Decimal("2.50"))
        await keys.add(limited)
        assert await keys.by_prefix(KEY.prefix) == limited

    async def test_moments_stay_aware(self, keys: ApiKeys) -> None:
        west = timezone(timedelta(hours=-8))
        await keys.add(replace(KEY, expires_at=datetime(2026, 3, 14, 11, 0, tzinfo=west)))
        found = await keys.by_prefix(KEY.prefix)
        assert found is not None
        assert found.expires_at == datetime(2026, 3, 14, 19, 0, tzinfo=UTC)

    @pytest.mark.parametrize("prefix", ["", "ab3de5gh7j", "aB3dE5gH7", "aB3dE5gH7j ", "%", "key_1"])
    async def test_only_the_exact_prefix_finds_it(self, keys: ApiKeys, prefix: str) -> None:
        await keys.add(KEY)
        assert await keys.by_prefix(prefix) is None

    async def test_a_prefix_is_taken_once(self, keys: ApiKeys) -> None:
        await keys.add(KEY)
        with pytest.raises(Conflict):
            await keys.add(replace(KEY, key_id="key_2", user_id="boris"))
        assert await keys.by_prefix(KEY.prefix) == KEY

    async def test_the_newest_comes_first_in_pages_that_meet(self, keys: ApiKeys) -> None:
        for name, minute in (("a", 1), ("b", 0), ("c", 1)):
            await keys.add(another(name, minute))
        listed = [key.key_id for key in await keys.keys(limit=2)]
        assert listed == ["key_c", "key_a"]
        assert [key.key_id for key in await keys.keys(limit=2, offset=2)] == ["key_b"]
        assert list(await keys.keys(limit=2, offset=3)) == []

    async def test_keys_of_one_user_are_listed_alone(self, keys: ApiKeys) -> None:
        for name, user_id in (("a", "anna"), ("b", "boris"), ("c", "boris")):
            await keys.add(another(name, user_id=user_id))
        assert [key.key_id for key in await keys.keys(user_id="boris")] == ["key_c", "key_b"]
        assert list(await keys.keys(user_id="nobody")) == []

    @pytest.mark.parametrize("name", ["key_1", "aB3dE5gH7j"])
    async def test_a_key_is_revoked_by_its_id_or_its_prefix(self, keys: ApiKeys, name: str) -> None:
        await keys.add(KEY)
        await keys.add(another("b"))
        ended = await keys.revoke(name, NOON + timedelta(hours=1))
        assert ended == replace(KEY, revoked_at=NOON + timedelta(hours=1))
        assert await keys.by_prefix(KEY.prefix) == ended
        assert await keys.by_prefix("prefixb") == another("b")

    async def test_a_revoked_key_keeps_its_moment(self, keys: ApiKeys) -> None:
        await keys.add(KEY)
        await keys.revoke("key_1", NOON)
        assert (await keys.revoke("key_1", NOON + timedelta(days=1))).revoked_at == NOON

    @pytest.mark.parametrize("name", ["", "key_2", "aB3dE5gH7", "%"])
    async def test_an_unknown_name_is_said_to_be_unknown(self, keys: ApiKeys, name: str) -> None:
        await keys.add(KEY)
        with pytest.raises(ApiKeyNotFound):
            await keys.revoke(name, NOON)
        assert await keys.by_prefix(KEY.prefix) == KEY

    async def test_the_latest_use_is_kept(self, keys: ApiKeys) -> None:
        await keys.add(KEY)
        for minutes in (5, 9, 7):
            await keys.used("key_1", NOON + timedelta(minutes=minutes))
        found = await keys.by_prefix(KEY.prefix)
        assert found == replace(KEY, last_used_at=NOON + timedelta(minutes=9))

    async def test_a_use_of_an_unknown_key_is_nothing(self, keys: ApiKeys) -> None:
        await keys.used("key_1", NOON)
        assert list(await keys.keys()) == []


class TestInMemoryApiKeys(ApiKeysContract):
    @pytest.fixture
    def keys(self) -> ApiKeys:
        return InMemoryApiKeys()


class TestCachedApiKeys(ApiKeysContract):
    @pytest.fixture
    def keys(self) -> ApiKeys:
        return CachedApiKeys(keys=InMemoryApiKeys(), clock=FixedClock())


class TestSqliteApiKeys(ApiKeysContract):
    async def test_another_process_sees_a_change_at_once(
        self, keys: ApiKeys, tmp_path: Path
    ) -> None:
        other = Store(tmp_path / "candor.sqlite")
        await keys.add(KEY)
        assert await SqlApiKeys(other).by_prefix(KEY.prefix) == KEY
        await keys.revoke("key_1", NOON)
        seen = await SqlApiKeys(other).by_prefix(KEY.prefix)
        await other.close()
        assert seen == replace(KEY, revoked_at=NOON)
