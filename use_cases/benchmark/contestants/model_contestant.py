"""A model as a contestant: it proposes edits of a table in two passes.

First pass: value maps, from the distinct values of every column. Second pass: edits of rows, in chunks
in which rows that should agree stand together; it sees the table as the maps leave it. Each prompt
begins with the same profile of the whole table. Promises: cells are data between fences; whatever a
model answers, nothing breaks: what cannot be used is counted as rejected, a part that fails leaves the
others, and nothing but all of them failing is a failure. Leaves to others: what an edit may change
(`edit_guards`, `use_cases.benchmark.edits`), and the calls (`part_calls`).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from use_cases.benchmark.contestants.cleaning_prompts import (
    BUILT_IN,
    EDITS_PURPOSE,
    FENCE_RULE,
)
from use_cases.benchmark.contestants.edit_guards import (
    guard_different,
    guard_rows,
    guard_values,
)
from use_cases.benchmark.contestants.part_calls import (
    TASKS,
    CallPolicy,
    PartCalls,
    Watch,
)
from use_cases.benchmark.contestants.table_parts import (
    TablePart,
    describe_columns,
    known_dependencies,
    row_chunks,
    shown,
    value_pages,
)
from use_cases.benchmark.edits import RejectedEdit, apply_edits
from use_cases.benchmark.errors import BudgetUnknowable, ModelCannotClean
from use_cases.benchmark.model import Dependency, Edit, EditKind, TableSchema, TextTable
from use_cases.benchmark.ports import CallEstimate, Cleaning, CleaningRequest
from use_cases.kernel.errors import CandorError, ModelNotConfigured
from use_cases.kernel.ports import Clock, Entropy, Models, OutputCache, ResolvedModel
from use_cases.kernel.prompts.content import RunPrompt
from use_cases.kernel.prompts.prompt_registry import ActivePrompts
from use_cases.kernel.runs.completion import CHARACTERS_PER_TOKEN, call_price
from use_cases.kernel.runs.model_calls import Pause
from use_cases.kernel.text.prompt_injection import Material, fence, fence_code

_OFFLINE = "offline:"
_TOKENS_PER_EDITED_ROW = 25
_TOKENS_PER_VALUE = 5
_TOKENS_PER_ANSWER = 50

_WITHOUT_KEY = "Put the provider's key into .env and omit --offline, or let the rules clean: they need no model."


@dataclass(frozen=True, slots=True, kw_only=True)
class CleaningEstimate(CallEstimate):
    """The size of a cleaning before it runs."""

    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelContestant:
    """A model that cleans. `watch` and `budget` (US dollars) are for one cleaning that a person waits for."""

    model: str = ""
    models: Models
    prompt_registry: ActivePrompts
    output_cache: OutputCache
    entropy: Entropy
    clock: Clock
    policy: CallPolicy
    pause: Pause = asyncio.sleep
    budget: Decimal | None = None
    watch: Watch | None = None

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model

    def named(
        self, name: str, *, budget: Decimal | None = None, watch: Watch | None = None
    ) -> "ModelContestant":
        """Returns the contestant of a model, which is resolved when it is asked for an estimate or to clean."""
        return replace(self, model=name, budget=budget, watch=watch)

    def resolve(self, *, trusted: bool = False) -> ResolvedModel:
        """Returns the model.

        Raises `ModelCannotClean`, `BudgetUnknowable`, and what `Models.resolve` raises.
        """
        try:
            resolved = self.models.resolve(self.model, trusted=trusted)
        except ModelNotConfigured as error:
            error.hint = _WITHOUT_KEY  # its own one names a model that cannot clean
            raise
        if resolved.name.startswith(_OFFLINE):
            raise ModelCannotClean(f"{resolved.name} has no understanding of tables.")
        if self.budget is not None and _cost(resolved, 0, 0) is None:
            raise BudgetUnknowable(f"No price is known for {resolved.name}.")
        return resolved

    async def estimate(self, dirty: TextTable, schema: TableSchema) -> CleaningEstimate:
        """Counts the calls for a table, and what they may cost. Raises what `resolve` raises."""
        resolved, prompt = self.resolve(), await self._prompt()
        rows = self.policy.clean_chunk_rows
        calls, characters, answers = await asyncio.to_thread(_measured, dirty, schema, rows)
        given = (characters + calls * len(prompt.text)) // CHARACTERS_PER_TOKEN
        return CleaningEstimate(
            model=resolved.name,
            calls=calls,
            input_tokens=given,
            output_tokens=answers,
            cost=_cost(resolved, given, answers),
        )

    async def clean(self, request: CleaningRequest) -> Cleaning:
        """Proposes edits. Only errors of storage are raised; the model was checked before."""
        prompt = await self._prompt()
        try:
            resolved = self.resolve(trusted=True)
        except CandorError as error:
            return Cleaning(failure=f"{error.code}: {error.detail}")
        plan = await asyncio.to_thread(_planned, request, self.entropy)
        work = _CleaningRun(
            request=request,
            plan=plan,
            rows_per_call=self.policy.clean_chunk_rows,
            calls=PartCalls(
                resolved=resolved,
                prompt=prompt,
                code=plan.code,
                shared=plan.shared,
                repeat=request.repeat,
                seconds=request.timeout,
                cache=self.output_cache,
                clock=self.clock,
                policy=self.policy,
                pause=self.pause,
                budget=self.budget,
                watch=self.watch,
            ),
        )
        return await work.edits()

    async def _prompt(self) -> RunPrompt:
        active = await self.prompt_registry.active(EDITS_PURPOSE, EDITS_PURPOSE)
        return active.prompt or BUILT_IN


@dataclass(frozen=True, slots=True)
class _Plan:
    """Beginning of every prompt of a cleaning, and the dependencies that group rows."""

    code: str
    shared: str
    dependencies: Sequence[Dependency]


@dataclass(slots=True, kw_only=True)
class _CleaningRun:
    request: CleaningRequest
    plan: _Plan
    calls: PartCalls
    rows_per_call: int
    rejected: list[RejectedEdit] = field(default_factory=list[RejectedEdit])

    async def edits(self) -> Cleaning:
        """Returns both passes. An edit of the second pass names the dirty text, and comes before the
        maps.
        """
        dirty = self.request.dirty
        pages = await asyncio.to_thread(lambda: list(value_pages(dirty)))
        self.calls.total = len(pages) + -(-len(dirty.ids) // self.rows_per_call)
        maps = await self._maps(dirty, pages)
        mapped = await asyncio.to_thread(apply_edits, dirty, maps)
        chunks = await self._chunks(mapped.table)
        self.calls.total = len(pages) + len(chunks)
        edits = [
            _of_dirty(dirty, mapped.table, each) for each in await self._rows(mapped.table, chunks)
        ]
        kept, held_back = await asyncio.to_thread(guard_different, dirty, [*edits, *maps])
        self.rejected += held_back
        return self._result(kept)

    async def _maps(self, dirty: TextTable, pages: Sequence[TablePart]) -> Sequence[Edit]:
        found = {page: edits async for page, edits in self.calls.ask_all(pages)}
        # In the order of the pages, whatever came first: the same answers are the same edits.
        proposed = [edit for page in pages for edit in found.get(page, ())]
        kept, held_back = await asyncio.to_thread(guard_values, dirty, proposed)
        self.rejected += held_back
        return kept

    async def _rows(self, table: TextTable, chunks: Sequence[TablePart]) -> Sequence[Edit]:
        found = {chunk: edits async for chunk, edits in self.calls.ask_all(chunks)}
        kept = list[Edit]()
        for chunk in chunks:
            allowed, held_back = guard_rows(table, chunk.rows, found.get(chunk, ()))
            kept += allowed
            self.rejected += held_back
        return kept

    async def _chunks(self, table: TextTable) -> Sequence[TablePart]:
        given = table, self.request.schema, self.plan.dependencies, self.rows_per_call
        return await asyncio.to_thread(lambda: list(row_chunks(*given)))

    def _result(self, edits: Sequence[Edit]) -> Cleaning:
        calls, figures = self.calls, self.calls.figures
        said = f"{calls.error.code}: {calls.error.detail}" if calls.error else ""
        part = f"{calls.failed} of {calls.done + calls.failed} parts failed; the first: {said}"
        return Cleaning(
            edits=edits if calls.done else (),
            rejected=self.rejected,
            failure=said if not calls.done else "",
            partial=part if calls.failed and calls.done else "",
            calls=figures.calls,
            cached=figures.cached,
            input_tokens=figures.input_tokens,
            output_tokens=figures.output_tokens,
            cost=figures.cost,
            latency_ms=figures.latency_ms,
        )


def _cost(model: ResolvedModel, given: int, got: int) -> Decimal | None:
    """Returns the price of these tokens by its first candidate."""
    first = model.candidates[0] if model.candidates else model
    return call_price(first.name, given, got) if first.metered else Decimal(0)


def _planned(request: CleaningRequest, entropy: Entropy) -> _Plan:
    dirty = request.dirty
    dependencies = known_dependencies(dirty, request.schema)
    profile = describe_columns(dirty, request.schema, dependencies)
    columns = ", ".join(shown(name) for name in dirty.columns)
    blocks = [Material("profile", profile), Material("columns", columns)]
    if request.description:
        blocks.append(Material("description", request.description))
    texts = [text for _, text in blocks]
    code = fence_code((*texts, *(cell for cells in dirty.values for cell in cells)), entropy)
    begin = f"The code of this message is {code}."
    shared = "\n\n".join([begin, *(fence(code, each) for each in blocks)])
    return _Plan(code, shared, dependencies)


def _measured(dirty: TextTable, schema: TableSchema, rows: int) -> tuple[int, int, int]:
    """Returns the calls for a table, the characters of their prompts, and the tokens of their answers."""
    dependencies = known_dependencies(dirty, schema)
    calls = characters = answers = 0
    for page in value_pages(dirty):
        calls += 1
        characters += len(page.text)
        answers += _TOKENS_PER_VALUE * page.text.count("\n")
    for chunk in row_chunks(dirty, schema, dependencies, rows):
        calls += 1
        characters += len(chunk.text)
        answers += _TOKENS_PER_EDITED_ROW * len(chunk.rows)
    shared = (
        len(describe_columns(dirty, schema, dependencies)) + len(FENCE_RULE) + len(TASKS["rows"])
    )
    return calls, characters + calls * shared, answers + calls * _TOKENS_PER_ANSWER


def _of_dirty(dirty: TextTable, mapped: TextTable, edit: Edit) -> Edit:
    """Returns the edit of a mapped table as one of the dirty table: `old` is what its cell was before
    the maps.

    One that does not fit the mapped table stays as it is, and is rejected.
    """
    name = edit.column
    if edit.kind is not EditKind.CELL or name is None or name not in dirty.by_name:
        return edit
    fits = len(edit.rows) == 1 and mapped.cell(edit.rows[0], name) == edit.old
    return replace(edit, old=dirty.cell(edit.rows[0], name)) if fits else edit
