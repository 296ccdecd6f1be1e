"""Labels that move only where an evaluation allows it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.messages import ModelMessage, ModelRequest
from pydantic_ai.models.function import AgentInfo, FunctionModel

from backend.composition.container import Container
from tests.use_cases.playground.evaluations.evaluating import (
    DATASET,
    AnsweringModels,
    cases,
    contains,
    echo,
    evaluated,
    evaluating,
    manage,
    prompt,
    system,
)
from use_cases.chat.chat_turn import AnswerRecorded
from use_cases.chat.model import Question
from use_cases.kernel.errors import Conflict, InvalidInput
from use_cases.kernel.model import LOCAL
from use_cases.kernel.ports import ResolvedModel
from use_cases.kernel.prompts.prompt_registry import PRODUCTION
from use_cases.playground.evaluations.gate import MARGIN
from use_cases.playground.evaluations.promotion import PromotionRefused
from use_cases.playground.model import Assertion, EvalRun, Plan, TargetKind, Variant

pytestmark = pytest.mark.anyio


async def stored(candor: Container, *texts: str) -> str:
    """A prompt with these versions, of which the first is in production."""
    prompts = candor.playground.manage_prompts
    made = await prompts.create(LOCAL, "mine")
    for text in texts:
        await prompts.save(LOCAL, made.prompt_id, prompt(text))
    await prompts.move(LOCAL, f"{made.prompt_id}@1", PRODUCTION)
    return made.prompt_id


def plan(name: str, *assertions: Assertion, versions: Sequence[int] = (1, 2)) -> Plan:
    return Plan(
        name="p",
        variants=[Variant(name=f"v{n}", prompt_ref=f"{name}@{n}") for n in versions],
        assertions=assertions or [contains("good")],
    )


async def promoted(candor: Container, reference: str, run: EvalRun, margin: float = MARGIN) -> int:
    """Promote, and return the version in production then."""
    promote = candor.playground.promote_prompt.promote
    await promote(LOCAL, reference, evidence=run.job_id, margin=margin)
    labels = await candor.playground.manage_prompts.labels(LOCAL, reference.partition("@")[0])
    return labels[PRODUCTION]


def models() -> AnsweringModels:
    return AnsweringModels({"one": echo})


async def test_a_better_version_is_promoted_on_its_evidence(tmp_path: Path) -> None:
    async with evaluating(tmp_path, models(), cases(12)) as candor:
        name = await stored(candor, "bad {{question}}", "good {{question}}")
        run = await evaluated(candor, plan(name))
        assert await promoted(candor, f"{name}@2", run) == 2
        [move, _] = await candor.playground.manage_prompts.history(LOCAL, name)
        assert (move.from_version, move.to_version, move.evidence) == (1, 2, run.job_id)
        with pytest.raises(PromotionRefused, match="carries the label already") as refused:
            await promoted(candor, f"{name}@2", run)
        assert "Nothing is left to do" in (refused.value.hint or "")


async def test_a_worse_version_is_not(tmp_path: Path) -> None:
    async with evaluating(tmp_path, models(), cases(12)) as candor:
        name = await stored(candor, "good {{question}}", "bad {{question}}")
        with pytest.raises(PromotionRefused, match="v2 is worse than v1"):
            await promoted(candor, f"{name}@2", await evaluated(candor, plan(name)))


async def test_an_equal_one_needs_enough_cases(tmp_path: Path) -> None:
    async with evaluating(tmp_path, models(), cases(33)) as candor:
        name = await stored(candor, "good {{question}}", "good and {{question}}")
        few = await manage(candor).create(LOCAL, plan(name), DATASET, limit=10)
        few = await manage(candor).run(LOCAL, few.job_id)
        with pytest.raises(InvalidInput, match="margin"):
            await promoted(candor, f"{name}@2", few, margin=float("nan"))
        with pytest.raises(
            PromotionRefused,
            match=r"does not show that v2 loses less than 5%.* About 129 more cases would",
        ):
            await promoted(candor, f"{name}@2", few)
        with pytest.raises(PromotionRefused, match=r"less than 20%.* About 23 more cases would"):
            await promoted(candor, f"{name}@2", few, margin=0.2)
        with pytest.raises(InvalidInput, match="belongs to an evaluation"):
            await candor.playground.promote_prompt.promote(LOCAL, f"{name}@2", margin=0.1)
        more = await manage(candor).create(LOCAL, plan(name), DATASET)
        more = await manage(candor).run(LOCAL, more.job_id)
        assert await promoted(candor, f"{name}@2", more, margin=0.2) == 2
        await candor.playground.manage_prompts.move(LOCAL, f"{name}@1", PRODUCTION)
        assert await promoted(candor, f"{name}@2", few, margin=0.5) == 2
        moves = await candor.playground.manage_prompts.history(LOCAL, name)
        assert [each.reason for each in moves] == ["(margin 50%)", "", "(margin 20%)", ""]


async def test_a_required_assertion_must_not_be_lost_in_any_case(tmp_path: Path) -> None:
    given = [
        replace(each, variables={"question": f"q{n}", "last": "q19"})
        for n, each in enumerate(cases(20))
    ]
    kept = Assertion(type="not-contains", value="{{last}}, or", required=True)
    inside = Assertion(type="assert-set", assertions=[kept])
    async with evaluating(tmp_path, models(), given) as candor:
        name = await stored(candor, "good {{question}}", "good {{question}}, or not")
        run = await evaluated(candor, plan(name, contains("good"), inside))
        with pytest.raises(PromotionRefused, match="required assertion in 1 case, first in 'c19'"):
            await promoted(candor, f"{name}@2", run, margin=0.5)


async def test_errors_hide_nothing(tmp_path: Path) -> None:
    def answer(text: str) -> str | Exception:
        return ModelHTTPError(500, "m") if text == "good and q7" else text

    async with evaluating(tmp_path, AnsweringModels({"one": answer}), cases(12)) as candor:
        name = await stored(candor, "good {{question}}", "good and {{question}}")
        run = await evaluated(candor, plan(name))
        with pytest.raises(PromotionRefused, match="v2 has 1 error, v1 0"):
            await promoted(candor, f"{name}@2", run)
        unmet = await manage(candor).unmet(LOCAL, run.job_id)
        assert not any(unmet.values()), "nothing is required of an output that is not there"


async def test_only_the_comparison_with_the_present_version_counts(tmp_path: Path) -> None:
    async with evaluating(tmp_path, models(), cases(1)) as candor:
        texts = ("bad {{question}}", "{{question}}", "good {{question}}")
        name = await stored(candor, *texts)
        other = await evaluated(candor, plan(name, versions=(2, 3)))
        with pytest.raises(PromotionRefused, match="make that one the baseline"):
            await promoted(candor, f"{name}@3", other)
        with pytest.raises(PromotionRefused, match="No variant"):
            await promoted(candor, f"{name}@3", await evaluated(candor, plan(name)))
        turned = await evaluated(candor, replace(plan(name, versions=(1, 3)), baseline="v3"))
        with pytest.raises(PromotionRefused, match="make that one the baseline"):
            await promoted(candor, f"{name}@3", turned)
        unrun = await manage(candor).create(LOCAL, plan(name, versions=(1, 3)), DATASET)
        with pytest.raises(PromotionRefused, match="is pending"):
            await promoted(candor, f"{name}@3", unrun)


async def test_another_model_is_no_evidence_for_a_prompt(tmp_path: Path) -> None:
    two = AnsweringModels({"one": echo, "two": echo})
    async with evaluating(tmp_path, two, cases(1)) as candor:
        name = await stored(candor, "bad {{question}}", "good {{question}}")
        mixed = plan(name)
        old, new = mixed.variants
        mixed = replace(mixed, variants=[replace(old, model="one"), replace(new, model="two")])
        with pytest.raises(PromotionRefused, match="on the same model"):
            await promoted(candor, f"{name}@2", await evaluated(candor, mixed))


async def test_of_two_promotions_at_once_one_is_refused(tmp_path: Path) -> None:
    async with evaluating(tmp_path, models(), cases(12)) as candor:
        name = await stored(candor, "bad {{question}}", "good {{question}}", "good, {{question}}")
        run = await evaluated(candor, plan(name, versions=(1, 2, 3)))
        found = await asyncio.gather(
            *(promoted(candor, f"{name}@{n}", run) for n in (2, 3)), return_exceptions=True
        )
        [refused] = [each for each in found if not isinstance(each, int)]
        assert isinstance(refused, Conflict)


class Chatting:
    """Port `Models`: one that says what its instructions are."""

    def resolve(self, name: str | None = None, *, trusted: bool = False) -> ResolvedModel:
        """It."""
        return ResolvedModel("test:chatting", FunctionModel(stream_function=said), metered=False)


async def said(messages: list[ModelMessage], info: AgentInfo):
    """The first words of the instructions."""
    request = messages[0]
    assert isinstance(request, ModelRequest)
    good = "good" if "Be good." in (info.instructions or "") else "bad"
    yield f"[not_found] It is {good}."


async def test_the_next_turn_of_chat_uses_what_was_promoted(tmp_path: Path) -> None:
    async with evaluating(tmp_path, None, cases(12)) as candor:
        candor.models = Chatting()
        prompts = candor.playground.manage_prompts
        await prompts.save(LOCAL, "chat.answer", system("Be good."))
        variants = [
            Variant(name="now", target=TargetKind.CHAT),
            Variant(name="new", target=TargetKind.CHAT, prompt_ref="chat.answer@1"),
            Variant(name="bare", prompt_ref="chat.answer@1"),
        ]
        both = Plan(name="p", variants=variants[:2], assertions=[contains("good")])
        bare = await evaluated(candor, replace(both, variants=[variants[0], variants[2]]))
        with pytest.raises(PromotionRefused, match="No variant"):
            await promoted(candor, "chat.answer@1", bare)
        answer = await asked(candor)
        assert answer.text.endswith("It is bad.")
        run = await evaluated(candor, both)
        assert await promoted(candor, "chat.answer@1", run) == 1
        answer = await asked(candor)
        assert answer.text.endswith("It is good.")
        assert answer.prompt_version == "chat.answer@1"
        await prompts.roll_back(LOCAL, "chat.answer")
        assert (await asked(candor)).text.endswith("It is bad.")


async def asked(candor: Container):
    """The answer to a question."""
    async for event in candor.chat.ask.stream(Question(text="What?"), caller=LOCAL):
        if isinstance(event, AnswerRecorded):
            return event.answer
    raise AssertionError
