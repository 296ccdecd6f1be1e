"""Evaluations with the real parts: a store in a file, the runner of jobs, checks and judges; only models
are scripted."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from pydantic import JsonValue
from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, TextPart, UserPromptPart
from pydantic_ai.models import Model
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.usage import RequestUsage

from backend.composition.container import Container
from backend.settings.settings import Settings
from tests.fakes.candor import quick_candor
from tests.templates import migrated_store
from use_cases.kernel.errors import ModelUnknown
from use_cases.kernel.model import LOCAL
from use_cases.kernel.ports import ResolvedModel
from use_cases.kernel.prompts.content import PromptContent, PromptMessage, Role
from use_cases.playground.errors import DatasetNotFound
from use_cases.playground.evaluations.manage_evaluations import ManageEvaluations
from use_cases.playground.evaluations.work_cells import CellWorker, EvaluationPolicy
from use_cases.playground.model import (
    Assertion,
    Case,
    Cell,
    Dataset,
    EvalRun,
    PlacedCase,
    Plan,
    Variant,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DATASET = "data_1"
Answer = Callable[[str], str | Exception]
"""Given the newest text of the user."""


@dataclass
class AnsweringModels:
    """Port `Models`: each name answers by its function; `asked` are the texts that it got."""

    answers: Mapping[str, Answer]
    metered: bool = True
    asked: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    waiting: Callable[[], Awaitable[object]] | None = None

    def resolve(self, name: str | None = None, *, trusted: bool = False) -> ResolvedModel:
        """The model of this name; the first one without."""
        found = name or next(iter(self.answers))
        if found not in self.answers:
            raise ModelUnknown(f"There is no model {found!r}.")
        return ResolvedModel(found, self._model(found), metered=self.metered)

    def _model(self, name: str) -> Model:
        async def respond(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
            text = newest(messages)
            self.asked.append((name, text))
            if self.waiting is not None:
                await self.waiting()
            answer = self.answers[name](text)
            if isinstance(answer, Exception):
                raise answer
            return ModelResponse(
                parts=[TextPart(answer)],
                usage=RequestUsage(input_tokens=1000, output_tokens=100),
                provider_name="openai",
                finish_reason="stop",
            )

        return FunctionModel(respond, model_name="gpt-4o-mini")


def newest(messages: Sequence[ModelMessage]) -> str:
    """The newest text of the user."""
    texts = [
        part.content
        for message in messages
        if isinstance(message, ModelRequest)
        for part in message.parts
        if isinstance(part, UserPromptPart)
    ]
    assert isinstance(texts[-1], str)
    return texts[-1]


def echo(text: str) -> str:
    """The text."""
    return text


def prompt(text: str = "{{question}}") -> PromptContent:
    """One message of the user."""
    return PromptContent((PromptMessage(Role.USER, text),))


def system(text: str) -> PromptContent:
    """Instructions for chat or advice."""
    return PromptContent((PromptMessage(Role.SYSTEM, text),))


def variant(name: str = "a", text: str = "{{question}}", model: str | None = None) -> Variant:
    """A prompt of one's own."""
    return Variant(name=name, prompt=prompt(text), model=model)


def cases(count: int, **more: JsonValue) -> Sequence[Case]:
    """Cases with the questions q0, q1, …"""
    return [Case(key=f"c{n}", variables={"question": f"q{n}", **more}) for n in range(count)]


def contains(value: str, **more: object) -> Assertion:
    """An assertion on the output's text."""
    return replace(Assertion(type="contains", value=value), **more)  # type: ignore[arg-type]


@asynccontextmanager
async def evaluating(
    folder: Path,
    models: AnsweringModels | None,
    given: Sequence[Case],
    *,
    policy: EvaluationPolicy | None = None,
) -> AsyncGenerator[Container]:
    """A Candor over this folder."""
    file = folder / "candor.sqlite"
    if not file.exists():
        migrated_store(file)
    told = {"data_dir": folder, "store_url": f"sqlite:///{file}", "sqlite_synchronous": "NORMAL"}
    async with quick_candor(Settings.model_validate(told), models=models) as candor:
        candor.playground.evaluation_policy = policy or EvaluationPolicy(eval_retries=0)
        if given:
            await publish(candor, given)
        yield candor


async def publish(candor: Container, given: Sequence[Case]) -> None:
    """Make them the next version of the dataset."""
    datasets = candor.playground.datasets
    try:
        await datasets.dataset(LOCAL, DATASET)
    except DatasetNotFound:
        await datasets.add(
            Dataset(
                dataset_id=DATASET, user_id="local", name="cases", created_at=NOW, updated_at=NOW
            )
        )
    draft = await datasets.begin_version(DATASET)
    # Places have gaps, as where items were removed.
    await datasets.put(draft, [PlacedCase(3 * n, case) for n, case in enumerate(given)])
    await datasets.publish(draft, author="local", now=NOW)


def manage(candor: Container) -> ManageEvaluations:
    """Its evaluations."""
    return candor.playground.manage_evaluations


def worker(candor: Container, plan: Plan, pauses: list[float]) -> CellWorker:
    """A worker that notes for how long it would pause."""

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    inner = candor.playground
    return CellWorker(
        plan=plan,
        caller=LOCAL,
        targets=candor.targets,
        prompt_target=inner.prompt_target,
        checks=inner.checks,
        judges=inner.judges,
        policy=inner.evaluation_policy,
        key_account=candor.key_account,
        clock=candor.clock,
        pause=pause,
    )


async def evaluated(candor: Container, plan: Plan) -> EvalRun:
    """A run of the plan, to its end."""
    made = await manage(candor).create(LOCAL, plan, DATASET)
    return await manage(candor).run(LOCAL, made.job_id)


async def cells_of(candor: Container, run_id: str) -> Sequence[Cell]:
    """All of its cells."""
    return [cell async for cell in manage(candor).cells(LOCAL, run_id)]
