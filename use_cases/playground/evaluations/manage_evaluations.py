"""Evaluations, one noun: plan, estimate, run, resume, stop, read and sum up.

Promises: everything that decides a result is pinned when a run is made (prompts, models, assertions,
the version of the dataset), so that what is edited or deleted meanwhile changes nothing; wrong
variables and unknown models are errors before the first call; a run that a process lost goes on where
it was. Leaves to others: one cell (`work_cells`), totals (`summarise`).
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from pydantic import TypeAdapter
from pydantic_ai import ModelResponse
from pydantic_ai.usage import RequestUsage

from use_cases.kernel.jobs.model import (
    Finished,
    ItemResult,
    Job,
    Jobs,
    JobState,
    NewItem,
    Progress,
    WorkItem,
)
from use_cases.kernel.jobs.work import JobRunner
from use_cases.kernel.model import Caller
from use_cases.kernel.page import Page, require_limit
from use_cases.kernel.ports import Clock, Ids, Models
from use_cases.kernel.prompts.content import PromptContent, Syntax
from use_cases.kernel.prompts.manage_prompts import ManagePrompts
from use_cases.kernel.prompts.registry import version_name
from use_cases.kernel.targets import Target
from use_cases.playground.errors import DatasetNotFound, PlanInvalid, VariablesInvalid
from use_cases.playground.evaluations.cell_records import (
    COMPARED,
    Address,
    Compared,
    read_cell,
)
from use_cases.playground.evaluations.summarise import Summing
from use_cases.playground.evaluations.work_cells import (
    CellWorker,
    EvaluationPolicy,
    PromptTarget,
)
from use_cases.playground.judging.grade_by_model import GradeByModel
from use_cases.playground.model import (
    AssertionResult,
    Case,
    Cell,
    EvalRun,
    Plan,
    Summary,
    TargetKind,
    Variant,
)
from use_cases.playground.ports import Checks, Datasets, TemplateEngine
from use_cases.playground.templates import check_variables

KIND = "evaluation"
"""The kind of an evaluation's job."""

_PAGE = 200
_PAGES_KEPT = 8
_MOST_REPEATS = 100
_SAMPLED = 50
_CHARACTERS_PER_TOKEN = 4
_OUTPUT_TOKENS = 300
_LOOKUP_TOKENS = 4000
"""What chat and advice read beside the question, about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What a job needs to know of its evaluation."""

    plan: Plan
    dataset_id: str
    dataset_version: int
    dataset_digest: str
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The size of an evaluation before it runs. `cost` (US dollars) is None where no price is known.

    `calls` are of models that cost something; judges are counted apart.
    """

    cells: int
    calls: int
    judge_calls: int
    cost: Decimal | None


_SPEC: TypeAdapter[Spec] = TypeAdapter(Spec)


class ManageEvaluations:
    """The caller's evaluations."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        job_runner: JobRunner,
        datasets: Datasets,
        manage_prompts: ManagePrompts,
        targets: Mapping[str, Target],
        prompt_target: PromptTarget,
        checks: Checks,
        judges: GradeByModel,
        models: Models,
        templates: TemplateEngine,
        evaluation_policy: EvaluationPolicy,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._jobs = jobs
        self._runner = job_runner
        self._datasets = datasets
        self._prompts = manage_prompts
        self._targets = targets
        self._prompt_target = prompt_target
        self._checks = checks
        self._judges = judges
        self._models = models
        self._templates = templates
        self._policy = evaluation_policy
        self._clock = clock
        self._ids = ids

    async def create(
        self,
        caller: Caller,
        plan: Plan,
        dataset_id: str,
        *,
        version: int | None = None,
        budget: Decimal | None = None,
        limit: int | None = None,
    ) -> EvalRun:
        """Pin an evaluation, of the first `limit` cases; nothing is asked of a model yet.

        Raises `PlanInvalid`, `VariablesInvalid`, `TemplateInvalid`, `DatasetNotFound`, `PromptNotFound`,
        and the errors of `Models.resolve`.
        """
        dataset = await self._datasets.dataset(caller, dataset_id)
        number = dataset.version if version is None else version
        pinned = await self._datasets.version(dataset_id, number)
        plan = await self._pinned(caller, plan)
        await self._check(plan, dataset_id, number)
        spec = Spec(
            plan=plan,
            dataset_id=dataset_id,
            dataset_version=number,
            dataset_digest=pinned.digest,
            cases=min(pinned.item_count, pinned.item_count if limit is None else limit),
        )
        job = Job(
            job_id=self._ids.new("eval"),
            kind=KIND,
            user_id=caller.user_id,
            name=plan.name,
            spec=_SPEC.dump_json(spec).decode(),
            state=JobState.PENDING,
            created_at=self._clock.now(),
            budget=budget,
        )
        await self._jobs.add(job)
        return _run_of(job, spec)

    async def estimate(self, caller: Caller, run_id: str) -> Estimate:
        """Count the calls of a run, and what they may cost. Raises `JobNotFound`."""
        run, spec = await self._run(caller, run_id)
        plan = run.plan
        sample = [
            each.case
            for each in await self._datasets.items(
                run.dataset_id, run.dataset_version, limit=_SAMPLED
            )
        ]
        times = spec.cases * plan.repeats
        calls, costs = 0, list[Decimal | None]()
        for variant in plan.variants:
            resolved = self._models.resolve(variant.model, trusted=True)
            if resolved.metered:
                calls += times
                each = _price(resolved.name, _input_tokens(variant, sample), variant)
                costs.append(None if each is None else each * times)
        judged = [
            each for each in plan.assertions if each.type.removeprefix("not-") in self._judges.types
        ]
        return Estimate(
            cells=times * len(plan.variants),
            calls=calls,
            judge_calls=len(judged) * times * len(plan.variants),
            cost=None if None in costs else sum((c for c in costs if c is not None), Decimal(0)),
        )

    async def run(self, caller: Caller, run_id: str) -> EvalRun:
        """Work a run off, to its end or until it is stopped; also one that another process began.

        Raises `JobNotFound`, `JobOver`, and the errors of storage.
        """
        job = await self._jobs.job(caller, run_id)
        spec = _SPEC.validate_json(job.spec)
        worker = CellWorker(
            plan=spec.plan,
            caller=caller,
            targets=self._targets,
            prompt_target=self._prompt_target,
            checks=self._checks,
            judges=self._judges,
            policy=self._policy,
            clock=self._clock,
        )
        cases = _Cases(self._datasets, spec)
        comparing = bool(worker.comparing()) or await self._compares(spec)
        if not job.planned:
            await self._jobs.plan(run_id, _cells(spec))
            if not comparing:
                await self._jobs.planned(run_id)
        variants = spec.plan.variants

        async def work(item: WorkItem) -> Finished:
            address = Address.of(item)
            case = await cases.at(address.case)
            if address.variant is None:
                return await self._compare(worker, run_id, case, address, spec)
            return await worker.work(case, variants[address.variant], address.repeat)

        done = await self._runner.run(run_id, work, at_once=self._policy.eval_concurrency)
        if comparing and not done.planned and done.state is JobState.INTERRUPTED:
            await self._jobs.plan(run_id, _comparisons(spec))
            await self._jobs.planned(run_id)
            done = await self._runner.run(run_id, work, at_once=self._policy.eval_concurrency)
        return _run_of(done, spec)

    async def list(
        self, caller: Caller, *, limit: int = 50, before: str | None = None
    ) -> Page[EvalRun]:
        """The newest first. Raises `JobNotFound` for `before`."""
        require_limit(limit, 1000)
        found = await self._jobs.jobs(caller, KIND, limit=limit, before=before)
        runs = [_run_of(job, _SPEC.validate_json(job.spec)) for job in found]
        return Page(runs, more=found.more)

    async def show(self, caller: Caller, run_id: str) -> EvalRun:
        """One run. Raises `JobNotFound`."""
        return (await self._run(caller, run_id))[0]

    async def progress(self, caller: Caller, run_id: str) -> Progress:
        """The counts of its cells. Raises `JobNotFound`."""
        _, spec = await self._run(caller, run_id)
        found = await self._jobs.progress(run_id)
        planned = spec.cases * spec.plan.repeats * len(spec.plan.variants)
        return replace(found, total=max(found.total, planned))

    async def summary(self, caller: Caller, run_id: str) -> Summary:
        """Sum up what is done. Raises `JobNotFound`."""
        run, spec = await self._run(caller, run_id)
        summing = Summing(run, await self._compared(run_id, spec))
        async for items in self._pages(run_id, bodies=False):
            summing.add(items)
        progress = await self._jobs.progress(run_id)
        return await asyncio.to_thread(summing.summary, spec.cases, progress)

    async def cells(
        self, caller: Caller, run_id: str, *, inputs: bool = True
    ) -> AsyncGenerator[Cell]:
        """The finished cells, case by case; with `inputs` each has its case. Raises `JobNotFound`."""
        _, spec = await self._run(caller, run_id)
        compared = await self._compared(run_id, spec)
        cases = _Cases(self._datasets, spec)
        async for items in self._pages(run_id, bodies=True):
            for item in items:
                address = Address.of(item)
                if address.variant is None:
                    continue
                cell = read_cell(item, spec.plan, compared)
                case = await cases.at(address.case) if inputs else None
                yield replace(cell, inputs=case)

    async def cancel(self, caller: Caller, run_id: str) -> EvalRun:
        """Begin no more cells; those in flight come to their end. Raises `JobNotFound`."""
        return _job_run(await self._jobs.cancel(caller, run_id))

    async def reopen(
        self, caller: Caller, run_id: str, *, errors: bool = False, budget: Decimal | None = None
    ) -> EvalRun:
        """Let a run go on, with its errors again or a larger budget. Raises `JobNotFound`, `JobOver`."""
        return _job_run(await self._jobs.reopen(caller, run_id, errors=errors, budget=budget))

    async def remove(self, caller: Caller, run_id: str) -> None:
        """Remove a run with its cells. Raises `JobNotFound`."""
        await self._jobs.remove(caller, run_id)

    async def required(
        self, caller: Caller, run_id: str
    ) -> Mapping[str, Mapping[str, Sequence[AssertionResult]]]:
        """The results of required assertions, by variant and case. Raises `JobNotFound`."""
        found: dict[str, dict[str, list[AssertionResult]]] = {}
        async for cell in self.cells(caller, run_id, inputs=False):
            graded = cell.grade.results if cell.grade else ()
            of_case = found.setdefault(cell.variant, {}).setdefault(cell.case, [])
            of_case += [each for each in graded if each.required]
        return found

    async def _run(self, caller: Caller, run_id: str) -> tuple[EvalRun, Spec]:
        job = await self._jobs.job(caller, run_id)
        spec = _SPEC.validate_json(job.spec)
        return _run_of(job, spec), spec

    async def _pages(self, run_id: str, *, bodies: bool) -> AsyncIterator[Sequence[ItemResult]]:
        after = -1
        while page := await self._jobs.results(run_id, after=after, bodies=bodies):
            yield page
            after = page[-1].place

    async def _pinned(self, caller: Caller, plan: Plan) -> Plan:
        """The plan with the content of every stored prompt that it names."""
        if not plan.variants:
            raise PlanInvalid("The evaluation has no variant: name a prompt, chat or advice.")
        names = [each.name for each in plan.variants]
        if twice := {name for name in names if names.count(name) > 1}:
            raise PlanInvalid(f"Two variants have the name {sorted(twice)[0]!r}.")
        if plan.baseline is not None and plan.baseline not in names:
            raise PlanInvalid(f"The baseline {plan.baseline!r} is no variant.")
        if not 1 <= plan.repeats <= _MOST_REPEATS:
            raise PlanInvalid(f"Repeats are from 1 to {_MOST_REPEATS}, not {plan.repeats}.")
        return replace(plan, variants=[await self._variant(caller, each) for each in plan.variants])

    async def _variant(self, caller: Caller, variant: Variant) -> Variant:
        if variant.prompt_ref is not None:
            version = await self._prompts.version(caller, variant.prompt_ref)
            prompt = await self._prompts.show(
                caller, variant.prompt_ref.rpartition("@")[0] or variant.prompt_ref
            )
            name = version_name(prompt.purpose or prompt.prompt_id, version.number)
            variant = replace(variant, prompt=version.content, prompt_version=name)
        if variant.target is TargetKind.PROMPT and variant.prompt is None:
            raise PlanInvalid(f"The variant {variant.name!r} has no prompt.")
        if variant.prompt is not None and not variant.prompt_version:
            variant = replace(variant, prompt_version=f"sha256:{variant.prompt.digest[:12]}")
        if variant.model is not None:
            self._models.resolve(variant.model)
        return variant

    async def _check(self, plan: Plan, dataset_id: str, version: int) -> None:
        """Compare every case's variables with the prompts. Raises `VariablesInvalid`."""
        prompts = [
            each.prompt
            for each in plan.variants
            if each.prompt is not None and each.target is TargetKind.PROMPT
        ]
        places = 0
        after = -1
        while page := await self._datasets.items(dataset_id, version, after=after, limit=_PAGE):
            for placed in page:
                places += 1
                for prompt in prompts:
                    if prompt.syntax is not Syntax.PLAIN and places > _SAMPLED:
                        continue  # another process reads these
                    _check_case(placed.case, prompt, self._templates)
            after = page[-1].place
        if not places:
            raise PlanInvalid("The dataset has no case.")

    async def _compares(self, spec: Spec) -> bool:
        """Whether a case of the dataset compares the outputs of the variants."""
        after = -1
        while page := await self._datasets.items(
            spec.dataset_id, spec.dataset_version, after=after, limit=_PAGE
        ):
            kinds = {each.type.removeprefix("not-") for p in page for each in p.case.assertions}
            if kinds & GradeByModel.comparing_types:
                return True
            after = page[-1].place
        return False

    async def _compare(
        self, worker: CellWorker, run_id: str, case: Case, address: Address, spec: Spec
    ) -> Finished:
        """Compare the outputs of one case and repeat."""
        first = _place(spec, address.case, 0, 0)
        size = len(spec.plan.variants) * spec.plan.repeats
        items = await self._jobs.results(run_id, after=first - 1, limit=size)
        outputs = [
            (item.group, read_cell(item, spec.plan, {}))
            for item in items
            if item.place < first + size and Address.of(item).repeat == address.repeat
        ]
        found = await worker.compare(case, outputs)
        costs = [each.cost for results in found.values() for each in results]
        return Finished(
            body=COMPARED.dump_json(found).decode(),
            cost=sum((cost for cost in costs if cost is not None), Decimal(0)),
        )

    async def _compared(self, run_id: str, spec: Spec) -> Compared:
        """The results of comparing assertions that are there."""
        found: dict[tuple[int, int], Mapping[str, Sequence[AssertionResult]]] = {}
        after = _place(spec, spec.cases, 0, 0) - 1
        while page := await self._jobs.results(run_id, after=after):
            for item in page:
                if item.error is None:
                    address = Address.of(item)
                    results = COMPARED.validate_json(item.body)
                    found[address.case, address.repeat] = results
            after = page[-1].place
        return found


class _Cases:
    """The cases of a version by place; a few pages are kept."""

    def __init__(self, datasets: Datasets, spec: Spec) -> None:
        self._datasets = datasets
        self._spec = spec
        self._kept: OrderedDict[int, Sequence[Case]] = OrderedDict()
        self._ends = [-1]  # the place in the dataset after which each page begins
        self._reading = asyncio.Lock()

    async def at(self, place: int) -> Case:
        number, offset = divmod(place, _PAGE)
        page = self._kept.get(number)
        if page is None:
            async with self._reading:
                page = self._kept.get(number) or await self._read(number)
        if offset >= len(page):
            raise DatasetNotFound(f"There is no case {place} in the dataset's version.")
        return page[offset]

    async def _read(self, number: int) -> Sequence[Case]:
        page: Sequence[Case] = ()
        for each in range(min(number, len(self._ends) - 1), number + 1):
            found = await self._datasets.items(
                self._spec.dataset_id,
                self._spec.dataset_version,
                after=self._ends[each],
                limit=_PAGE,
            )
            if found and each + 1 == len(self._ends):
                self._ends.append(found[-1].place)
            page = [one.case for one in found]
            if not found:
                break
        self._kept[number] = page
        while len(self._kept) > _PAGES_KEPT:
            self._kept.popitem(last=False)
        return page


def _place(spec: Spec, case: int, variant: int, repeat: int) -> int:
    """Case by case, so that a reader sees whole cases; what compares comes after all of them."""
    return (case * len(spec.plan.variants) + variant) * spec.plan.repeats + repeat


def _cells(spec: Spec) -> Iterator[NewItem]:
    for case in range(spec.cases):
        for place, variant in enumerate(spec.plan.variants):
            for repeat in range(spec.plan.repeats):
                yield NewItem(
                    place=_place(spec, case, place, repeat),
                    key=Address(case, place, repeat).key,
                    group=variant.name,
                )


def _comparisons(spec: Spec) -> Iterator[NewItem]:
    first = _place(spec, spec.cases, 0, 0)
    for case in range(spec.cases):
        for repeat in range(spec.plan.repeats):
            place = first + case * spec.plan.repeats + repeat
            yield NewItem(place=place, key=Address(case, None, repeat).key)


def _check_case(case: Case, prompt: PromptContent, templates: TemplateEngine) -> None:
    values = dict(case.variables)
    if case.expected is not None:
        values.setdefault("expected", case.expected)
    try:
        check_variables(prompt, values, templates, allow_unused=True)
    except VariablesInvalid as error:
        raise VariablesInvalid(f"Case {case.key[:60]}: {error.detail}", hint=error.hint) from error


def _run_of(job: Job, spec: Spec) -> EvalRun:
    return EvalRun(
        run_id=job.job_id,
        user_id=job.user_id,
        plan=spec.plan,
        dataset_id=spec.dataset_id,
        dataset_version=spec.dataset_version,
        dataset_digest=spec.dataset_digest,
        state=job.state,
        created_at=job.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
        reason=job.reason,
        budget=job.budget,
        spent=job.spent,
    )


def _job_run(job: Job) -> EvalRun:
    return _run_of(job, _SPEC.validate_json(job.spec))


def _input_tokens(variant: Variant, sample: Sequence[Case]) -> int:
    prompt = sum(len(each.content) for each in variant.prompt.messages) if variant.prompt else 0
    values = sum(len(str(value)) for case in sample for value in case.variables.values())
    characters = prompt + values // max(len(sample), 1)
    looked_up = 0 if variant.target is TargetKind.PROMPT else _LOOKUP_TOKENS
    return characters // _CHARACTERS_PER_TOKEN + looked_up


def _price(name: str, tokens: int, variant: Variant) -> Decimal | None:
    """The price of one call, by the public list; None for a model that it does not have."""
    provider, _, model = name.partition(":")
    most = variant.prompt.settings.get("max_tokens") if variant.prompt else None
    output = min(most, _OUTPUT_TOKENS) if isinstance(most, int) else _OUTPUT_TOKENS
    usage = RequestUsage(input_tokens=tokens, output_tokens=output)
    response = ModelResponse(parts=[], model_name=model, provider_name=provider, usage=usage)
    try:
        return response.cost().total_price
    except (LookupError, ValueError):
        return None
