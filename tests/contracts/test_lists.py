"""What every list does: order and pages; and every list of a person's things: ownership, unknown ids.

A new list is one more `Listed` in `lists_of`, or one more `Owned`.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from services.store.people import SqlApiKeys
from services.store.responses import SqlCalibrations, SqlResponses
from services.store.store import Store
from services.store.stored_datasets import SqlDatasets
from tests.contracts.keeping import (
    ANNA,
    BORIS,
    NOON,
    Kept,
    at_minute,
    kept_in,
    kept_in_memory,
    opening,
    record,
)
from tests.contracts.test_answers import BARE as ANSWER
from tests.contracts.test_api_keys import KEY
from tests.contracts.test_calibrations import NFL, note_on, version
from tests.contracts.test_datasets import DATASET
from tests.contracts.test_responses import ALL
from tests.contracts.test_responses import BARE as RESPONSE
from tests.fakes.api_keys import InMemoryApiKeys
from tests.fakes.calibrations import InMemoryCalibrations
from tests.fakes.datasets import InMemoryDatasets
from tests.fakes.responses import InMemoryResponses
from use_cases.advice.errors import ResponseNotFound
from use_cases.advice.ports import Calibrations, Responses
from use_cases.chat.errors import AnswerNotFound, ChatNotFound
from use_cases.kernel.errors import NotFound
from use_cases.kernel.identity.api_key import ApiKeys
from use_cases.kernel.model import LOCAL, Caller, Page
from use_cases.playground.ports import Datasets

pytestmark = pytest.mark.anyio

VERSION = version(1)


@dataclass(frozen=True, slots=True)
class Listed:
    """One kind of thing: how it is kept and listed, and how many are a page unless told."""

    keep: Callable[[str, Caller, datetime], Awaitable[object]]
    page: Callable[..., Awaitable[Page[Any]]]
    key: str
    usual: int

    async def keep_all(self, *names: str, minute: int = 0, caller: Caller = ANNA) -> None:
        """Keep things of one moment."""
        for name in names:
            await self.keep(name, caller, at_minute(minute))

    async def ids(self, caller: Caller = ANNA, **where: object) -> list[str]:
        """The ids on a page."""
        return [getattr(thing, self.key) for thing in await self.page(caller, **where)]


@dataclass(frozen=True, slots=True)
class Owned(Listed):
    """A kind of thing that belongs to people: how one is shown, and the error where it is not there."""

    show: Callable[[Caller, str], Awaitable[Any]]
    missing: type[NotFound]


def calibration_lists(calibrations: Calibrations) -> Mapping[str, Listed]:
    """The lists of one profile's calibrations."""

    async def calibration(name: str, _: Caller, at: datetime) -> None:
        before = await calibrations.current(NFL)
        parent = before.version_id if before else None
        new = replace(VERSION, version_id=name, parent_id=parent, created_at=at)
        await calibrations.put_in_force(new, note_on(new))

    async def page_of_versions(_: Caller, **where: Any) -> Page[Any]:
        return await calibrations.versions(NFL, **where)

    async def note(name: str, _: Caller, at: datetime) -> None:
        await calibrations.note(replace(note_on(VERSION), note_id=name, created_at=at))

    async def page_of_notes(_: Caller, **where: Any) -> Page[Any]:
        return await calibrations.notes(NFL, **where)

    return {
        "versions": Listed(calibration, page_of_versions, "version_id", 50),
        "notes": Listed(note, page_of_notes, "note_id", 50),
    }


def lists_of(
    kept: Kept,
    responses: Responses,
    calibrations: Calibrations,
    keys: ApiKeys,
    datasets: Datasets,
) -> Mapping[str, Listed]:
    """Every list there is."""

    async def answer(name: str, caller: Caller, at: datetime) -> None:
        own = {"answer_id": name, "chat_id": f"chat_of_{name}"}
        await record(kept.transcript, replace(ANSWER, **own, user_id=caller.user_id, created_at=at))

    async def chat(name: str, caller: Caller, at: datetime) -> None:
        begin = replace(opening(name), new_chat=name, now=at, until=at)
        await kept.transcript.open(caller, begin)

    async def response(name: str, caller: Caller, at: datetime) -> None:
        given = replace(RESPONSE, response_id=name, user_id=caller.user_id, created_at=at)
        await responses.keep(given)

    async def page_of_responses(caller: Caller, **where: Any) -> Page[Any]:
        return await responses.responses(caller, ALL, **where)

    async def key(name: str, _: Caller, at: datetime) -> None:
        await keys.add(replace(KEY, key_id=name, prefix=name, created_at=at))

    async def page_of_keys(_: Caller, **where: Any) -> Page[Any]:
        return await keys.keys(**where)

    async def dataset(name: str, caller: Caller, at: datetime) -> None:
        await datasets.add(replace(DATASET, dataset_id=name, user_id=caller.user_id, created_at=at))

    answers, chats = kept.answers, kept.chats
    return {
        "answers": Owned(answer, answers.answers, "answer_id", 50, answers.answer, AnswerNotFound),
        "chats": Owned(chat, chats.chats, "chat_id", 50, chats.chat, ChatNotFound),
        "responses": Owned(
            response, page_of_responses, "response_id", 20, responses.response, ResponseNotFound
        ),
        **calibration_lists(calibrations),
        "keys": Listed(key, page_of_keys, "key_id", 100),
        "datasets": Listed(dataset, datasets.datasets, "dataset_id", 100),
    }


class ListsContract:
    """The suite, on the store unless a subclass says otherwise."""

    @pytest.fixture
    def lists(self, store: Store) -> Mapping[str, Listed]:
        return lists_of(
            kept_in(store),
            SqlResponses(store),
            SqlCalibrations(store),
            SqlApiKeys(store),
            SqlDatasets(store),
        )

    @pytest.fixture(
        params=["answers", "chats", "responses", "versions", "notes", "keys", "datasets"]
    )
    def listed(self, lists: Mapping[str, Listed], request: pytest.FixtureRequest) -> Listed:
        """One of them."""
        return lists[str(request.param)]

    @pytest.fixture(params=["answers", "chats", "responses"])
    def owned(self, lists: Mapping[str, Listed], request: pytest.FixtureRequest) -> Owned:
        """One of those that belong to people."""
        found = lists[str(request.param)]
        assert isinstance(found, Owned)
        return found

    async def test_the_newest_comes_first_and_moments_are_moments(self, listed: Listed) -> None:
        for name, minute in (("b", 1), ("a", 2), ("c", 0)):
            await listed.keep_all(name, minute=minute)
        west = timezone(timedelta(hours=-8))
        await listed.keep("late", ANNA, datetime(2026, 3, 14, 11, 0, tzinfo=west))
        assert await listed.ids() == ["late", "a", "b", "c"]

    async def test_things_of_one_moment_are_ordered_by_id_as_code_points(
        self, listed: Listed
    ) -> None:
        await listed.keep_all("x_a", "x_B", "x_1", "x-z")
        assert await listed.ids() == ["x_a", "x_B", "x_1", "x-z"]

    async def test_a_page_says_if_there_are_more(self, listed: Listed) -> None:
        for number in range(3):
            await listed.keep_all(f"x_{number}", minute=number)
        assert await listed.ids(limit=2) == ["x_2", "x_1"]
        assert (await listed.page(ANNA, limit=2)).more
        assert not (await listed.page(ANNA, limit=3)).more

    async def test_pages_meet_without_gap_or_overlap_and_say_if_there_are_more(
        self, owned: Owned
    ) -> None:
        for number in range(5):
            await owned.keep_all(f"x_{number}", minute=number // 2)
        assert await owned.ids(limit=2) == ["x_4", "x_3"]
        assert await owned.ids(limit=2, before="x_3") == ["x_2", "x_1"]
        assert await owned.ids(limit=2, before="x_1") == ["x_0"]
        assert await owned.ids(limit=2, before="x_0") == []
        assert (await owned.page(ANNA, limit=2, before="x_4")).more
        assert not (await owned.page(ANNA, limit=2, before="x_2")).more
        assert not (await owned.page(ANNA, limit=5)).more

    async def test_a_new_one_does_not_shift_the_next_page(self, owned: Owned) -> None:
        for number in range(3):
            await owned.keep_all(f"x_{number}", minute=number)
        assert await owned.ids(limit=1) == ["x_2"]
        await owned.keep_all("x_3", minute=3)
        assert await owned.ids(limit=1, before="x_2") == ["x_1"]

    async def test_a_page_has_a_size_unless_told(self, listed: Listed) -> None:
        for number in range(listed.usual + 1):
            await listed.keep_all(f"x_{number:02}", minute=number)
        found = await listed.ids()
        assert (len(found), found[-1]) == (listed.usual, "x_01")

    async def test_another_persons_is_not_there(self, owned: Owned) -> None:
        await owned.keep_all("x_1", caller=BORIS, minute=1)
        await owned.keep_all("x_0")
        with pytest.raises(owned.missing, match="x_1"):
            await owned.show(ANNA, "x_1")
        with pytest.raises(owned.missing, match="x_1"):
            await owned.page(ANNA, before="x_1")
        assert await owned.ids() == ["x_0"]
        assert await owned.ids(BORIS) == ["x_1"]

    async def test_an_unknown_id_is_said_to_be_unknown(self, owned: Owned) -> None:
        with pytest.raises(owned.missing, match="nowhere"):
            await owned.show(ANNA, "nowhere")
        with pytest.raises(owned.missing, match="nowhere"):
            await owned.page(ANNA, before="nowhere")

    async def test_who_owns_all_sees_everyones(self, owned: Owned) -> None:
        await owned.keep("x_1", BORIS, NOON)
        await owned.keep_all("x_2", minute=1)
        assert await owned.ids(LOCAL) == ["x_2", "x_1"]
        assert await owned.ids(LOCAL, before="x_2") == ["x_1"]
        assert (await owned.show(LOCAL, "x_1")).user_id == "boris"


class TestInMemoryLists(ListsContract):
    @pytest.fixture
    def lists(self) -> Mapping[str, Listed]:
        return lists_of(
            kept_in_memory(),
            InMemoryResponses(),
            InMemoryCalibrations(),
            InMemoryApiKeys(),
            InMemoryDatasets(),
        )


class TestSqliteLists(ListsContract):
    pass
