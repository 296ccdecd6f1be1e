"""Memories that a model reads: few, near, a person's own, and never a reason to fail."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from tests.contracts.keeping import ANNA
from use_cases.conversations.model import Memory
from use_cases.conversations.recall import RecallMemories, numbered
from use_cases.kernel.errors import CandorError, StorageBusy, UpstreamFailed

pytestmark = pytest.mark.anyio


def memory(name: str, score: float) -> Memory:
    return Memory(memory_id=name, text=f"About\n {name}.", score=score)


@dataclass
class ScriptedMemories:
    """Port `Memories`."""

    found: Sequence[Memory] | CandorError
    asked: tuple[str, str] = ("", "")

    async def search(self, query: str, user_id: str) -> Sequence[Memory]:
        self.asked = query, user_id
        if isinstance(self.found, CandorError):
            raise self.found
        return self.found


async def test_four_that_are_near_enough_are_recalled_best_first() -> None:
    scores = {"a": 0.37, "b": 0.38, "c": 0.9, "d": 0.5, "e": 0.6, "f": 0.7, "g": 0.99}
    memories = ScriptedMemories([memory(name, score) for name, score in scores.items()])
    found = await RecallMemories(memories=memories).recall(ANNA, "x" * 3_000, besides="g")
    assert [each.memory_id for each in found] == ["c", "f", "e", "d"]
    assert memories.asked == ("x" * 2_000, "anna")
    assert numbered(found) == "1. About c.\n2. About f.\n3. About e.\n4. About d."
    assert numbered([]) == ""


async def test_a_score_at_the_threshold_is_near_enough() -> None:
    memories = ScriptedMemories([memory("a", 0.3799), memory("b", 0.38)])
    found = await RecallMemories(memories=memories).recall(ANNA, "x")
    assert [each.memory_id for each in found] == ["b"]


async def test_a_service_that_fails_costs_the_memories_alone() -> None:
    recall = RecallMemories(memories=ScriptedMemories(UpstreamFailed("It is down.")))
    assert await recall.recall(ANNA, "x") == ()
    recall = RecallMemories(memories=ScriptedMemories(StorageBusy("Locked.")))
    with pytest.raises(StorageBusy):
        await recall.recall(ANNA, "x")
