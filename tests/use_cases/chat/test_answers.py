"""Listing and showing what was recorded."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.contracts.keeping import ANNA, BORIS, record
from tests.contracts.test_answers import BARE, DOCUMENT, FULL, given
from tests.fakes.chats import InMemoryChats
from use_cases.chat.errors import AnswerNotFound
from use_cases.chat.model import Feedback
from use_cases.chat.read_answers import CitedDocument, Latency, ReadAnswers
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.model import DocumentRef
from use_cases.kernel.targets import AnswerFilter, Judgement

pytestmark = pytest.mark.anyio


class Shelf:
    """Port `CitableDocuments`."""

    async def references(self) -> Sequence[DocumentRef]:
        return [DOCUMENT, replace(DOCUMENT, document_id="doc_9", name="policies/leave.md")]


def reading(answers: InMemoryChats) -> ReadAnswers:
    return ReadAnswers(answers=answers, documents=Shelf())


@pytest.fixture
async def answers() -> InMemoryChats:
    answers = InMemoryChats()
    for number in range(3):
        await record(answers, given(f"ans_{number}", minute=number))
    await record(answers, given("ans_b", BORIS))
    return answers


async def test_a_persons_answers_are_listed_page_by_page(answers: InMemoryChats) -> None:
    recorded = reading(answers)
    first = await recorded.list(ANNA, limit=2)
    assert [answer.answer_id for answer in first] == ["ans_2", "ans_1"]
    rest = await recorded.list(ANNA, limit=2, before="ans_1")
    assert [answer.answer_id for answer in rest] == ["ans_0"]


@pytest.mark.parametrize("limit", [1, 200])
async def test_a_page_has_1_to_200_answers(answers: InMemoryChats, limit: int) -> None:
    assert len(await reading(answers).list(ANNA, limit=limit)) == min(limit, 3)


@pytest.mark.parametrize("limit", [-1, 0, 201])
async def test_any_other_size_of_page_is_refused(answers: InMemoryChats, limit: int) -> None:
    with pytest.raises(InvalidInput, match=f"from 1 to 200, not {limit}"):
        await reading(answers).list(ANNA, limit=limit)


async def test_one_answer_is_shown_to_the_person_it_was_given_to(answers: InMemoryChats) -> None:
    recorded = reading(answers)
    assert await recorded.show(ANNA, "ans_1") == given("ans_1", minute=1)
    with pytest.raises(AnswerNotFound, match="ans_1"):
        await recorded.show(BORIS, "ans_1")


async def test_a_bare_name_of_a_model_selects_what_is_recorded_under_its_full_one() -> None:
    answers = InMemoryChats()
    await record(answers, FULL)
    await record(answers, BARE)
    for name in ("gpt-4.1-mini", "openai:gpt-4.1-mini"):
        found = await reading(answers).list(ANNA, AnswerFilter(model=name, text="  "))
        assert [answer.answer_id for answer in found] == ["ans_full"]


async def test_the_summary_adds_up_what_is_known_and_counts_what_is_not() -> None:
    answers = InMemoryChats()
    for number, latency in enumerate((100, 200, 300, 400)):
        name = f"ans_{number}"
        cost = Decimal("0.1") if number else None
        about = {"answer_id": name, "chat_id": name, "latency_ms": latency, "cost": cost}
        await record(answers, replace(FULL, **about))
    await record(answers, replace(BARE, latency_ms=5_000))
    await answers.judge(ANNA, "ans_3", Feedback(right=False))
    found = await reading(answers).summarise(ANNA)
    assert (found.answers, found.complete, found.unpriced) == (5, True, 2)
    assert found.cost == Decimal("0.3")
    assert (found.input_tokens, found.output_tokens) == (4 * 1834, 0)
    assert found.outcomes == {Outcome.CONFLICT: 4, Outcome.NOT_FOUND: 1}
    assert found.feedback == {Judgement.WRONG: 1, Judgement.NONE: 4}
    assert found.latency_ms == Latency(p50=300, p90=5_000, p99=5_000)
    assert [(each.model, each.prompt_version, each.answers) for each in found.by_version] == [
        ("openai:gpt-4.1-mini", "chat-3", 4),
        ("offline:extractive", "chat-3", 1),
    ]
    assert found.cited == [
        CitedDocument("doc_7", "policies/travel.md", 4),
        CitedDocument("doc_8", "policies/travel.md", 4),
    ]
    assert found.never_cited == [CitedDocument("doc_9", "policies/leave.md", 0)]
    assert (found.documents_cited, found.documents_never_cited) == (2, 1)
    fewer = await reading(answers).summarise(ANNA, listed=1)
    assert (len(fewer.cited), fewer.documents_cited) == (1, 2)


async def test_the_summary_of_nothing_has_no_times(answers: InMemoryChats) -> None:
    found = await reading(answers).summarise(ANNA, AnswerFilter(outcome=Outcome.REFUSED))
    assert (found.answers, found.latency_ms, found.by_version) == (0, None, [])
    assert (await reading(answers).summarise(BORIS)).answers == 1
