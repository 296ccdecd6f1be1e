"""The values of the playground: projects, prompts, datasets, evaluations and their results.

All are frozen. On the wire a `PromptCase` is called `use_case`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, TypeAlias

from pydantic import Field, JsonValue

from use_cases.kernel.jobs.model import Job, Matrix
from use_cases.kernel.model import Authored
from use_cases.kernel.prompts.content import PromptContent
from use_cases.kernel.targets import (
    Dollars,
    MeasuredUsage,
    Production,
    TargetOutput,
)

UNRUN = "unrun"
"""The type of an assertion that cannot be run: its case is not judged."""
_MADE_KEY = re.compile(r"[0-9a-f]{64}(-\d+)?|[a-z]+_[0-9A-HJKMNP-TV-Z]{26}")
"""A digest of the variables, or the id of a record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """A check of one output, with promptfoo's name, value and threshold.

    `type` may begin with `not-`. `value` is whatever the type takes; strings in it may hold the
    case's placeholders. `required`: a failure cannot be out-voted. `weight` 0 is never counted.
    `metric` names its score in the totals (else the type does). `assertions` are those of an
    `assert-set`, `judge` is the model of a graded one, `config` what else the type reads.
    """

    type: str
    value: JsonValue = None
    threshold: float | None = None
    weight: float = 1.0
    required: bool = False
    metric: str | None = None
    judge: str | None = None
    config: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    assertions: "Sequence[Assertion]" = ()

    @property
    def name(self) -> str:
        """The name of its metric."""
        return self.metric or self.type

    def result(
        self, verdict: "Verdict", score: float = 0.0, reason: str = "", code: str = ""
    ) -> "AssertionResult":
        """Returns a result of this assertion: its type, metric and weight with what was found."""
        return AssertionResult(
            type=self.type,
            verdict=verdict,
            score=score,
            reason=reason,
            code=code,
            metric=self.metric,
            weight=self.weight,
            required=self.required,
        )


class Verdict(StrEnum):
    """The result of a check or of a whole cell.

    `error`: the check itself could not be done, which says nothing of the output. `unchecked`: there
    was nothing to check.
    """

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssertionResult(MeasuredUsage):
    """The result of one assertion: `score` is 0 to 1; `cost` (US dollars), tokens and `calls` are a judge's.

    `code` is the stable code of what failed, where the verdict is `error`. `judge` is the model that
    judged this output alone, `judge_version` a digest of its last question; empty for a check
    without a judge, and for one that compares outputs.
    """

    type: str
    verdict: Verdict
    score: float = 0.0
    reason: str = ""
    code: str = ""
    metric: str | None = None
    weight: float = 1.0
    required: bool = False
    calls: int = 0
    judge: str = ""
    judge_version: str = ""
    parts: "Sequence[AssertionResult]" = ()

    @property
    def name(self) -> str:
        """The name of its metric."""
        return self.metric or self.type

    @property
    def is_unrun(self) -> bool:
        """Whether it is an error only because it stands for an assertion that cannot be run here."""
        errors = [each for each in self.parts if each.verdict is Verdict.ERROR]
        return all(each.is_unrun for each in errors) if errors else self.type == UNRUN


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """The grade of one cell: the results of its assertions and what they come to."""

    verdict: Verdict
    score: float | None = None
    reason: str = ""
    results: tuple[AssertionResult, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case of an evaluation. `key` is its identity over versions of the dataset.

    `expected` is the reference answer, where there is one; assertions may name it as `{{expected}}`.
    """

    key: str
    variables: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    expected: JsonValue = None
    assertions: Sequence[Assertion] = ()
    threshold: float | None = None
    description: str = ""
    metadata: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])

    @property
    def title(self) -> str:
        """Its description, else its question or first value, else its key."""
        first = self.variables.get("question") or next(iter(self.variables.values()), None)
        return self.description or ("" if first is None else str(first)) or self.key

    @property
    def name(self) -> str:
        """What people know it by: its key, but where a machine gave it that, its title."""
        return self.title if _MADE_KEY.fullmatch(self.key) else self.key


class TargetKind(StrEnum):
    """The kind of thing that an evaluation evaluates."""

    PROMPT = "prompt"
    CHAT = "chat"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One column of an evaluation: a prompt with a model. None means the one in production.

    `prompt_version` is what records call the prompt (`chat.answer@7`, or the digest of a text).
    `prompt_ref` names a stored prompt (`chat.answer@7`, `chat.answer@production`) whose content is not
    looked up yet; `prompt` is None as long. `production` is what was in production when the run of
    chat or advice was made; a later change of it changes no cell.
    """

    name: str
    target: TargetKind = TargetKind.PROMPT
    prompt: PromptContent | None = None
    prompt_version: str = ""
    model: str | None = None
    prompt_ref: str | None = None
    production: Production = field(default_factory=Production)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An evaluation before it runs: which variants answer which cases, and how they are checked.

    The first variant is the baseline of the comparison, unless `baseline` names another. `assertions`
    apply to every case. `not_understood` names what an imported file says and Candor does not do.
    `fail_under` is the least share of cells that must pass, where there is one; `notices` say what
    the comparison cannot tell, known before it runs.
    """

    name: str
    variants: Sequence[Variant]
    assertions: Sequence[Assertion] = ()
    threshold: float | None = None
    repeats: int = 1
    baseline: str | None = None
    judge: str | None = None
    description: str = ""
    not_understood: Sequence[str] = ()
    fail_under: float | None = None
    notices: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The result of one case for one variant and repeat. `error` is a code, a colon and a sentence.

    `case` is the key of the case; `inputs` is the case itself, where the reader wants its values.
    """

    case: str
    variant: str
    repeat: int
    output: TargetOutput | None = None
    grade: Grade | None = None
    error: str | None = None
    finished_at: datetime | None = None
    inputs: Case | None = None

    @property
    def output_digest(self) -> str | None:
        """The SHA-256 of its output; None without one."""
        text = self.output and self.output.text
        return None if text is None else sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def is_worth_a_retry(self) -> bool:
        """Whether it ended in an error that another attempt may not meet."""
        results = self.grade.results if self.grade else ()
        return self.error is not None or any(
            each.verdict is Verdict.ERROR and not each.is_unrun for each in results
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Project(Authored):
    """A project: the cases that prompts are written for."""

    project_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptCase(Authored):
    """A case that prompts are written for, `use_case` on the wire. `owner` answers for it.

    `default_assertions` and `default_dataset_id` are proposed to evaluations of its prompts.
    """

    case_id: str
    project_id: str
    owner: str = ""
    success_criteria: str = ""
    default_assertions: Sequence[Assertion] = ()
    default_dataset_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset(Authored):
    """A dataset. `version` is its last published version, 0 before the first. `schema` is a JSON
    Schema that every item's variables meet.
    """

    dataset_id: str
    case_id: str | None = None
    schema: Mapping[str, JsonValue] | None = None
    version: int = 0
    item_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetVersion:
    """A version of a dataset, which never changes. `digest` is the SHA-256 of its items in order."""

    dataset_id: str
    number: int
    digest: str
    item_count: int
    created_at: datetime
    author: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class PlacedCase:
    """A case of a version, and its place in it."""

    place: int
    case: Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A plan, pinned, and the first `cases` of the version of the dataset that it runs over.

    `dataset_digest` is the SHA-256 of the version's items. `compares`: an assertion compares the outputs
    of a case. `key_id` is the API key that began the run, and pays for it in whichever process;
    `local_checks`: no check calls anything outside.
    """

    plan: Plan
    dataset_id: str
    dataset_version: int
    dataset_digest: str
    cases: int
    compares: bool = False
    key_id: str | None = None
    local_checks: bool = False

    @property
    def matrix(self) -> Matrix:
        """Its cells."""
        return Matrix(self.cases, [(each.name, self.plan.repeats) for each in self.plan.variants])


EvalRun: TypeAlias = Job[Evaluation]
"""A recorded evaluation."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval; `method` names its formula."""

    low: float
    high: float
    level: float = 0.95
    method: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricTotal:
    """One assertion's or metric's totals for a variant; errors and unchecked cells are in no rate."""

    name: str
    passed: int
    failed: int
    errors: int
    mean_score: float | None = None
    interval: Interval | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantTotal(MeasuredUsage):
    """The totals of one variant over its cells; `planned` counts also those that have not run.

    `pass_rate` is passed / (passed + failed), in `pass_interval`; `worst_rate` counts every error as a
    failure. `mean_score` is of graded cells. `cost` is of the calls for the outputs, `judge_cost` of
    the judges; `calls` and `judge_calls` are requests, as providers count them; `cached_cost` was saved; `lost_calls` were begun by a process that was killed, and
    `lost_cost` is their estimate. Latencies are in milliseconds.
    """

    variant: str
    planned: int
    passed: int
    failed: int
    unchecked: int
    errors: int
    pass_rate: float | None = None
    pass_interval: Interval | None = None
    worst_rate: float | None = None
    mean_score: float | None = None
    score_interval: Interval | None = None
    metrics: Sequence[MetricTotal] = ()
    judge_cost: Annotated[Dollars | None, Field(serialization_alias="judge_cost_usd")] = None
    cached_cost: Annotated[Dollars | None, Field(serialization_alias="cached_cost_usd")] = None
    lost_calls: int = 0
    lost_cost: Annotated[Dollars | None, Field(serialization_alias="lost_cost_usd")] = None
    calls: int = 0
    judge_calls: int = 0
    cached: int = 0
    latency_p50: int | None = None
    latency_p95: int | None = None
    agreement: float | None = None
    """The share of cases whose repeats all came to the same verdict; None without repeats."""


class Finding(StrEnum):
    """The finding of a comparison with the baseline; `unfinished`: the run has not come to its end."""

    BETTER = "better"
    WORSE = "worse"
    NO_DIFFERENCE_SHOWN = "no_difference_shown"
    NOT_COMPARABLE = "not_comparable"
    UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A variant beside the baseline over the cases that both were graded on.

    `metric` is empty for the whole. `difference` is candidate minus baseline, of pass rates or mean
    scores, `deviation` that of the cases' differences. The `family` are the comparisons of the run, of all
    variants and metrics: they are judged together, and at the `look`-th completed run of this pair over
    this dataset, so that false findings are at most 5 % in all. Finding, interval and `p` say the same: p
    is below 0.05 where a difference is shown. `needed` is about how many more cases would show a
    difference of this size at the next look, `detectable` the smallest difference that the present number
    of cases shows four times in five. Before the run has come to its end, nothing of this is there.
    """

    variant: str
    baseline: str
    metric: str
    finding: Finding
    cases: int
    difference: float | None = None
    interval: Interval | None = None
    p: float | None = None
    better_cases: int = 0
    worse_cases: int = 0
    excluded: int = 0
    needed: int | None = None
    detectable: float | None = None
    deviation: float | None = None
    family: int = 1
    look: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationSummary:
    """The summary of an evaluation: always computed from its cells."""

    run: EvalRun
    cases: int
    planned: int
    done: int
    errors: int
    totals: Sequence[VariantTotal]
    comparisons: Sequence[Comparison] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """The parts of an evaluation that a shared report leaves out.

    `outputs`: texts that the target gave, with their sources and tool calls. `variables`: the values,
    expected answers and descriptions of cases. `reasons`: the words of checks and errors. `prompts`:
    the messages of the variants, and the values of assertions.
    """

    outputs: bool = False
    variables: bool = False
    reasons: bool = False
    prompts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLink:
    """A public link to the report of a run. `digest` is the SHA-256 of its token, in hexadecimal."""

    link_id: str
    run_id: str
    user_id: str
    redaction: Redaction
    created_at: datetime
    expires_at: datetime
    digest: str = field(repr=False)
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFeedback:
    """A person's verdict on one output of a run: by one assertion that a model judged, or as a whole.

    `place` is that of the cell in its run. `assertion` is the metric or type, with `#2` for the second
    of that name, and `output` for the whole. `output_digest` is the SHA-256 of the output that the
    person saw.
    """

    run_id: str
    place: int
    assertion: str
    person: str
    passed: bool
    output_digest: str
    created_at: datetime
    note: str = ""
