"""What every implementation of the ports `Users`, `Sessions` and `Attempts` does: the store on SQLite."""

from dataclasses import dataclass, replace
from datetime import timedelta

import anyio
import pytest

from services.store.people import SqlApiKeys, SqlSessions, SqlUsers
from services.store.store import Store
from tests.contracts.keeping import NOON, at_minute
from tests.contracts.test_api_keys import KEY
from use_cases.kernel.identity.errors import EmailTaken
from use_cases.kernel.identity.sign_in import Attempt, Attempts
from use_cases.kernel.identity.users import Identity, Sessions, User, Users, UserSession

pytestmark = pytest.mark.anyio

ADA = Identity("https://login.example", "1001", "ada@example.com", True, "Ada")
EVE = replace(ADA, subject="1002", email="eve@example.com", name="Eve")
LATER = NOON + timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Front:
    """The three ports over one store."""

    users: Users
    sessions: Sessions
    attempts: Attempts
    store: Store


def session_of(user: User, number: int = 1) -> UserSession:
    """A session with a digest of its own."""
    return UserSession(
        digest=str(number) * 64, user=user, created_at=NOON, expires_at=LATER, seen_at=NOON
    )


class SignInContract:
    """The suite, on the store unless a subclass says otherwise."""

    @pytest.fixture
    def front(self, store: Store) -> Front:
        both = SqlSessions(store)
        return Front(SqlUsers(store), both, both, store)

    async def test_a_person_is_the_same_user_at_every_sign_in(self, front: Front) -> None:
        first = await front.users.sign_in(ADA, "user_1", NOON)
        assert first == User(
            user_id="user_1",
            created_at=NOON,
            name="Ada",
            email="ada@example.com",
            issuer="https://login.example",
            subject="1001",
        )
        again = await front.users.sign_in(ADA, "user_2", at_minute(1))
        assert again == first
        moved = replace(ADA, email="ada@example.org", name=None)
        changed = await front.users.sign_in(moved, "user_3", at_minute(2))
        assert changed == replace(first, email="ada@example.org", name=None)
        assert await front.users.user("user_1") == changed
        assert await front.users.user("ada@example.org") == changed
        assert await front.users.user("ada@example.com") is None

    async def test_another_issuer_or_subject_is_another_person(self, front: Front) -> None:
        await front.users.sign_in(ADA, "user_1", NOON)
        for number, other in enumerate(
            (replace(ADA, issuer="https://else.example"), replace(ADA, subject="1003")), start=2
        ):
            with pytest.raises(EmailTaken):
                await front.users.sign_in(other, f"user_{number}", NOON)
            own = replace(other, email=f"{number}@example.com")
            assert (await front.users.sign_in(own, f"user_{number}", NOON)).user_id == (
                f"user_{number}"
            )

    async def test_an_address_that_is_taken_changes_nothing(self, front: Front) -> None:
        ada = await front.users.sign_in(ADA, "user_1", NOON)
        eve = await front.users.sign_in(EVE, "user_2", NOON)
        with pytest.raises(EmailTaken):
            await front.users.sign_in(replace(EVE, email="ada@example.com"), "user_3", NOON)
        assert await front.users.user("user_1") == ada
        assert await front.users.user("user_2") == eve

    async def test_two_first_sign_ins_at_once_make_one_user(self, front: Front) -> None:
        made: list[User] = []

        async def sign_in(number: int) -> None:
            made.append(await front.users.sign_in(ADA, f"user_{number}", NOON))

        async with anyio.create_task_group() as tasks:
            for number in range(4):
                tasks.start_soon(sign_in, number)
        assert len({user.user_id for user in made}) == 1
        assert len(await front.users.users()) == 1

    async def test_users_of_keys_are_users_too(self, front: Front) -> None:
        await SqlApiKeys(front.store).add(KEY)
        ada = await front.users.sign_in(ADA, "user_1", at_minute(1))
        await front.users.change(replace(ada, is_admin=True, deactivated_at=at_minute(2)))
        listed = await front.users.users(limit=1)
        assert list(listed) == [replace(ada, is_admin=True, deactivated_at=at_minute(2))]
        assert listed.more
        (anna,) = await front.users.users(offset=1)
        assert (anna.user_id, anna.is_admin, anna.is_active) == ("anna", False, True)

    async def test_a_session_comes_back_with_its_user_as_it_is_now(self, front: Front) -> None:
        ada = await front.users.sign_in(ADA, "user_1", NOON)
        session = session_of(ada)
        await front.sessions.add(session)
        assert await front.sessions.by_digest(session.digest) == session
        await front.users.change(replace(ada, is_admin=True))
        found = await front.sessions.by_digest(session.digest)
        assert found is not None
        assert found.user.is_admin
        assert await front.sessions.by_digest("0" * 64) is None

    async def test_a_session_ends_alone(self, front: Front) -> None:
        ada = await front.users.sign_in(ADA, "user_1", NOON)
        first, second, third = (session_of(ada, number) for number in (1, 2, 3))
        await front.sessions.add(first)
        await front.sessions.add(second)
        await front.sessions.add(third, replaced=first.digest)
        await front.sessions.end(second.digest)
        await front.sessions.end(second.digest)
        found = [await front.sessions.by_digest(each.digest) for each in (first, second, third)]
        assert found == [None, None, third]

    async def test_the_last_use_is_the_latest(self, front: Front) -> None:
        session = session_of(await front.users.sign_in(ADA, "user_1", NOON))
        await front.sessions.add(session)
        for minute in (5, 9, 7):
            await front.sessions.seen(session.digest, at_minute(minute))
        found = await front.sessions.by_digest(session.digest)
        assert found == replace(session, seen_at=at_minute(9))

    async def test_what_has_expired_is_removed(self, front: Front) -> None:
        ada = await front.users.sign_in(ADA, "user_1", NOON)
        over = replace(session_of(ada, 1), expires_at=at_minute(10), seen_at=at_minute(9))
        idle = replace(session_of(ada, 2), seen_at=at_minute(1))
        used = replace(session_of(ada, 3), seen_at=at_minute(9))
        for each in (over, idle, used):
            await front.sessions.add(each)
        assert await front.sessions.clean(at_minute(10), at_minute(5)) == 2
        assert await front.sessions.by_digest(used.digest) == used
        assert await front.sessions.clean(at_minute(10), at_minute(5)) == 0

    async def test_an_attempt_is_taken_once_and_by_one(self, front: Front) -> None:
        attempt = Attempt("a" * 64, at_minute(10), "/chats")
        await front.attempts.begin(attempt, NOON)
        taken: list[Attempt | None] = []

        async def take() -> None:
            taken.append(await front.attempts.take(attempt.digest))

        async with anyio.create_task_group() as tasks:
            for _ in range(4):
                tasks.start_soon(take)
        assert sorted(taken, key=lambda each: each is None) == [attempt, None, None, None]

    async def test_a_new_attempt_removes_the_expired(self, front: Front) -> None:
        await front.attempts.begin(Attempt("a" * 64, at_minute(10)), NOON)
        await front.attempts.begin(Attempt("b" * 64, at_minute(19)), at_minute(9))
        assert await front.attempts.take("a" * 64) is not None
        await front.attempts.begin(Attempt("c" * 64, at_minute(30)), at_minute(20))
        assert await front.attempts.take("b" * 64) is None


class TestSqliteSignIn(SignInContract):
    pass
