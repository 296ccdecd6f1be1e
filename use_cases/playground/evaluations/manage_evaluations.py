"""Evaluations, one noun: plan, estimate, run, resume, stop, read and sum up.

Promises: everything that decides a result is pinned when a run is made (prompts, models, assertions,
the version of the dataset), so that what is edited or deleted meanwhile changes nothing; wrong
variables and unknown models are errors before the first call; a run that a process lost goes on where
it was. Leaves to others: one cell (`work_cells`), totals (`summarise`).
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Annotated

from pydantic import Field, TypeAdapter

from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.identity.admission import KeyAccount
from use_cases.kernel.jobs.manage_jobs import ManageJobs, Shift
from use_cases.kernel.jobs.model import (
    Address,
    Finished,
    ItemResult,
    JobState,
    NewItem,
    WorkItem,
    as_json,
)
from use_cases.kernel.jobs.work import JobRunner
from use_cases.kernel.model import Caller, Page, page_of, require_limit
from use_cases.kernel.model_names import reads_prompts
from use_cases.kernel.ports import Clock, Models
from use_cases.kernel.prompts.content import PromptContent, RunPrompt, Syntax
from use_cases.kernel.prompts.manage_model_defaults import ModelPurpose
from use_cases.kernel.prompts.manage_prompts import ManagePrompts, PromptReference, require_fit
from use_cases.kernel.prompts.prompt_registry import ActivePrompts, version_name
from use_cases.kernel.runs.completion import CHARACTERS_PER_TOKEN, call_price
from use_cases.kernel.runs.model_calls import resolved_model
from use_cases.kernel.targets import Dollars, Production, Targets
from use_cases.kernel.text.plain_text import storable
from use_cases.playground.assertion_rules import SET, AssertionRules, is_comparing
from use_cases.playground.errors import DatasetNotFound, PlanInvalid, VariablesInvalid
from use_cases.playground.evaluations.cell_records import (
    COMPARED,
    ComparedCase,
    read_brief,
    read_cell,
    read_compared,
)
from use_cases.playground.evaluations.summarise import Summing
from use_cases.playground.evaluations.work_cells import (
    CellWorker,
    EvaluationPolicy,
    PromptTarget,
    first_error,
)
from use_cases.playground.grading import sum_known
from use_cases.playground.judging.grade_by_model import GradeByModel
from use_cases.playground.model import (
    Assertion,
    Case,
    Cell,
    EvalRun,
    Evaluation,
    EvaluationSummary,
    Plan,
    TargetKind,
    Variant,
)
from use_cases.playground.ports import Checks, Datasets, TemplateEngine
from use_cases.playground.templates import check_variables

_PAGE = 100
_RUNS_AT_ONCE = 500
_PAGES_KEPT = 2
"""Cases that are kept in memory: one may be a megabyte."""
_BODIES = 50
_AHEAD = 490
"""Cells that are claimed ahead where none calls anything outside; see `JobRunner.run`."""
_MOST_REPEATS = 100
_MOST_CELLS = 1_000_000
_SAMPLED = 50
_FEWEST_COMPARED = 2
_OUTPUT_TOKENS = 300
_LOOKUP_TOKENS = 4000
"""The tokens that chat and advice read beside the question, about."""
_REQUESTS = 2
"""The calls of chat and advice for a question, about: one looks up, the next one answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEstimate:
    """The size of a run. `cost_usd` is null where no price is known."""

    cells: int
    calls: Annotated[
        int,
        Field(
            description="Calls of models that cost something, about: two a cell of chat or advice."
        ),
    ]
    judge_calls: int
    cost: Annotated[Dollars | None, Field(serialization_alias="cost_usd")]


@dataclass(frozen=True, slots=True)
class PlacedCell:
    """A finished cell, and its place in the run."""

    place: int
    cell: Cell


_EVALUATION: TypeAdapter[Evaluation] = TypeAdapter(Evaluation)
_PLAN: TypeAdapter[Plan] = TypeAdapter(Plan)


class ManageEvaluations(ManageJobs[Evaluation]):
    """The caller's evaluations."""

    kind = "evaluation"
    prefix = "eval"
    invalid = PlanInvalid

    def __init__(
        self,
        *,
        job_runner: JobRunner,
        datasets: Datasets,
        manage_prompts: ManagePrompts,
        prompt_registry: ActivePrompts,
        targets: Targets,
        prompt_target: PromptTarget,
        checks: Checks,
        judges: GradeByModel,
        models: Models,
        templates: TemplateEngine,
        assertion_rules: AssertionRules,
        evaluation_policy: EvaluationPolicy,
        key_account: KeyAccount,
        clock: Clock,
    ) -> None:
        super().__init__(job_runner, _EVALUATION)
        self._datasets = datasets
        self._prompts = manage_prompts
        self._registry = prompt_registry
        self._targets = targets
        self._prompt_target = prompt_target
        self._checks = checks
        self._judges = judges
        self._models = models
        self._templates = templates
        self._rules = assertion_rules
        self._policy = evaluation_policy
        self._account = key_account
        self._clock = clock

    async def create(
        self,
        caller: Caller,
        plan: Plan,
        dataset_id: str,
        *,
        version: int | None = None,
        budget: Decimal | None = None,
        limit: int | None = None,
        queued: bool = False,
    ) -> EvalRun:
        """Pins an evaluation, of the first `limit` cases; nothing is asked of a model yet.

        `queued`: a server works on it as soon as it has room.

        Raises `PlanInvalid`, `AssertionInvalid`, `VariablesInvalid`, `TemplateInvalid`,
        `DatasetNotFound`, `PromptNotFound`, `PromptInvalid`, and the errors of `Models.resolve`.
        """
        self._require_budget(budget)
        dataset = await self._datasets.dataset(caller, dataset_id)
        number = dataset.version if version is None else version
        if not number:
            raise PlanInvalid(
                f"The dataset {dataset.name[:60]!r} has no case yet.",
                hint=f"Add some: candor datasets import FILE --into {dataset_id}",
            )
        pinned = await self._datasets.version(dataset_id, number)
        plan = await self._pinned(caller, plan)
        taken = pinned.item_count if limit is None else min(pinned.item_count, limit)
        if taken < 1:
            raise PlanInvalid("The evaluation has no case.")
        cells = taken * len(plan.variants) * plan.repeats
        if cells > _MOST_CELLS:
            raise PlanInvalid(f"The evaluation has {cells:,} cells; at most {_MOST_CELLS:,} fit.")
        types = await self._check(plan, dataset_id, number)
        spec = Evaluation(
            plan=plan,
            dataset_id=dataset_id,
            dataset_version=number,
            dataset_digest=pinned.digest,
            cases=taken,
            compares=not types.isdisjoint(GradeByModel.comparing_types),
            local_checks=types <= self._checks.local_types | {SET},
            key_id=caller.key_id,
        )
        return await self._begin(caller.user_id, plan.name, spec, budget=budget, queued=queued)

    async def estimate(self, caller: Caller, run_id: str) -> RunEstimate:
        """Counts the calls of a run, and what they may cost. Raises `JobNotFound`."""
        spec = (await self.show(caller, run_id)).spec
        plan = spec.plan
        placed = await self._datasets.items(spec.dataset_id, spec.dataset_version, limit=_SAMPLED)
        sample = [each.case for each in placed]
        times = spec.cases * plan.repeats
        calls, costs = 0, list[Decimal | None]()
        for variant in plan.variants:
            resolved = self._models.resolve(variant.model, trusted=True)
            if resolved.metered:
                calls += times if variant.target is TargetKind.PROMPT else times * _REQUESTS
                first = resolved.candidates[0] if resolved.candidates else resolved
                tokens = _input_tokens(variant, sample)
                each = call_price(first.name, tokens, _output_tokens(variant))
                costs.append(None if each is None else each * times)
        judged = sum(self._judgements(each, plan) for each in plan.assertions) * times
        in_sample = [self._judgements(each, plan) for case in sample for each in case.assertions]
        return RunEstimate(
            cells=times * len(plan.variants),
            calls=calls,
            judge_calls=judged + round(sum(in_sample) * times / len(sample)),
            cost=None if None in costs else sum((c for c in costs if c is not None), Decimal(0)),
        )

    def _judgements(self, assertion: Assertion, plan: Plan) -> int:
        """Returns the calls of judges for one case and repeat, over all variants."""
        variants, name = len(plan.variants), assertion.type.removeprefix("not-")
        inner = sum(self._judgements(each, plan) for each in assertion.assertions)
        alone = variants if name in self._judges.types else 0
        return inner + {"select-best": 1, "pairwise": variants * (variants - 1)}.get(name, alone)

    async def _shift(self, caller: Caller, job: EvalRun) -> Shift:
        spec, variants = job.spec, job.spec.plan.variants
        payer = replace(caller, key_id=spec.key_id)
        worker = CellWorker(
            plan=spec.plan,
            caller=payer,
            targets=self._targets,
            prompt_target=self._prompt_target,
            checks=self._checks,
            judges=self._judges,
            policy=self._policy,
            key_account=self._account,
            clock=self._clock,
        )
        cases = _Cases(self._datasets, spec)

        async def work(item: WorkItem) -> Finished:
            await self._account.require_budget(payer)
            address = Address.of(item)
            case = await cases.at(address.case)
            if address.variant is None:
                return await self._compare(worker, job.job_id, case, address, spec)
            variant = variants[address.variant]
            return await worker.work(case, variant, address.repeat, earlier=item.brief)

        return Shift(
            items=spec.matrix.items(),
            work=work,
            at_once=self._policy.eval_concurrency,
            ahead=_AHEAD if spec.local_checks and not any(map(self._calls, variants)) else 0,
            then=partial(self._comparisons, job.job_id, spec) if spec.compares else None,
        )

    def _size(self, spec: Evaluation) -> int:
        return spec.matrix.size + spec.compares * spec.cases * spec.plan.repeats

    async def summary(self, caller: Caller, run_id: str) -> EvaluationSummary:
        """Sums up what is done. Raises `JobNotFound`."""
        summing, run = await self._summing(caller, run_id)
        looks = await self._looks(caller, run)
        return await asyncio.to_thread(summing.summary, looks)

    async def lost(self, caller: Caller, run_id: str, before: str, after: str) -> Sequence[str]:
        """Returns the names of the cases whose required assertions pass in one variant and not in
        another.

        Raises `JobNotFound`.
        """
        summing, run = await self._summing(caller, run_id)
        cases = _Cases(self._datasets, run.spec)
        return [(await cases.at(place)).name for place in summing.lost(before, after)]

    async def unmet(self, caller: Caller, run_id: str) -> Mapping[str, Sequence[str]]:
        """Returns the names of the cases with a required assertion that does not pass, by variant.

        Raises `JobNotFound`.
        """
        summing, run = await self._summing(caller, run_id)
        cases = _Cases(self._datasets, run.spec)
        return {
            each.name: [(await cases.at(place)).name for place in summing.unmet(each.name)]
            for each in run.spec.plan.variants
        }

    async def cells(
        self, caller: Caller, run_id: str, *, inputs: bool = True
    ) -> AsyncGenerator[Cell]:
        """Returns the finished cells, case by case; with `inputs` each has its case. Raises
        `JobNotFound`.
        """
        async for placed in self.placed_cells(caller, run_id, inputs=inputs):
            yield placed.cell

    async def placed_cells(
        self, caller: Caller, run_id: str, *, after: int = -1, inputs: bool = False
    ) -> AsyncGenerator[PlacedCell]:
        """Returns the finished cells behind a place, each with its own. Raises `JobNotFound`."""
        spec = (await self.show(caller, run_id)).spec
        compared = await self._compared(run_id, spec)
        cases = _Cases(self._datasets, spec)
        async for items in self._pages(run_id, bodies=True, after=after):
            for item in items:
                if Address.of(item).variant is not None:
                    cell = await _cell(item, compared, cases, inputs=inputs)
                    yield PlacedCell(item.place, cell)

    async def cell_page(
        self, caller: Caller, run_id: str, *, after: int = -1, limit: int = 100
    ) -> Page[PlacedCell]:
        """Returns the finished cells behind a place, with it. Raises `JobNotFound`."""
        require_limit(limit, 1000)
        found: list[PlacedCell] = []
        async with aclosing(self.placed_cells(caller, run_id, after=after)) as cells:
            async for placed in cells:
                found.append(placed)
                if len(found) > limit:
                    break
        return page_of(found, limit)

    async def _summing(self, caller: Caller, run_id: str) -> tuple[Summing, EvalRun]:
        run = await self.show(caller, run_id)
        compared = await self._compared(run_id, run.spec) if run.spec.compares else None
        summing = Summing(run, compared)
        async for items in self._pages(run_id, bodies=False):
            summing.add(items)
        return summing, run

    async def _looks(self, caller: Caller, this: EvalRun) -> Mapping[str, int]:
        """Returns the number of this look at each candidate: one more than the runs over the dataset
        that compared the same two before it came to its end. A run that only repeats one, and asks no
        model, is no look.
        """
        wanted, dataset_id = _pairs(this.spec.plan), this.spec.dataset_id
        if this.state is not JobState.COMPLETED or this.ended_at is None:
            return dict.fromkeys(wanted, 1)
        found = [(this.ended_at, this.job_id, this.spec)]
        last: str | None = None
        more = True
        while more:
            page = await self._jobs.jobs(caller, self.kind, limit=_RUNS_AT_ONCE, before=last)
            for job in page:
                if job.state is not JobState.COMPLETED or job.ended_at is None:
                    continue
                is_before = (job.ended_at, job.job_id) < (this.ended_at, this.job_id)
                if not is_before or dataset_id not in job.spec:
                    continue
                other = self._read(job).spec
                if other.dataset_id == dataset_id:
                    found.append((job.ended_at, job.job_id, other))
            more = page.more and bool(page)
            last = page[-1].job_id if page else None
        looks, seen = dict.fromkeys(wanted, 0), set[tuple[str, frozenset[str]]]()
        for _, number, other in sorted(found, key=lambda each: each[:2]):
            pairs, checks = set(_pairs(other.plan).values()), _checks(other)
            is_again = bool(pairs) and {(checks, pair) for pair in pairs} <= seen
            if is_again and await self._asked_nobody(number, other):
                continue
            seen |= {(checks, pair) for pair in pairs}
            for name, pair in wanted.items():
                looks[name] += pair in pairs
        return {name: max(1, number) for name, number in looks.items()}

    async def _asked_nobody(self, run_id: str, spec: Evaluation) -> bool:
        """Tells whether every output came from the cache, or of a model that gives the same each time."""
        free = {place for place, each in enumerate(spec.plan.variants) if not self._calls(each)}
        async for items in self._pages(run_id, bodies=False):
            for item in items:
                brief = read_brief(item)
                if not (brief.cached or Address.of(item).variant in free) or brief.judge_calls:
                    return False
        return True

    async def _pinned(self, caller: Caller, plan: Plan) -> Plan:
        """Returns the plan with the content of every stored prompt that it names."""
        if not plan.variants:
            raise PlanInvalid("The evaluation has no variant: name a prompt, chat or advice.")
        if not 1 <= plan.repeats <= _MOST_REPEATS:
            raise PlanInvalid(f"Repeats are from 1 to {_MOST_REPEATS}, not {plan.repeats}.")
        variants = [await self._variant(caller, each) for each in plan.variants]
        names = [each.name for each in variants]
        if twice := {name for name in names if names.count(name) > 1}:
            raise PlanInvalid(f"Two variants have the name {sorted(twice)[0]!r}.")
        baseline = None if plan.baseline is None else storable(plan.baseline)
        if baseline is not None and baseline not in names:
            raise PlanInvalid(f"The baseline {plan.baseline!r} is no variant.")
        if plan.judge is not None:
            self._models.resolve(plan.judge)
        judge = plan.judge or await self._stored_model(ModelPurpose.JUDGE)
        self._require_usable(plan.assertions, plan.threshold, len(variants))
        return replace(
            plan,
            name=storable(plan.name),
            variants=variants,
            baseline=baseline,
            judge=judge,
            notices=self._notices(variants),
        )

    def _notices(self, variants: Sequence[Variant]) -> Sequence[str]:
        """Says what a comparison of these cannot tell: prompts that their model does not read."""
        asked = dict[str, set[str]]()
        for each in variants:
            model = self._model_of(each)
            if model and not reads_prompts(model):
                asked.setdefault(model, set()).add(each.prompt_version)
        return [
            f"{model} does not read the prompt: its variants that differ in their prompts alone give "
            "the same outputs, and comparing them says nothing of the prompts."
            for model, prompts in asked.items()
            if len(prompts) > 1
        ]

    def _model_of(self, variant: Variant) -> str | None:
        try:
            name = variant.model or variant.production.model
            return self._models.resolve(name, trusted=True).name
        except InvalidInput:  # each cell says so
            return None

    async def _variant(self, caller: Caller, variant: Variant) -> Variant:
        variant = replace(variant, name=storable(variant.name))
        if variant.prompt_ref is not None:
            version = await self._prompts.version(caller, variant.prompt_ref)
            named = PromptReference.parse(variant.prompt_ref).prompt
            prompt = await self._prompts.show(caller, named)
            name = version_name(prompt.purpose or prompt.prompt_id, version.number)
            variant = replace(variant, prompt=version.content, prompt_version=name)
        if variant.target is not TargetKind.PROMPT:
            if variant.prompt is not None:
                require_fit(variant.target, variant.prompt)
            variant = replace(variant, production=await self._production(variant.target))
        elif variant.prompt is None:
            raise PlanInvalid(f"The variant {variant.name!r} has no prompt.")
        if variant.prompt is not None and not variant.prompt_version:
            variant = replace(variant, prompt_version=f"sha256:{variant.prompt.digest[:12]}")
        if variant.target is not TargetKind.PROMPT:
            if variant.model is not None:
                self._models.resolve(variant.model)
            return variant
        stored = await self._stored_model(ModelPurpose.PLAYGROUND)
        resolved_model(self._models, variant.model, stored)
        return replace(variant, model=variant.model or stored)

    async def _stored_model(self, purpose: ModelPurpose) -> str | None:
        return (await self._registry.active(purpose, purpose)).model

    async def _production(self, target: TargetKind) -> Production:
        """Returns what is in production now for chat or advice."""
        prompts, model = dict[str, RunPrompt](), None
        for purpose in self._prompts.purposes(target):
            # Chat's model has the purpose of its prompt, advice's one for all of its prompts.
            of_model = purpose if target is TargetKind.CHAT else target
            active = await self._registry.active(purpose, of_model)
            model = active.model
            if active.prompt is not None:
                prompts[purpose] = active.prompt
        return Production(prompts, model)

    def _calls(self, variant: Variant) -> bool:
        """Tells whether its output is made by a model that costs something, or not by a prompt alone."""
        try:
            metered = self._models.resolve(variant.model, trusted=True).metered
        except InvalidInput:  # each cell says so
            metered = True
        return metered or variant.target is not TargetKind.PROMPT

    async def _check(self, plan: Plan, dataset_id: str, version: int) -> set[str]:
        """Compares every case's variables with the prompts; the types of all assertions.

        Raises `VariablesInvalid`, `AssertionInvalid`, `PlanInvalid`.
        """
        prompts = [
            each.prompt
            for each in plan.variants
            if each.prompt is not None and each.target is TargetKind.PROMPT
        ]
        places, after = 0, -1
        types = _types(plan.assertions)
        while page := await self._datasets.items(dataset_id, version, after=after, limit=_PAGE):
            for placed in page:
                places += 1
                case = placed.case
                if case.assertions or case.threshold is not None:
                    self._require_usable(case.assertions, case.threshold, len(plan.variants))
                    types |= _types(case.assertions)
                for prompt in prompts:
                    if prompt.syntax is not Syntax.PLAIN and places > _SAMPLED:
                        continue  # another process reads these
                    _check_case(case, prompt, self._templates)
            after = page[-1].place
        return types

    def _require_usable(
        self, assertions: Sequence[Assertion], threshold: float | None, variants: int
    ) -> None:
        """Raises `PlanInvalid` or `AssertionInvalid` for what cannot be decided."""
        self._rules.require(assertions, threshold)
        comparing = next(filter(is_comparing, assertions), None)
        if comparing is not None and variants < _FEWEST_COMPARED:
            raise PlanInvalid(f"{comparing.type} compares variants; the evaluation has one.")

    async def _compare(
        self, worker: CellWorker, run_id: str, case: Case, address: Address, spec: Evaluation
    ) -> Finished:
        """Compares the outputs of one case and repeat."""
        size = spec.matrix.width
        first = address.case * size
        items = await self._jobs.results(run_id, after=first - 1, limit=size)
        outputs = [
            (item.group, read_cell(item))
            for item in items
            if item.place < first + size and Address.of(item).repeat == address.repeat
        ]
        found = await worker.compare(case, outputs)
        results = [each for of_variant in found.values() for each in of_variant]
        return Finished(
            body=as_json(COMPARED, found),
            error=first_error(results),
            cost=sum_known(each.cost for each in results) or Decimal(0),
        )

    async def _compared(self, run_id: str, spec: Evaluation) -> dict[tuple[int, int], ComparedCase]:
        """Returns the results of comparing assertions that are there."""
        found: dict[tuple[int, int], ComparedCase] = {}
        if not spec.compares:
            return found
        names = [each.name for each in spec.plan.variants]
        after = spec.matrix.size - 1
        while page := await self._jobs.results(run_id, after=after, limit=_BODIES):
            read_compared(page, names, found)
            after = page[-1].place
        return found

    async def _comparisons(self, run_id: str, spec: Evaluation) -> Sequence[NewItem]:
        """Returns the comparisons to be done: of cases never compared, or that have newer outputs."""
        compared = await self._compared(run_id, spec)
        newest = dict[tuple[int, int], int]()
        first = spec.matrix.size
        last = first + spec.cases * spec.plan.repeats - 1
        async for items in self._pages(run_id, bodies=False):
            for item in items:
                address = Address.of(item)
                place = (address.case, address.repeat)
                if address.variant is None:
                    last = max(last, item.place)
                else:
                    newest[place] = max(newest.get(place, 0), item.tick)
        planned: list[NewItem] = []
        for (case, repeat), tick in newest.items():
            known = compared.get((case, repeat))
            if known is None:
                place = first + case * spec.plan.repeats + repeat
                planned.append(NewItem(place=place, key=Address(case, None, repeat).key))
            elif known.tick < tick or len(known.results) < len(spec.plan.variants):
                last += 1
                planned.append(NewItem(place=last, key=Address(case, None, repeat, last).key))
        return planned


def _pairs(plan: Plan) -> Mapping[str, frozenset[str]]:
    """Returns what each candidate and the baseline run, whatever they are called."""
    runs = {each.name: _content(each) for each in plan.variants}
    baseline = plan.baseline or plan.variants[0].name
    return {
        name: frozenset((runs[baseline], content))
        for name, content in runs.items()
        if name != baseline
    }


def _checks(spec: Evaluation) -> str:
    """Returns what a run compares its variants on: the cases and all that decides whether one passes."""
    plan = replace(spec.plan, name="", description="", variants=(), baseline=None, notices=())
    return f"{spec.dataset_digest} {spec.cases} {_PLAN.dump_json(plan)!r}"


def _content(variant: Variant) -> str:
    """Returns what a variant runs: its target, its prompt or those in production, and its model."""
    own = variant.prompt.digest if variant.prompt else ""
    prompts = variant.production.prompts.items()
    named = sorted((purpose, each.version, each.text) for purpose, each in prompts if not own)
    return json.dumps([variant.target, own, named, variant.model or variant.production.model])


class _Cases:
    """The cases of a version by place; a few pages are kept."""

    def __init__(self, datasets: Datasets, spec: Evaluation) -> None:
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


def _types(assertions: Iterable[Assertion]) -> set[str]:
    """Returns the names of the types, without `not-`, also of those within others."""
    return set[str]().union(
        *({each.type.removeprefix("not-")} | _types(each.assertions) for each in assertions)
    )


async def _cell(
    item: ItemResult,
    compared: Mapping[tuple[int, int], ComparedCase],
    cases: _Cases,
    *,
    inputs: bool,
) -> Cell:
    """Returns the cell of a finished item; with `inputs` it has its case."""
    address = Address.of(item)
    of_case = compared.get((address.case, address.repeat))
    cell = read_cell(item, of_case.results.get(item.group, ()) if of_case else ())
    if not inputs and cell.case:
        return cell
    case = await cases.at(address.case)
    return replace(cell, case=case.key, inputs=case if inputs else None)


def _check_case(case: Case, prompt: PromptContent, templates: TemplateEngine) -> None:
    values = dict(case.variables)
    if case.expected is not None:
        values.setdefault("expected", case.expected)
    try:
        check_variables(prompt, values, templates, allow_unused=True)
    except VariablesInvalid as error:
        raise VariablesInvalid(f"Case {case.key[:60]}: {error.detail}", hint=error.hint) from error


def _input_tokens(variant: Variant, sample: Sequence[Case]) -> int:
    prompt = sum(len(each.content) for each in variant.prompt.messages) if variant.prompt else 0
    values = sum(len(str(value)) for case in sample for value in case.variables.values())
    characters = prompt + values // max(len(sample), 1)
    looked_up = 0 if variant.target is TargetKind.PROMPT else _LOOKUP_TOKENS
    return characters // CHARACTERS_PER_TOKEN + looked_up


def _output_tokens(variant: Variant) -> int:
    most = variant.prompt.settings.get("max_tokens") if variant.prompt else None
    return min(most, _OUTPUT_TOKENS) if isinstance(most, int) else _OUTPUT_TOKENS
