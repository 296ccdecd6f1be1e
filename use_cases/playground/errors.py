"""The errors of the playground."""

from use_cases.kernel.errors import InvalidInput, NotFound, Refused, UpstreamFailed


class TemplateInvalid(InvalidInput):
    """A template has a syntax error, or takes too long."""

    code = "template_invalid"
    title = "The template is wrong"
    default_hint = "Correct the placeholders; `{{name}}` names a variable."


class VariablesInvalid(InvalidInput):
    """Variables are missing, unused, or of another type than the prompt declares."""

    code = "variables_invalid"
    title = "The variables do not fit the prompt"
    default_hint = "Give each variable of the prompt a value, and no other."


class DatasetUnreadable(InvalidInput):
    """A file of cases cannot be read."""

    code = "dataset_unreadable"
    title = "The dataset cannot be read"
    default_hint = "Use CSV, TSV, JSONL, JSON or YAML, in UTF-8."


class PlanInvalid(InvalidInput):
    """A description of an evaluation cannot be used."""

    code = "evaluation_invalid"
    title = "The evaluation is wrong"
    default_hint = "Correct the place that is named; samples/evals holds examples."


class AssertionInvalid(InvalidInput):
    """An assertion lacks what its type needs, or holds what its type cannot use."""

    code = "assertion_invalid"
    title = "The assertion is wrong"
    default_hint = "docs/explanation/evaluation.md lists what each type takes."


class JudgeMissing(InvalidInput):
    """A graded assertion has no model that can judge."""

    code = "judge_missing"
    title = "A judge needs a model"
    default_hint = (
        "Set a provider's key, or name a model with `judge:`; no offline model can judge."
    )


class CodeNotAllowed(Refused):
    """An assertion names a Python file that the operator did not name."""

    code = "code_not_allowed"
    title = "This code may not run"
    default_hint = (
        "Name the file in the evaluation that you run yourself; a dataset cannot name code."
    )


class CodeFailed(UpstreamFailed):
    """An assertion's Python code raised, gave no usable result, or went over its limits."""

    code = "code_failed"
    title = "The assertion's code failed"
    default_hint = "Call the function by hand with the same output and context."


class DatasetNotFound(NotFound):
    """There is no such dataset, version or item."""

    code = "dataset_not_found"
    title = "No such dataset"
    default_hint = "`candor datasets` shows the datasets."


class ProjectNotFound(NotFound):
    """There is no such project."""

    code = "project_not_found"
    title = "No such project"
    default_hint = "`GET /api/v1/projects` lists the projects."


class PromptCaseNotFound(NotFound):
    """There is no such use case."""

    code = "use_case_not_found"
    title = "No such use case"
    default_hint = "`GET /api/v1/projects/{id}/use-cases` lists those of a project."


class ProjectInvalid(InvalidInput):
    """A project or a use case has a field that cannot be stored."""

    code = "project_invalid"
    title = "The project cannot be stored"
    default_hint = "Correct the field that is named."


class SchemaInvalid(InvalidInput):
    """A JSON Schema cannot be applied."""

    code = "schema_invalid"
    title = "The schema is wrong"
    default_hint = "Use JSON Schema (draft 7) without references to addresses."


class ReportLinkNotFound(NotFound):
    """There is no such link, or it has expired or was revoked."""

    code = "report_link_not_found"
    title = "No such report"
    default_hint = "Ask the person who shared it for a new link."


class NothingJudged(InvalidInput):
    """No answer of a run was judged by a model, so there is nothing to compare with people."""

    code = "nothing_judged"
    title = "There is nothing to judge"
    default_hint = "Feedback calibrates assertions that a model judges, such as llm-rubric."


class CellFeedbackInvalid(InvalidInput):
    """Feedback names a result that the run does not have, or an assertion that no model judged."""

    code = "cell_feedback_invalid"
    title = "The feedback is on no result"
    default_hint = (
        "`candor eval feedback RUN` shows results with their places, and "
        "`GET /api/v1/eval-runs/{id}/results` all of them."
    )
