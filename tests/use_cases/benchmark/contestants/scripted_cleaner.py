"""A model that cleans as a test says, driven by the real agent."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.usage import RequestUsage

from services.system import SystemEntropy
from tests.fakes.clock import FixedClock
from tests.fakes.prompts import FixedPrompts
from tests.use_cases.playground.judging.judges import prompt_of
from use_cases.benchmark.contestants.model_contestant import ModelContestant
from use_cases.benchmark.contestants.part_calls import CallPolicy
from use_cases.benchmark.model import TextTable
from use_cases.benchmark.ports import Cleaning, CleaningRequest
from use_cases.kernel.ports import ResolvedModel
from use_cases.kernel.prompts.prompt_registry import Active

Fields = Mapping[str, object]
Said = Fields | str | Exception
"""A form, a text without form, or an error of the provider."""
Answerer = Callable[[str], Said]
"""Given the prompt of a part."""

PRICE = Decimal("0.000021")
"""100 tokens in and 10 out, of gpt-4o-mini."""

DIRTY = TextTable(
    ("city", "zip", "state"),
    tuple("123456"),
    (
        ("Boston", "Boston", "Bostxn", "Denver", "Denver", "N/A"),
        ("02134", "02134", "02134", "80014", "80014", "80014"),
        ("MA", "MA", "MA", "CO", "C0", "CO"),
    ),
)
NOTHING: Fields = {"edits": []}


@dataclass
class MemoryCache:
    """Port `OutputCache`, in memory."""

    kept: dict[str, str] = field(default_factory=dict[str, str])

    async def output(self, key: str) -> str | None:
        """The stored output."""
        return self.kept.get(key)

    async def keep(self, key: str, output: str, now: datetime) -> None:
        """Store an output; the first stays."""
        self.kept.setdefault(key, output)


@dataclass
class CleaningModels:
    """Port `Models` over one scripted model. `asked` are its prompts, `told` its instructions."""

    answer: Answerer
    name: str = "openai:gpt-4o-mini"
    metered: bool = True
    asked: list[str] = field(default_factory=list[str])
    told: list[str] = field(default_factory=list[str])
    waiting: Callable[[str], Awaitable[object]] | None = None
    """Waits before the answer to a prompt."""

    def resolve(self, name: str | None = None, *, trusted: bool = False) -> ResolvedModel:
        """The scripted model, under any name."""
        model = FunctionModel(self._respond, model_name="gpt-4o-mini")
        return ResolvedModel(name or self.name, model, metered=self.metered)

    async def _respond(self, messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        assert not info.function_tools
        [form] = info.output_tools
        prompt = prompt_of(messages)
        self.asked.append(prompt)
        self.told.append(info.instructions or "")
        if self.waiting is not None:
            await self.waiting(prompt)
        said = self.answer(prompt)
        if isinstance(said, Exception):
            raise said
        part = TextPart(said) if isinstance(said, str) else ToolCallPart(form.name, dict(said))
        return ModelResponse(
            parts=[part],
            usage=RequestUsage(input_tokens=100, output_tokens=10),
            provider_name="openai",
        )


def contestant(
    models: CleaningModels,
    *,
    cache: MemoryCache | None = None,
    active: Active | None = None,
    pauses: list[float] | None = None,
    budget: Decimal | None = None,
    policy: CallPolicy | None = None,
) -> ModelContestant:
    """A contestant with the scripted model; `pauses` gets the waits that it would make."""
    waits = [] if pauses is None else pauses

    async def pause(seconds: float) -> None:
        waits.append(seconds)

    return ModelContestant(
        model="openai:gpt-4o-mini",
        models=models,
        prompt_registry=FixedPrompts(active),
        output_cache=cache or MemoryCache(),
        entropy=SystemEntropy(),
        clock=FixedClock(),
        policy=policy or CallPolicy(),
        pause=pause,
        budget=budget,
    )


def answering(values: Said = NOTHING, *rows: Said) -> Answerer:
    """Answers the pages of values by `values`, and the chunks of rows by `rows` in turn."""
    rest = list(rows) or [NOTHING]

    def answer(prompt: str) -> Said:
        if " BEGIN values\n" in prompt:
            return values
        return rest.pop(0) if len(rest) > 1 else rest[0]

    return answer


def edit(kind: str, **fields: object) -> Fields:
    """An edit as a model writes it."""
    return {"kind": kind, "old": "", **fields}


def edits(*each: Fields) -> Fields:
    """Edits as a model writes them."""
    return {"edits": list(each)}


REQUEST = CleaningRequest(dirty=DIRTY)


async def cleaned(
    answer: Answerer | CleaningModels,
    *,
    dirty: TextTable = DIRTY,
    repeat: int = 0,
    cache: MemoryCache | None = None,
    pauses: list[float] | None = None,
    rows: int = 40,
) -> Cleaning:
    """What came of a table."""
    models = answer if isinstance(answer, CleaningModels) else CleaningModels(answer)
    by = contestant(
        models,
        cache=cache,
        pauses=pauses,
        policy=CallPolicy(clean_chunk_rows=rows, clean_concurrency=1),
    )
    return await by.clean(replace(REQUEST, dirty=dirty, repeat=repeat))


def whys(cleaning: Cleaning) -> Sequence[str]:
    """Why the contestant held edits back."""
    return [each.why for each in cleaning.rejected]
