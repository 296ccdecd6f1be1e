"""The playground's needs: checks, templates, files, and what is stored."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO, Protocol

from pydantic import JsonValue

from use_cases.kernel.model import Caller, Page
from use_cases.kernel.prompts.content import Syntax
from use_cases.kernel.targets import TargetOutput
from use_cases.playground.model import (
    Assertion,
    AssertionResult,
    Case,
    CellFeedback,
    Dataset,
    DatasetVersion,
    PlacedCase,
    Plan,
    Project,
    PromptCase,
    ReportLink,
)


class Checks(Protocol):
    """The assertions that need no model."""

    @property
    def types(self) -> frozenset[str]:
        """The names of the types that it checks, without `not-`."""
        ...

    @property
    def local_types(self) -> frozenset[str]:
        """Those of them that call no model, address or other process."""
        ...

    async def check(
        self, assertion: Assertion, output: TargetOutput, case: Case
    ) -> AssertionResult:
        """Checks one output. The assertion's strings hold no placeholders any more.

        What cannot be checked (a broken pattern, a measurement that is missing) is a result with the
        verdict `error`, and never raises.
        """
        ...


class VectorMetric(StrEnum):
    """Measure of the nearness of two embeddings. `euclidean` is the distance, of which less is nearer."""

    COSINE = "cosine"
    DOT = "dot"
    EUCLIDEAN = "euclidean"


class Similarity(Protocol):
    """Compares the meaning of two texts by an embedding model."""

    async def similarity(self, a: str, b: str, metric: VectorMetric) -> float:
        """Returns the metric of two texts' embeddings. Raises the `CandorError` of what failed."""
        ...


class Webhook(Protocol):
    """Asks a web address for a check, guarded: only addresses that the operator allows."""

    async def post(self, url: str, body: Mapping[str, JsonValue]) -> JsonValue:
        """Sends JSON and returns the JSON of the reply. Raises the `CandorError` of what failed."""
        ...


class CodeRunner(Protocol):
    """Runs a check's code in a process with limits, only from files that the operator named."""

    async def run(
        self, file: str, function: str, output: str, context: Mapping[str, JsonValue]
    ) -> JsonValue:
        """Returns what `function(output, context)` of a file returns.

        Raises the `CandorError` of what failed: a file that was not named, a fault in it, its limits.
        """
        ...


class TemplateEngine(Protocol):
    """A language of templates other than the plain one."""

    def names(self, text: str, syntax: Syntax) -> frozenset[str]:
        """Returns the names of the variables that a template uses. Raises `TemplateInvalid`."""
        ...

    def required(self, text: str, syntax: Syntax) -> frozenset[str]:
        """Returns those of its variables that must have a value: it neither tests nor replaces them."""
        ...

    def render(self, text: str, values: Mapping[str, JsonValue], syntax: Syntax) -> str:
        """Puts values into a template, bounded in time and size. Raises `TemplateInvalid`."""
        ...


@dataclass(frozen=True, slots=True)
class ItemError:
    """A line of a file that is no case, and why. Lines count from 1."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A file that says what to evaluate, with its cases, which are read as a stream.

    `plan.variants` is empty for a file that has cases and checks, but no target (pydantic-evals).
    `documents` is the folder that chat and advice need ingested.
    """

    plan: Plan
    cases: Iterable[Case | ItemError]
    documents: str | None = None


class CaseFormat(StrEnum):
    """The formats in which cases are written; the last part of a file's name."""

    CSV = "csv"
    JSONL = "jsonl"
    JSON = "json"
    YAML = "yaml"


class EvalFiles(Protocol):
    """Reads and writes files of cases and of evaluations."""

    def cases(
        self,
        name: str,
        content: BinaryIO,
        fault: Callable[[Mapping[str, JsonValue]], str | None] | None = None,
    ) -> Iterator[Case | ItemError]:
        """Reads the cases of a CSV, TSV, JSONL, JSON or YAML file as a stream.

        `fault` says why a case's variables do not fit (a JSON Schema, for instance); the case is an
        `ItemError` with its line then. Raises `DatasetUnreadable` for a file that is none of these,
        also in the middle, where the rest cannot be read.
        """
        ...

    def write(
        self, cases: Iterable[Case], form: CaseFormat, columns: Sequence[str]
    ) -> Iterator[bytes]:
        """Writes cases as a file, in pieces; `columns` are the names of the variables, for CSV.

        `cases` reads them again with the same keys, and but for CSV, which holds text, the same values.
        """
        ...

    def plan(self, path: str) -> PlanFile:
        """Reads an evaluation: our own YAML, promptfoo's, a pydantic-evals dataset, or cases alone.

        Files that it names are read below its folder. Raises `PlanInvalid`, with the place.
        """
        ...


class Projects(Protocol):
    """The stored projects and their cases. Each call is one short transaction."""

    async def add(self, project: Project) -> None:
        """Stores a new project."""
        ...

    async def project(self, caller: Caller, project_id: str) -> Project:
        """Returns one project. Raises `ProjectNotFound`."""
        ...

    async def projects(
        self, caller: Caller, *, text: str | None = None, skip: int = 0, limit: int = 100
    ) -> Page[Project]:
        """Returns the caller's, with this text in their name, the newest first; `total` counts all."""
        ...

    async def change(self, project: Project, revision: int) -> Project:
        """Stores other fields of a project that still has this revision. Raises `PromptChanged`."""
        ...

    async def delete(self, caller: Caller, project_id: str, now: datetime) -> None:
        """Hides a project with its cases and their prompts. Raises `ProjectNotFound`."""
        ...

    async def add_case(self, case: PromptCase) -> None:
        """Stores a new case. Raises `ProjectNotFound` where its project was deleted meanwhile."""
        ...

    async def case(self, caller: Caller, case_id: str) -> PromptCase:
        """Returns one case. Raises `PromptCaseNotFound`."""
        ...

    async def cases(
        self, caller: Caller, project_id: str, *, skip: int = 0, limit: int = 100
    ) -> Page[PromptCase]:
        """Returns those of a project, the newest first; `total` counts all."""
        ...

    async def change_case(self, case: PromptCase, revision: int) -> PromptCase:
        """Stores other fields of a case that still has this revision. Raises `PromptChanged`."""
        ...

    async def delete_case(self, caller: Caller, case_id: str, now: datetime) -> None:
        """Hides a case with its prompts. Raises `PromptCaseNotFound`."""
        ...


@dataclass(frozen=True, slots=True)
class VersionDraft:
    """A version that is being put. `attempt` tells it from others of the same number; `end` is the
    place behind all items that the dataset ever had; `keep`: it begins with those of the version
    before.
    """

    dataset_id: str
    number: int
    attempt: int
    end: int
    keep: bool


class Datasets(Protocol):
    """The stored datasets. Each call is one short transaction.

    The items of a new version are put page by page, and seen by nobody until it is published.
    """

    async def add(self, dataset: Dataset) -> None:
        """Stores a new dataset without items."""
        ...

    async def dataset(self, caller: Caller, dataset_id: str) -> Dataset:
        """Returns one dataset. Raises `DatasetNotFound`."""
        ...

    async def datasets(
        self, caller: Caller, *, case_id: str | None = None, skip: int = 0, limit: int = 100
    ) -> Page[Dataset]:
        """Returns the caller's, the newest first; `total` counts all."""
        ...

    async def change(self, dataset: Dataset, revision: int) -> Dataset:
        """Stores other fields of a dataset that still has this revision. Raises `PromptChanged`.

        Its version and count are not changed.
        """
        ...

    async def delete(self, caller: Caller, dataset_id: str, now: datetime) -> None:
        """Hides a dataset; its versions stay for the evaluations that name them."""
        ...

    async def begin_version(self, dataset_id: str, *, keep: bool = False) -> VersionDraft:
        """Begins the next version, empty or (`keep`) with all items of the one before.

        What an unpublished attempt left is removed, and that attempt ends: its `put` and `publish`
        raise `PromptChanged`. Raises `DatasetNotFound`, also for a dataset that is hidden.
        """
        ...

    async def put(self, draft: VersionDraft, items: Sequence[PlacedCase]) -> None:
        """Puts items into the version that is begun, instead of those with their keys.

        An item that is the same as before, at the same place, is kept as it is. Raises `Conflict` for
        a key or place that was put before, `InvalidInput` for a case that JSON cannot hold.
        """
        ...

    async def remove(self, draft: VersionDraft, keys: Sequence[str]) -> None:
        """Leaves items of the version before out of the one that is begun."""
        ...

    async def discard(self, draft: VersionDraft) -> None:
        """Removes what was put; nothing where the attempt has ended."""
        ...

    async def publish(
        self, draft: VersionDraft, *, author: str, now: datetime, note: str = ""
    ) -> DatasetVersion:
        """Lets everyone see the version that was put, with its digest and count.

        One that equals the version before is that one.
        """
        ...

    async def version(self, dataset_id: str, number: int) -> DatasetVersion:
        """Returns one version. Raises `DatasetNotFound`."""
        ...

    async def versions(
        self, dataset_id: str, *, skip: int = 0, limit: int = 100
    ) -> Page[DatasetVersion]:
        """Returns the newest first."""
        ...

    async def items(
        self, dataset_id: str, number: int, *, after: int = -1, limit: int = 200
    ) -> Sequence[PlacedCase]:
        """Returns the items of a version after a place, in order; also of a dataset that is hidden."""
        ...

    async def named(
        self, dataset_id: str, number: int, keys: Sequence[str]
    ) -> Mapping[str, PlacedCase]:
        """Returns those of these items that a version has, by key."""
        ...


class Schemas(Protocol):
    """Validates the variables of cases by a JSON Schema."""

    def checker(
        self, schema: Mapping[str, JsonValue]
    ) -> Callable[[Mapping[str, JsonValue]], str | None]:
        """Returns the function that says how variables violate a schema; None if they do not.

        No address is ever fetched. Both raise `SchemaInvalid` for a schema that cannot be applied.
        """
        ...


class ReportLinks(Protocol):
    """The stored links to reports. A run that is removed takes its links along."""

    async def add(self, link: ReportLink) -> None:
        """Stores a link."""
        ...

    async def by_digest(self, digest: str) -> ReportLink | None:
        """Returns the link with this digest, in force or not."""
        ...

    async def of_run(self, run_id: str) -> Sequence[ReportLink]:
        """Returns all links of a run, the newest first."""
        ...

    async def revoke(self, run_id: str, link_id: str, at: datetime) -> ReportLink:
        """Revokes a link; a revoked one keeps its moment. Raises `ReportLinkNotFound`."""
        ...


class CellFeedbacks(Protocol):
    """The stored verdicts of people on cells. A run that is removed takes them along."""

    async def keep(self, feedback: CellFeedback) -> None:
        """Stores a verdict in the place of its person's earlier one on the same answer and assertion.

        Raises `JobNotFound` where the run was removed meanwhile.
        """
        ...

    async def of_run(self, run_id: str) -> Sequence[CellFeedback]:
        """Returns all verdicts on a run, in the order of its cells."""
        ...
