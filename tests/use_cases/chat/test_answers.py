"""Listing and showing what was recorded."""

import pytest

from tests.contracts.keeping import ANNA, BORIS, record
from tests.contracts.test_answers import given
from tests.fakes.chats import InMemoryChats
from use_cases.chat.answers import ReadAnswers
from use_cases.chat.errors import AnswerNotFound
from use_cases.kernel.errors import InvalidInput

pytestmark = pytest.mark.anyio


@pytest.fixture
async def answers() -> InMemoryChats:
    answers = InMemoryChats()
    for number in range(3):
        await record(answers, given(f"ans_{number}", minute=number))
    await record(answers, given("ans_b", BORIS))
    return answers


async def test_a_persons_answers_are_listed_page_by_page(answers: InMemoryChats) -> None:
    recorded = ReadAnswers(answers=answers)
    first = await recorded.list(ANNA, limit=2)
    assert [answer.answer_id for answer in first] == ["ans_2", "ans_1"]
    rest = await recorded.list(ANNA, limit=2, before="ans_1")
    assert [answer.answer_id for answer in rest] == ["ans_0"]


@pytest.mark.parametrize("limit", [1, 200])
async def test_a_page_has_1_to_200_answers(answers: InMemoryChats, limit: int) -> None:
    assert len(await ReadAnswers(answers=answers).list(ANNA, limit=limit)) == min(limit, 3)


@pytest.mark.parametrize("limit", [-1, 0, 201])
async def test_any_other_size_of_page_is_refused(answers: InMemoryChats, limit: int) -> None:
    with pytest.raises(InvalidInput, match=f"from 1 to 200, not {limit}"):
        await ReadAnswers(answers=answers).list(ANNA, limit=limit)


async def test_one_answer_is_shown_to_the_person_it_was_given_to(answers: InMemoryChats) -> None:
    recorded = ReadAnswers(answers=answers)
    assert await recorded.show(ANNA, "ans_1") == given("ans_1", minute=1)
    with pytest.raises(AnswerNotFound, match="ans_1"):
        await recorded.show(BORIS, "ans_1")
