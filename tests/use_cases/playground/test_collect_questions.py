from dataclasses import dataclass, replace

import pytest

from tests.contracts.keeping import ANNA, BORIS, NOON, at_minute, kept_in_memory, record
from tests.contracts.test_answers import FULL as ANSWER
from tests.contracts.test_responses import FULL as RESPONSE
from tests.fakes.responses import InMemoryResponses
from tests.use_cases.playground.evaluations.evaluating import AnsweringModels, echo
from tests.use_cases.playground.importing import Library
from use_cases.advice.advice_target import AdviceQuestions
from use_cases.advice.model import OutcomeState
from use_cases.chat.model import Feedback
from use_cases.chat.read_answers import ChatQuestions
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.identity.errors import ScopeMissing
from use_cases.kernel.model import LOCAL, Caller, Scope
from use_cases.kernel.targets import AnswerFilter, Judgement
from use_cases.kernel.text.secrets import SecretFilter
from use_cases.playground.collect_questions import CollectQuestions
from use_cases.playground.model import Assertion, Case

pytestmark = pytest.mark.anyio

ALL = AnswerFilter()
BORIS_AND_ALL = replace(BORIS, owns_all=True)


@dataclass
class Recorded(Library):
    """A library beside recorded answers and advice."""

    judged: bool = False
    collected: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.chats = kept_in_memory()
        self.responses = InMemoryResponses()
        self.collect = CollectQuestions(
            recorded_questions={
                "chat": ChatQuestions(answers=self.chats.answers),
                "advice": AdviceQuestions(responses=self.responses),
            },
            manage_datasets=self.manage,
            datasets=self.datasets,
            secrets=SecretFilter(["sk-very-secret"]),
            models=AnsweringModels({"m": echo}, metered=self.judged),
            clock=self.clock,
        )

    async def answer(self, number: int, **fields: object) -> None:
        """Record an answer of chat, minutes after noon."""
        own = {"answer_id": f"ans_{number:03}", "chat_id": f"chat_{number}"}
        made = replace(ANSWER, **own, created_at=at_minute(number))
        await record(self.chats.transcript, replace(made, **fields))

    async def advise(self, number: int, outcome: OutcomeState, **fields: object) -> None:
        """Record advice and what came of it."""
        made = replace(RESPONSE, response_id=f"resp_{number:03}", created_at=at_minute(number))
        await self.responses.keep(replace(made, outcome=outcome, **fields))

    async def cases(self, wanted: AnswerFilter = ALL, **how: object) -> list[Case]:
        """The cases of a dataset of these questions."""
        self.collected += 1
        name = f"Asked {self.collected}"
        made = await self.collect.run(ANNA, name, wanted, **how)  # pyright: ignore[reportArgumentType]
        page = await self.manage.items(ANNA, made.dataset_id)
        assert made.item_count == len(page.items)
        return [one.case for one in page.items]


@pytest.fixture
def recorded() -> Recorded:
    return Recorded()


async def test_advice_that_was_right_is_expected_and_checked(recorded: Recorded) -> None:
    await recorded.advise(1, OutcomeState.RIGHT)
    (case,) = await recorded.cases()
    assert case == Case(
        key="resp_001",
        variables={
            "question": RESPONSE.question,
            "profile": "fantasy-nfl",
            "prompt_type": "short",
        },
        expected="Start St. Brown [1].",
        assertions=(
            Assertion(type="outcome-is", value="conflict"),
            Assertion(type="cites-document", value="policies/travel.md"),
            Assertion(type="choice-is", value="Amon-Ra St. Brown"),
        ),
        metadata={
            "answer_id": "resp_001",
            "target": "advice",
            "model": "openai:gpt-4.1-mini",
            "prompt_version": "advice-1",
            "outcome": "conflict",
            "date": "2026-03-14T12:01:00+00:00",
            "feedback": "right",
        },
    )


async def test_advice_that_was_wrong_expects_nothing_yet(recorded: Recorded) -> None:
    await recorded.advise(1, OutcomeState.RIGHT)
    await recorded.advise(2, OutcomeState.WRONG)
    await recorded.advise(3, OutcomeState.PENDING)
    await recorded.answer(4)
    (case,) = await recorded.cases(AnswerFilter(feedback=Judgement.WRONG))
    assert (case.key, case.expected, case.assertions) == ("resp_002", None, ())
    assert (case.metadata["feedback"], case.metadata["answer"]) == ("wrong", "Start St. Brown [1].")
    assert [one.key for one in await recorded.cases(AnswerFilter(feedback=Judgement.RIGHT))] == [
        "resp_001"
    ]


async def test_answers_of_chat_are_found_by_the_feedback_on_them(recorded: Recorded) -> None:
    for number in (1, 2, 3):
        await recorded.answer(number)
    await recorded.chats.answers.judge(ANNA, "ans_001", Feedback(right=True))
    await recorded.chats.answers.judge(ANNA, "ans_002", Feedback(right=False, notes="No."))
    await recorded.advise(4, OutcomeState.WRONG)
    wrong = await recorded.cases(AnswerFilter(feedback=Judgement.WRONG))
    assert [case.key for case in wrong] == ["resp_004", "ans_002"]
    (right,) = await recorded.cases(AnswerFilter(feedback=Judgement.RIGHT))
    assert (right.key, right.expected) == ("ans_001", ANSWER.text)


TYPES = {
    "90 days": ["icontains"],
    "Passwords are rotated every 90 days, and at once after an incident.": [
        "icontains-all",
        "similar",
    ],
    "Nobody may share a password with a colleague, not even once.": ["similar"],
}


@pytest.mark.parametrize("expected", TYPES)
async def test_a_correction_becomes_a_check(recorded: Recorded, expected: str) -> None:
    await recorded.answer(1)
    said = Feedback(right=False, expected=expected, expected_document="security.md")
    await recorded.chats.answers.judge(ANNA, "ans_001", said)
    (case,) = await recorded.cases()
    assert case.expected == expected
    *checks, cited = case.assertions
    assert [each.type for each in checks] == TYPES[expected]
    assert cited == Assertion(type="cites-document", value="security.md")
    assert (case.metadata["feedback"], case.metadata["answer"]) == ("wrong", ANSWER.text)


async def test_where_a_model_can_judge_it_compares_the_facts() -> None:
    recorded = Recorded(judged=True)
    await recorded.answer(1)
    said = Feedback(right=False, expected="Nobody may share {{a}} password with another person.")
    await recorded.chats.answers.judge(ANNA, "ans_001", said)
    (case,) = await recorded.cases()
    assert case.assertions == (
        Assertion(
            type="factuality", value="Nobody may share {{{{a}} password with another person."
        ),
    )


async def test_an_answer_without_feedback_is_not_judged(recorded: Recorded) -> None:
    await recorded.answer(1)
    (case,) = await recorded.cases()
    assert case.variables == {"question": ANSWER.question, "category": "policies"}
    assert (case.expected, case.metadata["answer"]) == (None, ANSWER.text)
    assert "feedback" not in case.metadata
    with pytest.raises(InvalidInput, match="No recorded question fits"):
        await recorded.cases(AnswerFilter(feedback=Judgement.RIGHT))


async def test_the_newest_of_all_targets_come_first_up_to_the_limit(recorded: Recorded) -> None:
    for number in (1, 3, 5):
        await recorded.answer(number)
        await recorded.advise(number + 1, OutcomeState.PENDING)
    found = await recorded.cases(limit=3)
    assert [case.key for case in found] == ["resp_006", "ans_005", "resp_004"]
    assert [case.key for case in await recorded.cases(target="chat", limit=2)] == [
        "ans_005",
        "ans_003",
    ]


async def test_questions_are_read_page_by_page(recorded: Recorded) -> None:
    for number in range(230):
        await recorded.answer(number)
        await recorded.advise(number, OutcomeState.PENDING)
    made = await recorded.collect.run(ANNA, "Asked", ALL)
    assert made.item_count == 460


async def test_they_are_filtered_by_time_and_outcome(recorded: Recorded) -> None:
    await recorded.answer(1)
    await recorded.answer(2, outcome=Outcome.NOT_FOUND)
    await recorded.answer(3)
    await recorded.advise(1, OutcomeState.PENDING)
    await recorded.advise(3, OutcomeState.PENDING)
    recent = AnswerFilter(since=at_minute(2))
    assert {case.key for case in await recorded.cases(recent)} == {"ans_003", "ans_002", "resp_003"}
    absent = AnswerFilter(outcome=Outcome.NOT_FOUND)
    assert [case.key for case in await recorded.cases(absent)] == ["ans_002"]


async def test_they_are_filtered_as_lists_of_answers_are(recorded: Recorded) -> None:
    await recorded.answer(1)
    await recorded.advise(1, OutcomeState.PENDING)
    for wanted, found in (
        (AnswerFilter(ids=["resp_001"]), {"resp_001"}),
        (AnswerFilter(text=" ST. BROWN "), {"resp_001"}),
        (AnswerFilter(text="zürich", feedback=Judgement.NONE), {"ans_001"}),
        (AnswerFilter(prompt_version="advice-1"), {"resp_001"}),
        (AnswerFilter(model=" openai:gpt-4.1-mini "), {"ans_001", "resp_001"}),
        (AnswerFilter(document="policies/travel.md"), {"ans_001", "resp_001"}),
        (AnswerFilter(document="doc_8"), {"ans_001", "resp_001"}),
        (AnswerFilter(until=at_minute(2)), {"ans_001", "resp_001"}),
    ):
        assert {case.key for case in await recorded.cases(wanted)} == found, wanted
    with pytest.raises(InvalidInput, match="No recorded question fits"):
        await recorded.cases(AnswerFilter(until=at_minute(1)))


async def test_an_id_of_no_such_question_is_refused_by_its_name(recorded: Recorded) -> None:
    await recorded.answer(1)
    await recorded.answer(2, user_id="boris")
    for ids, missing in (
        (["ans_001", "ans_nobodys"], "ans_nobodys"),
        (["ans_002", "ans_001"], "ans_002"),
        (["b", "a"], "a, b"),
    ):
        with pytest.raises(InvalidInput, match=f"fits has the id {missing}\\."):
            await recorded.cases(AnswerFilter(ids=ids))
    with pytest.raises(InvalidInput, match="has the id ans_001"):
        await recorded.cases(AnswerFilter(ids=["ans_001"], text="of nothing"))
    await recorded.answer(3)
    both = AnswerFilter(ids=["ans_001", "ans_003"])
    assert [case.key for case in await recorded.cases(both, limit=1)] == ["ans_003"]


async def test_only_the_callers_own_are_read_and_only_with_the_scope(recorded: Recorded) -> None:
    await recorded.answer(1)
    await recorded.answer(2, user_id="boris")
    await recorded.advise(3, OutcomeState.PENDING)
    assert [case.key for case in await recorded.cases(target="chat")] == ["ans_001"]
    assert (await recorded.collect.run(LOCAL, "All", ALL)).item_count == 3
    assert (await recorded.collect.run(BORIS, "Mine", ALL)).item_count == 1
    adviser = Caller("anna", scopes=frozenset({Scope.PLAYGROUND, Scope.ADVICE}))
    assert (await recorded.collect.run(adviser, "Advice", ALL)).item_count == 1
    with pytest.raises(ScopeMissing, match="`chat`"):
        await recorded.collect.run(adviser, "Chat", ALL, target="chat")


async def test_a_secret_in_a_question_or_answer_is_removed(recorded: Recorded) -> None:
    await recorded.answer(1, question="Is sk-very-secret a key?", text="sk-very-secret is.")
    (case,) = await recorded.cases()
    assert case.variables["question"] == "Is [hidden] a key?"
    assert case.metadata["answer"] == "[hidden] is."


async def test_a_wrong_target_or_limit_is_refused(recorded: Recorded) -> None:
    with pytest.raises(InvalidInput, match="none of: chat, advice"):
        await recorded.collect.run(ANNA, "x", ALL, target="mail")
    with pytest.raises(InvalidInput, match="10,000"):
        await recorded.collect.run(ANNA, "x", ALL, limit=10_001)


async def test_collected_again_a_dataset_gains_what_is_new_and_keeps_what_was_written(
    recorded: Recorded,
) -> None:
    for number in (1, 2):
        await recorded.answer(number, right=False)
    first = await recorded.collect.run(ANNA, "Wrong", ALL)
    again = await recorded.collect.run(ANNA, " Wrong ", ALL)
    assert (again.dataset_id, again.version, again.item_count) == (first.dataset_id, 1, 2)
    by_hand = (await recorded.manage.items(ANNA, first.dataset_id)).items[0]
    draft = await recorded.datasets.begin_version(first.dataset_id, keep=True)
    written = replace(by_hand.case, expected="Every 30 days.")
    await recorded.datasets.put(draft, [replace(by_hand, case=written)])
    await recorded.datasets.publish(draft, author="anna", now=NOON)
    said = Feedback(right=False, expected="90 days")
    for number in (1, 2):
        await recorded.chats.answers.judge(ANNA, f"ans_{number:03}", said)
    await recorded.answer(3, right=False)
    last = await recorded.collect.run(ANNA, "Wrong", ALL)
    assert (last.dataset_id, last.version, last.item_count) == (first.dataset_id, 3, 3)
    found = (await recorded.manage.items(ANNA, first.dataset_id)).items
    assert [(one.case.key, one.case.expected) for one in found] == [
        ("ans_002", "Every 30 days."),
        ("ans_001", "90 days"),
        ("ans_003", None),
    ]
    other = await recorded.collect.run(BORIS_AND_ALL, "Wrong", ALL)
    assert other.dataset_id != first.dataset_id
