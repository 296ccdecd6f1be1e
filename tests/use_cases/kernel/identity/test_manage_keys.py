"""API keys are made, listed and revoked; the whole key exists once."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.api_keys import InMemoryApiKeys
from tests.fakes.clock import FixedClock
from tests.fakes.entropy import CountedEntropy
from tests.fakes.ids import CountedIds
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.identity.errors import ApiKeyNotFound
from use_cases.kernel.identity.manage_keys import ManageApiKeys
from use_cases.kernel.model import Scope

pytestmark = pytest.mark.anyio

SECRET = f"cndr_{'a' * 10}_{'b' * 40}"
DIGEST = "1130806766b986f77265ddf0ada1e9b3f8250cbe811149d0bebe4b9e0438989b"


@pytest.fixture
def keys() -> InMemoryApiKeys:
    return InMemoryApiKeys()


@pytest.fixture
def manage(keys: InMemoryApiKeys) -> ManageApiKeys:
    return ManageApiKeys(keys=keys, clock=FixedClock(), ids=CountedIds(), entropy=CountedEntropy())


async def test_a_key_is_shown_whole_and_kept_as_a_digest(
    manage: ManageApiKeys, keys: InMemoryApiKeys
) -> None:
    made = await manage.create(
        "anna", label=" web\n app ", scopes=[Scope.CHAT], life=timedelta(days=90)
    )
    assert made.secret == SECRET
    assert made.key.digest == DIGEST
    assert made.key.key_id == "key_000001"
    assert made.key.label == "web app"
    assert made.key.scopes == {Scope.CHAT}
    assert made.key.created_at == datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
    assert made.key.expires_at == datetime(2026, 6, 12, 9, 30, tzinfo=UTC)
    assert keys.kept == {"a" * 10: made.key}
    assert "b" * 40 not in repr(keys.kept)
    assert SECRET not in repr(made)
    assert DIGEST not in repr(made)


async def test_its_bearer_is_its_user_with_its_scopes_and_owns_nothing_else(
    manage: ManageApiKeys,
) -> None:
    made = await manage.create("anna", label="web", scopes=[Scope.METRICS])
    assert made.key.caller.user_id == "anna"
    assert made.key.caller.scopes == {Scope.METRICS}
    assert made.key.caller.owns_all is False


@pytest.mark.parametrize("user", ["", " ", " anna", "a" * 129, "a\n", "a\x1b[2J", "a\ud800"])
async def test_an_odd_user_id_is_refused(manage: ManageApiKeys, user: str) -> None:
    with pytest.raises(InvalidInput, match="user id"):
        await manage.create(user, label="web", scopes=[Scope.CHAT])


@pytest.mark.parametrize("user", ["anna", "Änne Müller", "anna@candor.example", "17", "a" * 128])
async def test_whatever_names_a_user_in_a_request_may_have_a_key(
    manage: ManageApiKeys, user: str
) -> None:
    assert (await manage.create(user, label="web", scopes=[Scope.CHAT])).key.user_id == user


@pytest.mark.parametrize("label", ["", "  ", "a" * 101, "a\x1b[31m", "a\x00"])
async def test_an_odd_label_is_refused(manage: ManageApiKeys, label: str) -> None:
    with pytest.raises(InvalidInput, match="label"):
        await manage.create("anna", label=label, scopes=[Scope.CHAT])


@pytest.mark.parametrize("days", [0, -1, 3661])
async def test_an_odd_life_is_refused(manage: ManageApiKeys, days: int) -> None:
    with pytest.raises(InvalidInput, match="ten years"):
        await manage.create("anna", label="web", scopes=[Scope.CHAT], life=timedelta(days=days))


async def test_a_key_without_any_scope_is_refused(manage: ManageApiKeys) -> None:
    with pytest.raises(
        InvalidInput, match="chat, knowledge:read, knowledge:write, advice, advice:tune, playground"
    ):
        await manage.create("anna", label="web", scopes=[])


async def test_a_leaked_key_can_be_revoked_as_it_is(manage: ManageApiKeys) -> None:
    made = await manage.create("anna", label="web", scopes=[Scope.CHAT])
    now = FixedClock().now()
    ended = await manage.revoke(made.secret)
    assert ended.revoked_at == now
    assert ended.in_force(now) is False


async def test_what_is_not_there_is_not_repeated(manage: ManageApiKeys) -> None:
    with pytest.raises(ApiKeyNotFound) as caught:
        await manage.revoke(SECRET)
    assert "bbbb" not in caught.value.detail + caught.value.hint


async def test_the_keys_are_listed_with_bounds(manage: ManageApiKeys) -> None:
    made = await manage.create("anna", label="web", scopes=[Scope.CHAT])
    assert list(await manage.list()) == [made.key]
    assert list(await manage.list(user_id="boris")) == []
    for limit, offset in ((0, 0), (1001, 0), (1, -1)):
        with pytest.raises(InvalidInput):
            await manage.list(limit=limit, offset=offset)
