"""Calls of a model for the parts of a table: a few at once, each cached, counted and tried again.

Promises: an output is cached by all that decides it (model, instructions and their settings, form, part
and repeat), so that a cleaning that was stopped asks only for what is missing; a part whose calls fail
costs the other parts nothing; a provider that is down is not asked for the rest. Only errors of storage
are raised.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from hashlib import sha256
from itertools import islice
from typing import TypeAlias

from pydantic import TypeAdapter
from pydantic_ai import Agent
from pydantic_ai.usage import RunUsage

from use_cases.benchmark.contestants.cleaning_prompts import (
    FENCE_RULE,
    FORMS_VERSION,
    ProposedEdits,
)
from use_cases.benchmark.contestants.table_parts import TablePart
from use_cases.benchmark.errors import CleaningBudgetSpent
from use_cases.benchmark.model import Edit
from use_cases.benchmark.ports import UNPAID, CleaningFigures
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
from use_cases.kernel.runs.completion import run_agent
from use_cases.kernel.runs.model_calls import Attempts, Pause
from use_cases.kernel.runs.surroundings import completed, shielded
from use_cases.kernel.text.prompt_injection import Material, fence

_OUTPUT_RETRIES = 2
_MOST_FAILURES = 5
"""So many parts in a row that fail end a cleaning."""
_OWN = (ModelMisbehaved, ContentFiltered, PromptTooLong, UpstreamTimeout)
"""Errors of one part, which others may not meet."""


Watch: TypeAlias = Callable[[Progress, Decimal], None]
"""Receives the counts of a table's parts, and the US dollars spent now, without what was cached."""

TASKS: Mapping[str, str] = {
    "values": """\
The block “profile” describes the whole table. The block “values” has distinct values of columns, each \
with how often it occurs. Propose maps: the values that are wrong, and what is right.""",
    "rows": """\
The block “profile” describes the whole table. The block “rows” has some of its rows as JSON arrays; the \
first entry is the row's id, the others are the cells of the columns in the order of the block \
“columns”. Propose edits of these rows: cell, merge and delete.""",
}
"""The task of each kind of part."""

_AGENT: Agent[None, ProposedEdits] = Agent(
    output_type=ProposedEdits,
    deps_type=type(None),
    name="cleaner",
    instructions=FENCE_RULE,
    retries={"output": _OUTPUT_RETRIES},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPolicy:
    """Bounds of a cleaning: calls at once, further attempts of a call, rows in a chunk."""

    clean_concurrency: int = 4
    clean_retries: int = 3
    clean_chunk_rows: int = 40


@dataclass(frozen=True, slots=True)
class _Stored:
    answer: str
    figures: CleaningFigures


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
    figures: CleaningFigures = UNPAID
    error: CandorError | None = None
    """The first error of a part."""
    _stopped: bool = False
    _in_a_row: int = 0

    async def ask_all(
        self, parts: Iterable[TablePart]
    ) -> AsyncGenerator[tuple[TablePart, Sequence[Edit]]]:
        """Asks about every part, and yields each with its edits, as they come; those that fail are
        missing.

        Parts are taken as they are needed.
        """
        waiting = iter(parts)
        asked = set[asyncio.Task[tuple[TablePart, Sequence[Edit]] | None]]()
        try:
            while True:
                for part in islice(waiting, self.policy.clean_concurrency - len(asked)):
                    asked.add(asyncio.create_task(self._part(part)))
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

    async def _part(self, part: TablePart) -> tuple[TablePart, Sequence[Edit]] | None:
        found: tuple[TablePart, Sequence[Edit]] | None = None
        try:
            answer = await self._answer(part)
            found = part, [each.edit for each in answer.edits]
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

    async def _answer(self, part: TablePart) -> ProposedEdits:
        key = self._key(part)
        stored = await self.cache.output(key)
        if stored is not None:
            kept = _STORED.validate_json(stored)
            self.figures = self.figures.plus(replace(kept.figures, cached=kept.figures.calls))
            return ProposedEdits.model_validate_json(kept.answer)
        if self._stopped and self.error is not None:
            raise self.error
        if self.budget is not None and self.spent >= self.budget:
            raise CleaningBudgetSpent(f"The budget of {self.budget} US dollars is spent.")
        answer, figures = await self._asked(part)
        text = _STORED.dump_json(_Stored(answer.model_dump_json(), figures)).decode()
        await completed(self._keep(key, text))  # it is paid for
        return answer

    async def _keep(self, key: str, text: str) -> None:
        await self.cache.keep(key, text, self.clock.now())

    async def _asked(self, part: TablePart) -> tuple[ProposedEdits, CleaningFigures]:
        block = fence(self.code, Material(part.name, part.text))
        prompt = "\n\n".join([self.shared, TASKS[part.name], block])
        figures = UNPAID

        async def call() -> ProposedEdits | ModelMisbehaved:
            nonlocal figures
            usage, started = RunUsage(), self.clock.monotonic()
            try:
                return await run_agent(
                    _AGENT,
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

    def _figures(self, usage: RunUsage, seconds: float) -> CleaningFigures:
        """Returns the figures of one attempt; one that its provider turned away cost nothing."""
        metered, answered = self.resolved.metered, usage.has_values()
        return CleaningFigures(
            calls=max(1, usage.requests),
            input_tokens=usage.input_tokens if metered else None,
            output_tokens=usage.output_tokens if metered else None,
            cost=usage.cost if metered and answered else Decimal(0),
            latency_ms=round(seconds * 1000),
        )

    def _key(self, part: TablePart) -> str:
        settings = PromptContent((), settings=self.prompt.settings).digest
        decides = [
            self.resolved.name,
            settings,
            self.prompt.version,
            self.prompt.text,
            FENCE_RULE,
            ProposedEdits.__name__,
            FORMS_VERSION,
            self.repeat,
            # Other fences each time, and the same meaning.
            self.shared.replace(self.code, ""),
            TASKS[part.name],
            part.name,
            part.text,
        ]
        return sha256(json.dumps(decides).encode()).hexdigest()
