"""Calls of a model for the parts of a table: a few at once, each cached, counted and tried again.

Promises: an output is cached by all that decides it (model, instructions and their settings, form, part
and repeat), so that a cleaning that was stopped asks only for what is missing; a part whose calls fail
costs the other parts nothing; a provider that is down is not asked for the rest. Only errors of storage
are raised.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from hashlib import sha256
from itertools import islice
from typing import Generic, TypeAlias, TypeVar

from pydantic import BaseModel, TypeAdapter
from pydantic_ai import Agent
from pydantic_ai.usage import RunUsage

from use_cases.benchmark.contestants.cleaning_prompts import FENCE_RULE, FORMS_VERSION
from use_cases.benchmark.errors import CleaningBudgetSpent
from use_cases.kernel.errors import (
    STORAGE_ERRORS,
    CandorError,
    ContentFiltered,
    ModelMisbehaved,
    PromptTooLong,
    UpstreamTimeout,
)
from use_cases.kernel.jobs.model import Progress
from use_cases.kernel.ports import Clock, OutputCache, ResolvedModel
from use_cases.kernel.prompts.content import PromptContent, RunPrompt
from use_cases.kernel.runs.cancellation import completed, shielded
from use_cases.kernel.runs.completion import run_agent
from use_cases.kernel.runs.model_calls import Attempts, Pause
from use_cases.kernel.text.fenced_text import Material, fence

Form = TypeVar("Form", bound=BaseModel)
Part = TypeVar("Part")
Read = TypeVar("Read")

_OUTPUT_RETRIES = 2
_MOST_FAILURES = 5
"""So many parts in a row that fail end a cleaning."""
_OWN = (ModelMisbehaved, ContentFiltered, PromptTooLong, UpstreamTimeout)
"""Errors of one part, which others may not meet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFigures:
    """What calls took. None where a number is unknown."""

    calls: int = 0
    cached: int = 0
    input_tokens: int | None = 0
    output_tokens: int | None = 0
    cost: Decimal | None = Decimal(0)
    latency_ms: int = 0

    def plus(self, other: "CallFigures") -> "CallFigures":
        """The sum; unknown where one of both is."""
        return CallFigures(
            calls=self.calls + other.calls,
            cached=self.cached + other.cached,
            input_tokens=_sum(self.input_tokens, other.input_tokens),
            output_tokens=_sum(self.output_tokens, other.output_tokens),
            cost=None if self.cost is None or other.cost is None else self.cost + other.cost,
            latency_ms=self.latency_ms + other.latency_ms,
        )


Watch: TypeAlias = Callable[[Progress, Decimal], None]
"""Receives the counts of a table's parts, and the US dollars spent now, without what was cached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPolicy:
    """Bounds of a cleaning: calls at once, further attempts of a call, rows in a chunk."""

    clean_concurrency: int = 4
    clean_retries: int = 3
    clean_chunk_rows: int = 40


@dataclass(frozen=True, slots=True)
class PartQuestion(Generic[Part, Form, Read]):
    """A question about each of several parts: what is shown of it, and how an answer is read.

    `read` raises `ModelMisbehaved` for an answer that is of no use.
    """

    form: type[Form]
    task: str
    material: Callable[[Part], Material]
    read: Callable[[Part, Form], Read]


@dataclass(frozen=True, slots=True)
class _Stored:
    answer: str
    figures: CallFigures


_STORED: TypeAdapter[_Stored] = TypeAdapter(_Stored)


@dataclass(slots=True, kw_only=True)
class PartCalls:
    """The calls of one cleaning. `shared` is what every prompt begins with, behind the fences' `code`.

    `total` is the number of parts, as far as it is known.
    """

    resolved: ResolvedModel
    prompt: RunPrompt
    code: str
    shared: str
    repeat: int
    seconds: float
    cache: OutputCache
    clock: Clock
    policy: CallPolicy
    pause: Pause = asyncio.sleep
    budget: Decimal | None = None
    watch: Watch | None = None
    total: int = 0
    done: int = 0
    failed: int = 0
    spent: Decimal = Decimal(0)
    figures: CallFigures = field(default_factory=CallFigures)
    error: CandorError | None = None
    """The first error of a part."""
    _stopped: bool = False
    _in_a_row: int = 0

    async def ask_all(
        self, question: "PartQuestion[Part, Form, Read]", parts: Iterable[Part]
    ) -> AsyncGenerator[tuple[Part, Read]]:
        """Ask about every part, and yield each with its answer, as they come; those that fail are missing.

        Parts are taken as they are needed.
        """
        waiting = iter(parts)
        asked = set[asyncio.Task[tuple[Part, Read] | None]]()
        try:
            while True:
                for part in islice(waiting, self.policy.clean_concurrency - len(asked)):
                    asked.add(asyncio.create_task(self._part(question, part)))
                if not asked:
                    return
                finished, asked = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
                for found in (each.result() for each in finished):
                    if found is not None:
                        yield found
        finally:
            for each in asked:
                each.cancel()
            if asked:
                await shielded(asyncio.wait(asked))

    async def _part(
        self, question: "PartQuestion[Part, Form, Read]", part: Part
    ) -> tuple[Part, Read] | None:
        found: tuple[Part, Read] | None = None
        try:
            found = part, await self._read(question, part)
            self.done += 1
            self._in_a_row = 0
        except STORAGE_ERRORS:
            raise
        except CandorError as error:
            self.failed += 1
            self._in_a_row += 1
            self.error = self.error or error
            self._stopped |= not isinstance(error, _OWN) or self._in_a_row >= _MOST_FAILURES
        if self.watch is not None:
            counts = Progress(
                total=max(self.total, self.done + self.failed), done=self.done, errors=self.failed
            )
            self.watch(counts, self.spent)
        return found

    async def _read(self, question: "PartQuestion[Part, Form, Read]", part: Part) -> Read:
        """The answer, read before it is kept: one that is of no use is asked for again another time."""
        key = self._key(question, part)
        stored = await self.cache.output(key)
        if stored is not None:
            kept = _STORED.validate_json(stored)
            self.figures = self.figures.plus(replace(kept.figures, cached=kept.figures.calls))
            return question.read(part, question.form.model_validate_json(kept.answer))
        if self._stopped and self.error is not None:
            raise self.error
        if self.budget is not None and self.spent >= self.budget:
            raise CleaningBudgetSpent(f"The budget of {self.budget} US dollars is spent.")
        answer, figures = await self._asked(question, part)
        read = question.read(part, answer)
        text = _STORED.dump_json(_Stored(answer.model_dump_json(), figures)).decode()
        await completed(self._keep(key, text))  # it is paid for
        return read

    async def _keep(self, key: str, text: str) -> None:
        await self.cache.keep(key, text, self.clock.now())

    async def _asked(
        self, question: "PartQuestion[Part, Form, Read]", part: Part
    ) -> tuple[Form, CallFigures]:
        block = fence(self.code, question.material(part))
        prompt = "\n\n".join([self.shared, question.task, block])
        agent: Agent[None, Form] = _agent(question.form)
        figures = CallFigures()

        async def call() -> Form | ModelMisbehaved:
            nonlocal figures
            usage, started = RunUsage(), self.clock.monotonic()
            try:
                return await run_agent(
                    agent,
                    prompt,
                    self.resolved,
                    usage=usage,
                    instructions=self.prompt,
                    seconds=self.seconds,
                )
            except ModelMisbehaved as error:
                return error  # the agent has asked it again already
            finally:
                took = self._figures(usage, self.clock.monotonic() - started)
                figures = figures.plus(took)
                self.figures = self.figures.plus(took)
                self.spent += took.cost or 0

        retries = self.policy.clean_retries
        answer = await Attempts().call(call, retries=retries, pause=self.pause)
        if isinstance(answer, ModelMisbehaved):
            raise answer
        return answer, figures

    def _figures(self, usage: RunUsage, seconds: float) -> CallFigures:
        """The figures of one attempt; one that its provider turned away cost nothing."""
        metered, answered = self.resolved.metered, usage.has_values()
        return CallFigures(
            calls=max(1, usage.requests),
            input_tokens=usage.input_tokens if metered else None,
            output_tokens=usage.output_tokens if metered else None,
            cost=usage.cost if metered and answered else Decimal(0),
            latency_ms=round(seconds * 1000),
        )

    def _key(self, question: "PartQuestion[Part, Form, Read]", part: Part) -> str:
        settings = PromptContent((), settings=self.prompt.settings).digest
        decides = [
            self.resolved.name,
            settings,
            self.prompt.version,
            self.prompt.text,
            FENCE_RULE,
            question.form.__name__,
            FORMS_VERSION,
            self.repeat,
            # Other fences each time, and the same meaning.
            self.shared.replace(self.code, ""),
            question.task,
            *question.material(part),
        ]
        return sha256(json.dumps(decides).encode()).hexdigest()


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


@cache
def _agent(form: type[Form]) -> Agent[None, Form]:
    return Agent(
        output_type=form,
        deps_type=type(None),
        name="cleaner",
        instructions=FENCE_RULE,
        retries={"output": _OUTPUT_RETRIES},
    )
