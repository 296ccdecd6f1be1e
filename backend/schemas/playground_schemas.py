"""The playground as JSON: projects, prompts with their versions and labels, default models and trials;
datasets with their items (in promptfoo's form of a test); evaluations, and the calibrations of their
judges.
"""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, computed_field

from backend.reports.verdict_words import Statement, judge_cautions, judge_finding
from backend.schemas.json_shape import NewestPage, Schema, attribute, shape_of
from use_cases.kernel.jobs.model import JobState, Part
from use_cases.kernel.model import Page
from use_cases.kernel.prompts.content import PromptContent, Role, Variable
from use_cases.kernel.prompts.manage_prompts import PromptType
from use_cases.kernel.prompts.prompt_registry import LabelMove, ModelDefault, Prompt, PromptVersion
from use_cases.kernel.statistics.figures import Statistic
from use_cases.kernel.statistics.judge_agreement import JudgeLabels
from use_cases.kernel.targets import Dollars
from use_cases.playground import model
from use_cases.playground.case_form import record_of
from use_cases.playground.evaluations.judge_calibration import (
    CalibratedRate,
    JudgeCalibration,
    PeoplePair,
)
from use_cases.playground.evaluations.manage_evaluations import PlacedCell
from use_cases.playground.export_cases import CaseColumn
from use_cases.playground.import_cases import CaseImportReport
from use_cases.playground.manage_datasets import ItemsPage
from use_cases.playground.model import (
    Cell,
    Evaluation,
    EvaluationSummary,
    Grade,
    Plan,
    Project,
    PromptCase,
    Variant,
)
from use_cases.playground.ports import ItemError


class PromptMessageReply(Schema):
    """A message of a prompt."""

    role: Role
    content: str = Field(description="The text, which may hold placeholders: `{{name}}`.")


@shape_of(Variable)
class PromptVariable(Schema):
    """A variable of a prompt. Without a default it needs a value."""


class Compiled(Schema):
    """The messages with their values."""

    messages: list[PromptMessageReply]
    variables: list[str] = Field(description="The names of the variables that the messages use.")


class RunReply(Schema):
    """The completion of a prompt. Numbers that are not known are null."""

    output: str = attribute("completion.text")
    model: str = attribute("completion.model")
    finish_reason: str | None = attribute("completion.finish_reason")
    latency_ms: int = attribute("completion.latency_ms")
    prompt_tokens: int | None = attribute("completion.input_tokens")
    completion_tokens: int | None = attribute("completion.output_tokens")
    total_tokens: int | None = attribute("completion.total_tokens")
    cost_usd: Dollars | None = attribute("completion.cost", "In US dollars.")
    messages: list[PromptMessageReply] = Field(description="The messages that were sent.")


class ModelDefaultReply(Schema):
    """The default model of a purpose."""

    purpose: str
    model: str | None = Field(
        description="Null where the environment's or the built-in one is used."
    )
    author: str | None
    updated_at: datetime | None

    @classmethod
    def of_stored(cls, purpose: str, stored: ModelDefault | None) -> Self:
        """Reads it from what is stored."""
        nothing = dict.fromkeys(("model", "author", "updated_at"))
        return cls.of(stored) if stored else cls.of(purpose=purpose, **nothing)


LatestVersion = Annotated[int | None, BeforeValidator(lambda latest: latest or None)]


@shape_of(
    Prompt,
    omit=["user_id", "deleted_at"],
    id="prompt_id",
    use_case_id="case_id",
    version_count="latest",
)
class PromptWithStats(Schema):
    """A prompt, and how many versions it has."""

    purpose: str | None = Field(description="What the product uses it for; null for all others.")
    latest_version: LatestVersion = attribute("latest")


@shape_of(PromptVersion, omit=["content"], version_number="number")
@shape_of(PromptContent, at="content")
class PromptVersionResponse(Schema):
    """A version of a prompt, which never changes. Version 0 is the built-in text of a purpose."""

    digest: str = Field(description="SHA-256 of the content.")
    messages: list[PromptMessageReply] = attribute("content.messages")
    variables: list[PromptVariable] = attribute("content.variables")
    message: str = Field(description="Why it was changed.")


@shape_of(PromptType, omit=["prompt"])
class PromptTypeResponse(Schema):
    """A purpose of the product, and the prompt that serves it; `purpose` is also the prompt's id."""

    in_use: int = Field(description="The version that the product uses; 0 is the built-in one.")
    version_count: int = attribute("prompt.latest")
    latest_version: LatestVersion = attribute("prompt.latest")
    built_in: list[PromptMessageReply] = attribute(
        "built_in.messages", "The messages of version 0."
    )


@shape_of(LabelMove, omit=["prompt_id"], id="move_id")
class LabelMoveResponse(Schema):
    """A move of a label. A version is null where the label was not there, or was removed."""


@shape_of(Project, omit=["user_id", "deleted_at"], id="project_id")
class ProjectResponse(Schema):
    """A project."""


@shape_of(PromptCase, omit=["user_id", "deleted_at"], id="case_id")
class UseCaseResponse(Schema):
    """A use case: what prompts are written for."""


Assertions = Annotated[
    list[dict[str, JsonValue]] | None,
    Field(description="Checks of the item, as in promptfoo: `type`, `value`, `threshold`, …"),
]


@shape_of(model.Dataset, omit=["schema", "deleted_at"], id="dataset_id", use_case_id="case_id")
class DatasetReply(Schema):
    """A dataset."""

    id: str = attribute("dataset_id")
    name: str
    item_count: int
    updated_at: datetime
    version: int = Field(description="Its last version; 0 before the first.")
    revision: int = Field(description="Goes up with every change of its other fields.")


class DatasetPage(Schema):
    """Some of the datasets, the newest first."""

    datasets: list[DatasetReply]
    total: int
    skip: int
    limit: int


@shape_of(model.DatasetVersion)
class DatasetVersionReply(Schema):
    """A version of a dataset, which never changes."""

    digest: str = Field(description="SHA-256 of its items in order.")


class DatasetVersionPage(Schema):
    """Some of a dataset's versions, the newest first."""

    versions: list[DatasetVersionReply]
    more: bool
    skip: int
    limit: int


class ItemFields(BaseModel):
    """The fields of an item that a person writes."""

    model_config = ConfigDict(extra="forbid")

    expected: JsonValue = Field(default=None, description="The reference answer.")
    assertions: Assertions = Field(default=None, alias="assert")
    threshold: float | None = None
    description: str | None = None
    metadata: dict[str, JsonValue] | None = None

    def given(self) -> dict[str, Any]:
        """Returns the fields that were given, by the names of the form."""
        found = {name: getattr(self, name) for name in self.model_fields_set}
        if "assertions" in found:
            found["assert"] = found.pop("assertions")
        return found


class ItemChanges(ItemFields):
    """The fields of an item to change; null empties one."""

    vars: dict[str, JsonValue] = Field(default={}, description="All variables by name.")


class NewItemBody(ItemFields):
    """An item to add; without an id it gets one of its variables."""

    id: str | None = None
    vars: dict[str, JsonValue] = Field(description="The variables by name.")


class Item(ItemFields):
    """An item of a version; empty fields are left out."""

    place: int
    id: str

    @staticmethod
    def record(placed: model.PlacedCase) -> dict[str, JsonValue]:
        """Returns the JSON of an item."""
        return {"place": placed.place, **record_of(placed.case)}


class ItemPage(BaseModel):
    """Some items of a version, in order."""

    version: int
    items: list[Item]
    next_after: int | None = Field(
        description="Pass it as `after` to get the next page; null on the last page."
    )

    @staticmethod
    def record(page: ItemsPage) -> dict[str, JsonValue]:
        """Returns the JSON of a page."""
        return {
            "version": page.version,
            "items": [Item.record(one) for one in page.items],
            "next_after": page.items[-1].place if page.more else None,
        }


@shape_of(CaseImportReport)
class Import(Schema):
    """The result of an import."""

    version: DatasetVersionReply = Field(
        description="The last version; not a new one where the file changes nothing."
    )
    first_errors: list[ItemError] = Field(description="At most 100.")


@shape_of(CaseColumn)
class ColumnReply(Schema):
    """A variable of a dataset's items: the JSON types of its values, and in how many items it is."""


class RunProgress(Schema):
    """The counts of a run's cells."""

    total: int
    completed: int = attribute("done")
    failed: int = attribute("errors", "Cells that ended in an error, which is no failed check.")
    percent: int


@shape_of(Variant, omit=["prompt", "prompt_ref", "production"])
class RunVariant(Schema):
    """One column of a run."""

    model: str | None = Field(description="Null for the default model.")
    prompt_version: str = Field(description="What answers record; empty for that in production.")


@shape_of(EvaluationSummary, omit=["run"])
class RunSummary(Schema):
    """The totals and comparisons of what is done."""


@shape_of(Evaluation, at="spec", omit=["plan", "cases", "compares", "key_id", "local_checks"])
@shape_of(Plan, at="spec.plan", omit=["assertions", "threshold", "fail_under", "notices"])
class EvalRunResponse(Schema):
    """A run."""

    id: str = attribute("job_id")
    name: str
    status: JobState = attribute("state")
    reason: str
    variants: list[RunVariant] = attribute("spec.plan.variants")
    budget: Dollars | None
    cost_usd: Dollars = attribute("spent", "Spent so far, judges included.")
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class EvalRunDetail(EvalRunResponse):
    """A run with its progress, summary and verdict, all computed from its cells."""

    progress: RunProgress
    summary: RunSummary
    statements: list[Statement] = Field(description="The verdict in words.")
    cautions: list[str] = Field(description="What the verdict rests on, and what limits it.")


@shape_of(Grade)
class Grading(Schema):
    """The grade of a cell."""


class CellMetrics(Schema):
    """The measurements of a call; null where one is not known."""

    latency_ms: int | None
    prompt_tokens: int | None = attribute("input_tokens")
    completion_tokens: int | None = attribute("output_tokens")
    cost_usd: Dollars | None = attribute("cost")
    cached: bool

    @computed_field
    @property
    def total_tokens(self) -> int | None:
        """Both together."""
        both = (self.prompt_tokens, self.completion_tokens)
        known = [each for each in both if each is not None]
        return sum(known) if known else None


@shape_of(Cell, omit=["inputs"], dataset_item_id="case", grading="grade")
class EvalResultResponse(Schema):
    """One cell of a run."""

    place: int
    eval_run_id: str
    model_id: str | None
    output: str | None
    output_sha256: str | None = attribute("output_digest")
    grading: Grading | None = attribute("grade")
    metrics: CellMetrics | None


class EvalResultPage(BaseModel):
    """Some cells of a run, case by case."""

    results: list[EvalResultResponse]
    next_after: int | None = Field(
        description="Pass it as `after` to get the next page; null on the last page so far."
    )

    @classmethod
    def of(cls, run_id: str, page: Page[PlacedCell]) -> Self:
        """Reads it from a page."""
        results = [
            EvalResultResponse.of(
                placed.cell,
                place=placed.place,
                eval_run_id=run_id,
                model_id=output and output.model,
                output=output and output.text,
                metrics=output,
            )
            for placed in page
            for output in (placed.cell.output,)
        ]
        return cls(results=results, next_after=page[-1].place if page.more else None)


class EvalRunPage(BaseModel):
    """Runs, newest first."""

    runs: list[EvalRunResponse]
    next_before: str | None = Field(
        description="Pass it as `before` to get the next page; null on the last page."
    )


@shape_of(Statistic, omit=["n", "coverage"])
class Figure(Schema):
    """A figure with its 95 % interval; null where the labels cannot tell it."""


@shape_of(CalibratedRate)
class VariantRate(Schema):
    """A variant's pass rate, as the judge states it and as people would find it."""

    stated: Figure
    corrected: Figure


@shape_of(PeoplePair)
class Labellers(Schema):
    """The agreement of two people."""

    kappa: Figure


@shape_of(JudgeCalibration, omit=["agreement", "pairs", "cases"])
@shape_of(JudgeLabels, at="agreement.labels")
class JudgeFigures(Schema):
    """The figures of a judge for one metric."""

    judge_version: str = Field(description="A digest of the judge's question.")
    labelled: int = attribute("agreement.labels.n")
    wrong_pass: int = attribute(
        "agreement.labels.wrong_pass", "Answers that the judge passed and people failed."
    )
    wrong_fail: int = attribute(
        "agreement.labels.wrong_fail", "Answers that the judge failed and people passed."
    )
    accuracy: Figure = attribute("agreement.accuracy")
    kappa: Figure = attribute("agreement.kappa")
    sensitivity: Figure = attribute("agreement.sensitivity")
    specificity: Figure = attribute("agreement.specificity")
    leniency: Figure = attribute(
        "agreement.leniency",
        "The share that the judge passes less the share that people would pass.",
    )
    rates: list[VariantRate]
    labellers: list[Labellers] = attribute("pairs")
    more_needed: int | None = Field(
        description="About how many more labels a finding needs; null where the run is too small."
    )


class JudgeCalibrationReply(JudgeFigures):
    """Trust in a judge with one metric, in figures and words."""

    sentence: str
    cautions: list[str]

    @classmethod
    def told(cls, found: JudgeCalibration) -> Self:
        """From a calibration."""
        figures = JudgeFigures.of(found).model_dump()
        return cls(**figures, sentence=judge_finding(found), cautions=list(judge_cautions(found)))


class JobReply(Schema):
    """An evaluation, a benchmark run or summaries, and the processes that work on it now."""

    id: str = attribute("job.job_id")
    kind: str = attribute("job.kind")
    user_id: str = attribute("job.user_id")
    name: str = attribute("job.name")
    status: JobState = attribute("job.state")
    created_at: datetime = attribute("job.created_at")
    progress: RunProgress
    workers: list[Part] = attribute(
        "parts", "Each with its machine and number, and the items that it has in hand."
    )


class JobPage(NewestPage):
    """Jobs, the newest first."""

    jobs: list[JobReply]
