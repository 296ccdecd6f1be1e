"""Callers take turns: shown by the order in which they begin, not by a clock."""

import os
from collections import Counter
from dataclasses import dataclass, field

import anyio
import pytest
from anyio.abc import TaskGroup
from hypothesis import given, settings
from hypothesis import strategies as st

from use_cases.kernel.errors import TooManyQueries
from use_cases.kernel.fair_limiter import SERVER, FairLimiter, cores

pytestmark = pytest.mark.anyio


def limiter_of(slots: int, *, each: int | None = None, most: int = 0) -> FairLimiter:
    return FairLimiter(slots, each=each, most=most, refusal=TooManyQueries, retry_after=2.0)


@dataclass
class Queries:
    """Queries that run until they are ended, named `caller` + number in the order they were asked."""

    limiter: FairLimiter
    group: TaskGroup
    began: list[str] = field(default_factory=list[str])
    refusal_error: list[str] = field(default_factory=list[str])
    scopes: dict[str, anyio.CancelScope] = field(default_factory=dict[str, anyio.CancelScope])
    ends: dict[str, anyio.Event] = field(default_factory=dict[str, anyio.Event])
    asked: Counter[str] = field(default_factory=Counter[str])

    async def ask(self, caller: str, number: int = 1) -> None:
        for _ in range(number):
            name = f"{caller}{self.asked[caller]}"
            self.asked[caller] += 1
            self.ends[name] = anyio.Event()
            self.scopes[name] = anyio.CancelScope()
            self.group.start_soon(self._run, caller, name)
        await anyio.wait_all_tasks_blocked()

    async def end(self, *names: str) -> None:
        for name in names:
            self.ends[name].set()
            await anyio.wait_all_tasks_blocked()

    async def stop(self, name: str) -> None:
        self.scopes[name].cancel()
        await anyio.wait_all_tasks_blocked()

    async def _run(self, caller: str, name: str) -> None:
        with self.scopes[name]:
            try:
                async with self.limiter.slot(caller):
                    self.began.append(name)
                    await self.ends[name].wait()
            except TooManyQueries:
                self.refusal_error.append(name)


async def test_the_next_slot_goes_to_the_caller_who_has_the_fewest() -> None:
    async with anyio.create_task_group() as group:
        queries = Queries(limiter_of(3), group)
        await queries.ask("a", 5)
        await queries.ask("b", 3)
        assert queries.began == ["a0", "a1", "b0"]
        await queries.end("a0")
        assert queries.began[3:] == ["a2"]  # one each: in turns
        await queries.end("b0", "b1")
        assert queries.began[4:] == ["b1", "b2"]
        group.cancel_scope.cancel()


async def test_equals_take_turns() -> None:
    async with anyio.create_task_group() as group:
        queries = Queries(limiter_of(1), group)
        await queries.ask("a", 3)
        await queries.ask("b", 2)
        await queries.ask("c", 1)
        await queries.end("a0", "a1", "b0", "c0", "a2", "b1")
        assert queries.began == ["a0", "a1", "b0", "c0", "a2", "b1"]


async def test_one_slot_is_kept_for_another_caller() -> None:
    async with anyio.create_task_group() as group:
        queries = Queries(limiter_of(4), group)
        await queries.ask("a", 9)
        assert queries.began == ["a0", "a1", "a2"]
        await queries.ask("b")
        assert queries.began[-1] == "b0"
        group.cancel_scope.cancel()


async def test_a_caller_may_hold_fewer_than_all_and_the_rest_waits_in_turns() -> None:
    async with anyio.create_task_group() as group:
        queries = Queries(limiter_of(4, each=2), group)
        for caller, number in (("a", 4), ("b", 2), ("c", 2), ("d", 1)):
            await queries.ask(caller, number)
        assert queries.began == ["a0", "a1", "b0", "b1"]
        await queries.end("a0", "a1", "b0", "b1")
        assert queries.began[4:] == ["c0", "a2", "d0", "c1"]
        group.cancel_scope.cancel()


async def test_a_caller_with_too_many_is_refused_and_others_are_not() -> None:
    async with anyio.create_task_group() as group:
        queries = Queries(limiter_of(1, most=3), group)
        await queries.ask("a", 4)
        await queries.ask("b")
        assert queries.refusal_error == ["a3"]
        await queries.end("a0")
        await queries.ask("a")
        assert queries.refusal_error == ["a3"]
        group.cancel_scope.cancel()


async def test_a_refusal_says_when_to_come_back() -> None:
    limiter = limiter_of(1, most=1)
    async with limiter.slot("a"):
        with pytest.raises(TooManyQueries) as refusal_error:
            async with limiter.slot("a"):
                pass
    assert refusal_error.value.retry_after == 2.0
    assert refusal_error.value.detail == "Running or waiting for this caller: 1."


async def test_the_servers_own_queries_are_never_too_many() -> None:
    async with anyio.create_task_group() as group:
        queries = Queries(limiter_of(1, most=1), group)
        await queries.ask(SERVER, 3)
        assert queries.refusal_error == []
        await queries.end(*queries.ends)
        assert len(queries.began) == 3


async def test_one_who_leaves_the_queue_gives_the_place_to_the_next() -> None:
    async with anyio.create_task_group() as group:
        queries = Queries(limiter_of(1), group)
        await queries.ask("a", 2)
        await queries.ask("b", 2)
        await queries.stop("a1")
        await queries.stop("b0")
        await queries.end("a0")
        assert queries.began == ["a0", "b1"]
        await queries.end("b1")


async def test_a_turn_that_comes_while_its_caller_leaves_goes_to_the_next() -> None:
    async with anyio.create_task_group() as group:
        queries = Queries(limiter_of(1), group)
        await queries.ask("a", 3)
        queries.ends["a0"].set()
        await anyio.lowlevel.checkpoint()  # the slot was handed to a1, which has not run yet
        await queries.stop("a1")
        await queries.end("a2")
        await queries.ask("b")
        assert queries.began[-1] == "b0"
        await queries.end(*queries.ends)


@pytest.mark.exhaustive
@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.tuples(st.sampled_from(["ask", "end", "stop"]), st.sampled_from("abc"), st.integers(0)),
        max_size=40,
    ),
    st.integers(1, 4),
)
def test_no_slot_is_ever_lost_or_given_twice(steps: list[tuple[str, str, int]], slots: int) -> None:
    async def check() -> None:
        async with anyio.create_task_group() as group:
            queries = Queries(limiter_of(slots), group)
            over: set[str] = set()
            for step, caller, number in steps:
                left = [name for name in queries.ends if name not in over]
                if step == "ask" or not left:
                    await queries.ask(caller)
                elif step == "end" and (running := [n for n in left if n in queries.began]):
                    over.add(running[number % len(running)])
                    await queries.end(running[number % len(running)])
                else:
                    over.add(left[number % len(left)])
                    await queries.stop(left[number % len(left)])
                left = [name for name in queries.ends if name not in over]
                running = Counter(name[0] for name in left if name in queries.began)
                waiting = {name[0] for name in left if name not in queries.began}
                cap = max(1, slots - 1)
                assert running.total() <= slots
                assert all(count <= cap for count in running.values())
                if running.total() < slots:
                    assert all(running[caller] == cap for caller in waiting)
            group.cancel_scope.cancel()

    anyio.run(check)


def test_the_cores_are_those_of_the_process_or_else_the_machines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def two_of_them(_: int) -> set[int]:
        return {1, 5}

    monkeypatch.setattr(os, "sched_getaffinity", two_of_them, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert cores() == 2
    monkeypatch.delattr(os, "sched_getaffinity")
    assert cores() == 8
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores() == 1
