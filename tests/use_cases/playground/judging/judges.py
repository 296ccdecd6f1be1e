"""Judges that say what a test says, behind the real agent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    UserPromptPart,
)
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.usage import RequestUsage

from services.system import SystemEntropy
from use_cases.kernel.ports import Entropy, ResolvedModel
from use_cases.kernel.targets import TargetOutput
from use_cases.playground.judging.grade_by_model import GradeByModel
from use_cases.playground.model import Assertion, AssertionResult, Case
from use_cases.playground.ports import VectorMetric

Fields = Mapping[str, object]
Answerer = Callable[[str, str], Fields | str | Exception]
"""Given the prompt and the name of the expected form's first field; a text is an answer without form."""

CASE = Case(key="c1", variables={"question": "What is the capital of France?"}, expected="Paris")


@dataclass
class ScriptedModels:
    """Port `Models` over one scripted model; `asked` are the prompts that it got."""

    answer: Answerer
    name: str = "openai:gpt-4o-mini"
    asked: list[str] = field(default_factory=list[str])
    resolved: list[str | None] = field(default_factory=list[str | None])
    tools: set[str] = field(default_factory=set[str])

    def resolve(self, name: str | None = None, *, trusted: bool = False) -> ResolvedModel:
        """The scripted model, under any name."""
        self.resolved.append(name)
        model = FunctionModel(self._respond, model_name="gpt-4o-mini")
        return ResolvedModel(name or self.name, model)

    async def _respond(self, messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        self.tools |= {tool.name for tool in info.function_tools}
        [form] = info.output_tools
        prompt = prompt_of(messages)
        self.asked.append(prompt)
        answer = self.answer(prompt, ",".join(form.parameters_json_schema["properties"]))
        if isinstance(answer, Exception):
            raise answer
        said = (
            TextPart(answer) if isinstance(answer, str) else ToolCallPart(form.name, dict(answer))
        )
        return ModelResponse(parts=[said], usage=RequestUsage(input_tokens=100, output_tokens=10))


def prompt_of(messages: Sequence[ModelMessage]) -> str:
    """The first message of the user."""
    prompt = next(
        part.content
        for message in messages
        if isinstance(message, ModelRequest)
        for part in message.parts
        if isinstance(part, UserPromptPart)
    )
    assert isinstance(prompt, str)
    return prompt


def script(*answers: Fields | str | Exception) -> ScriptedModels:
    """Models that give these answers in turn, the last one again and again."""
    rest = list(answers)
    return ScriptedModels(lambda _prompt, _form: rest.pop(0) if len(rest) > 1 else rest[0])


class WordLikeness:
    """Port `Similarity`: 1 for equal texts, 0.5 for others."""

    async def similarity(self, a: str, b: str, metric: VectorMetric) -> float:
        """The likeness of two texts."""
        assert metric is VectorMetric.COSINE
        return 1.0 if a == b else 0.5


def grader(models: ScriptedModels, entropy: Entropy | None = None) -> GradeByModel:
    """The grader over these models."""
    return GradeByModel(
        models=models, entropy=entropy or SystemEntropy(), similarity=WordLikeness(), seconds=5
    )


def output(text: str = "Paris", *, context: Sequence[str] = ()) -> TargetOutput:
    """An output with this text."""
    return TargetOutput(text=text, model="openai:other", context=context)


async def graded(
    models: ScriptedModels,
    assertion: Assertion,
    text: str = "Paris",
    *,
    case: Case = CASE,
    context: Sequence[str] = (),
) -> AssertionResult:
    """The result of one assertion."""
    return await grader(models).check(assertion, output(text, context=context), case)
