"""Works on one cell: the target's output, graded by the assertions.

Promises: what failed for a passing reason is tried again, by one layer of retries, a rate limit is
waited for; every request counts as a call, as its provider counts it, and what it cost where its provider says so; an error of the target is an error of the
cell and no failed check; one of a check makes the cell an error unless its verdict is certain without.
An output of a metered model is cached by its content and repeat, so that a repeated run of the same
costs nothing.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from hashlib import sha256
from math import isfinite
from typing import Any

from pydantic import JsonValue, TypeAdapter
from pydantic_ai.usage import RunUsage

from use_cases.kernel.errors import STORAGE_ERRORS, CandorError, InvalidInput, UpstreamTimeout
from use_cases.kernel.identity.admission import KeyAccount
from use_cases.kernel.jobs.model import Finished
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Clock, Models, OutputCache, ResolvedModel
from use_cases.kernel.prompts.content import PromptContent, PromptMessage, Syntax
from use_cases.kernel.runs.completion import complete
from use_cases.kernel.runs.model_calls import Attempts, Patience, Pause
from use_cases.kernel.targets import TargetOutput, TargetRequest, Targets
from use_cases.kernel.text.plain_text import whole
from use_cases.playground.assertion_rules import SET, is_comparing
from use_cases.playground.evaluations.cell_records import finished
from use_cases.playground.grading import grade, set_result, sum_known
from use_cases.playground.judging.grade_by_model import GradeByModel
from use_cases.playground.model import (
    Assertion,
    AssertionResult,
    Case,
    Cell,
    Plan,
    TargetKind,
    Variant,
    Verdict,
)
from use_cases.playground.ports import Checks, TemplateEngine
from use_cases.playground.templates import render_messages, render_text

_LEAST_LOGPROB = -9999.0
"""OpenAI's own figure for what it never says; JSON has no infinity."""
_OUTPUT: TypeAdapter[TargetOutput] = TypeAdapter(TargetOutput)


@dataclass(frozen=True, slots=True)
class EvaluationPolicy:
    """Bounds of an evaluation: cells at once, further attempts of a call, seconds for a call."""

    eval_concurrency: int = 5
    eval_retries: int = 3
    """What passes by itself has mostly passed by then; a rate limit is waited for and does not count."""
    eval_timeout: float = 60.0
    judge_model: str | None = None


class PromptTarget:
    """A prompt of one's own as a target: its messages with the case's values, sent to a model once."""

    def __init__(
        self,
        *,
        models: Models,
        templates: TemplateEngine,
        output_cache: OutputCache,
        key_account: KeyAccount,
        clock: Clock,
    ) -> None:
        self._models = models
        self._templates = templates
        self._cache = output_cache
        self._account = key_account
        self._clock = clock

    async def respond(self, request: TargetRequest) -> TargetOutput:
        """Returns the completion. Raises `VariablesInvalid`, `TemplateInvalid` and the errors of
        models.
        """
        prompt = request.prompt
        if prompt is None:
            raise InvalidInput("The variant has no prompt.")
        messages = await self._rendered(prompt, request.variables)
        # The run checked the name when it was made.
        resolved = self._models.resolve(request.model, trusted=True)
        key = _cache_key(resolved, messages, prompt, request.repeat) if resolved.metered else None
        if key is not None and (stored := await self._cache.output(key)) is not None:
            return replace(_OUTPUT.validate_json(stored), cached=True)
        payer, metered = request.caller, resolved.metered
        try:
            done = await complete(
                messages, prompt.settings, resolved, clock=self._clock, seconds=request.timeout
            )
        except UpstreamTimeout:
            await self._account.charge(payer, None, metered=metered, complete=False)
            raise
        await self._account.charge(payer, done.usage if metered else None, metered=metered)
        output = TargetOutput(
            text=done.text,
            model=done.model,
            prompt_version=request.prompt_version,
            latency_ms=done.latency_ms,
            input_tokens=done.input_tokens,
            output_tokens=done.output_tokens,
            cost=done.cost,
            finish_reason=done.finish_reason,
            logprobs=_finite(done.logprobs),
        )
        if key is not None:
            await self._cache.keep(key, _OUTPUT.dump_json(output).decode(), self._clock.now())
        return output

    async def _rendered(
        self, prompt: PromptContent, values: Mapping[str, JsonValue]
    ) -> list[PromptMessage]:
        if prompt.syntax is Syntax.PLAIN:
            return render_messages(prompt, values, allow_unused=True)
        # Another process renders these; it may take its time.
        return await asyncio.to_thread(
            render_messages, prompt, values, self._templates, allow_unused=True
        )


@dataclass(slots=True, kw_only=True)
class CellWorker:
    """Works on the cells of one run."""

    plan: Plan
    caller: Caller
    targets: Targets
    prompt_target: PromptTarget
    checks: Checks
    judges: GradeByModel
    policy: EvaluationPolicy
    key_account: KeyAccount
    clock: Clock
    pause: Pause = asyncio.sleep
    _patience: defaultdict[str | None, Patience] = field(
        default_factory=lambda: defaultdict[str | None, Patience](Patience)
    )
    """By model."""

    async def work(
        self, case: Case, variant: Variant, repeat: int, *, earlier: str = "{}"
    ) -> Finished:
        """Returns the result of one cell; the errors of storage alone are raised.

        `earlier` is the brief of the attempt that is done again.
        """
        tries = Attempts(patience=self._patience[variant.model])
        try:
            output = await self._output(case, variant, repeat, tries)
        except STORAGE_ERRORS:
            raise
        except CandorError as error:
            said = f"{error.code}: {error.account}"
            failed = Cell(
                case=case.key,
                variant=variant.name,
                repeat=repeat,
                error=said,
                finished_at=self.clock.now(),
            )
            return finished(failed, tries.calls, earlier=earlier, error=said)
        results = [
            await self._result(assertion, output, case)
            for assertion in (*self.plan.assertions, *case.assertions)
            if not is_comparing(assertion)
        ]
        threshold = self.plan.threshold if case.threshold is None else case.threshold
        found = grade(results, threshold)
        done = Cell(
            case=case.key,
            variant=variant.name,
            repeat=repeat,
            output=output,
            grade=found,
            finished_at=self.clock.now(),
        )
        costs = [None if output.cached else output.cost, *(each.cost for each in results)]
        return finished(
            done,
            tries.requests if output.cached else tries.calls,
            threshold=threshold,
            earlier=earlier,
            error=first_error(results) if found.verdict is Verdict.ERROR else None,
            cost=sum_known(costs) or Decimal(0),
        )

    async def compare(
        self, case: Case, outputs: Sequence[tuple[str, Cell]]
    ) -> dict[str, list[AssertionResult]]:
        """Returns the results of the assertions that compare the outputs of a case, by variant."""
        found: dict[str, list[AssertionResult]] = {name: [] for name, _ in outputs}
        ready = [(name, cell.output, cell.grade) for name, cell in outputs]
        there = [(name, output, graded) for name, output, graded in ready if output and graded]
        for assertion in self.comparing(case) if there else ():
            results = await self.judges.compare(
                assertion,
                [output for _, output, _ in there],
                case,
                self.plan.judge or self.policy.judge_model,
                graded=[graded.results for _, _, graded in there],
            )
            for (name, _, _), result in zip(there, results, strict=True):
                found[name].append(result)
            await self._charge_judging(assertion, results)
        return found

    def comparing(self, case: Case) -> Sequence[Assertion]:
        """Returns the assertions that compare the outputs of a case."""
        return [each for each in (*self.plan.assertions, *case.assertions) if is_comparing(each)]

    async def _output(
        self, case: Case, variant: Variant, repeat: int, tries: Attempts
    ) -> TargetOutput:
        request = TargetRequest(
            caller=self.caller,
            variables=_values(case),
            prompt=variant.prompt,
            prompt_version=variant.prompt_version,
            model=variant.model,
            production=variant.production,
            timeout=self.policy.eval_timeout,
            repeat=repeat,
        )
        target = (
            self.prompt_target
            if variant.target is TargetKind.PROMPT
            else self.targets[variant.target.value]()
        )
        return await tries.call(
            lambda: target.respond(request), retries=self.policy.eval_retries, pause=self.pause
        )

    async def _result(
        self, assertion: Assertion, output: TargetOutput, case: Case
    ) -> AssertionResult:
        if assertion.type == SET:
            parts = [await self._result(each, output, case) for each in assertion.assertions]
            return set_result(assertion, parts)
        name = assertion.type.removeprefix("not-")
        judged = name in self.judges.types
        if name not in self.judges.criteria_types:
            try:
                assertion = _rendered(assertion, _values(case))
            except InvalidInput as error:
                return assertion.result(Verdict.ERROR, reason=error.detail, code=error.code)
        if judged:
            judge = self.plan.judge or self.policy.judge_model
            result = await self.judges.check(assertion, output, case, judge)
            await self._charge_judging(assertion, [result])
            return result
        return await self.checks.check(assertion, output, case)

    async def _charge_judging(
        self, assertion: Assertion, results: Sequence[AssertionResult]
    ) -> None:
        """Charges the caller's key for one assertion; an error without any figure asked nobody."""
        usage = RunUsage(
            input_tokens=sum(each.input_tokens or 0 for each in results),
            output_tokens=sum(each.output_tokens or 0 for each in results),
            cost=sum_known(each.cost for each in results),
        )
        judged = any(each.verdict is not Verdict.ERROR for each in results)
        has_figures = usage.total_tokens or usage.cost is not None
        if has_figures or (judged and self.judges.asks(assertion)):
            await self.key_account.charge(self.caller, usage)


def first_error(results: Iterable[AssertionResult]) -> str | None:
    """Returns the first error among results, as a code and a sentence; None where there is none."""
    for each in results:
        if each.verdict is Verdict.ERROR:
            return f"{each.code}: {each.reason}"
    return None


def _finite(logprobs: Sequence[float] | None) -> Sequence[float] | None:
    if logprobs is None:
        return None
    return [each if isfinite(each) else _LEAST_LOGPROB for each in logprobs]


def _values(case: Case) -> Mapping[str, JsonValue]:
    """Returns the case's values, and its reference answer as `expected`."""
    if case.expected is None or "expected" in case.variables:
        return case.variables
    return {**case.variables, "expected": case.expected}


def _rendered(assertion: Assertion, values: Mapping[str, JsonValue]) -> Assertion:
    """Puts the case's values into its strings; an assertion without placeholders is itself."""
    value = _filled(assertion.value, values)
    return assertion if value is assertion.value else replace(assertion, value=value)


def _filled(value: JsonValue, values: Mapping[str, JsonValue]) -> JsonValue:
    if isinstance(value, str):
        # What a model was asked, and said, holds no half characters, either.
        return whole(render_text(value, values)) if "{{" in value else value
    if isinstance(value, list) and any(isinstance(each, str) and "{{" in each for each in value):
        return [_filled(each, values) if isinstance(each, str) else each for each in value]
    return value  # promptfoo renders no objects either


def _cache_key(
    resolved: ResolvedModel,
    messages: Sequence[PromptMessage],
    prompt: PromptContent,
    repeat: int,
) -> str:
    said: list[Any] = [[each.role, each.content] for each in messages]
    form = PromptContent((), settings=prompt.settings).digest
    text = f"{resolved.name}\0{form}\0{repeat}\0{said!r}"
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
