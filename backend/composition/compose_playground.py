"""Playground: prompts, datasets and evaluations."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from backend.composition.foundation import Composition, Inner, Part

if TYPE_CHECKING:
    from use_cases.kernel.prompts.manage_model_defaults import ManageModelDefaults
    from use_cases.kernel.prompts.manage_prompts import ManagePrompts
    from use_cases.playground.collect_questions import CollectQuestions
    from use_cases.playground.evaluations.cell_feedback import GiveCellFeedback
    from use_cases.playground.evaluations.compare_runs import CompareRuns
    from use_cases.playground.evaluations.manage_evaluations import ManageEvaluations
    from use_cases.playground.evaluations.promotion import PromotePrompt
    from use_cases.playground.export_cases import ExportCases
    from use_cases.playground.import_cases import ImportCases
    from use_cases.playground.manage_datasets import ManageDatasets
    from use_cases.playground.manage_projects import ManageProjects
    from use_cases.playground.share_reports import ShareReports
    from use_cases.playground.try_prompt import TryPrompt


class PlaygroundComposition(Composition):
    """Edit prompts and datasets, and evaluate."""

    within = "use_cases.playground"

    manage_prompts: "Part[ManagePrompts]" = Part(
        "use_cases.kernel.prompts.manage_prompts:ManagePrompts"
    )
    manage_evaluations: "Part[ManageEvaluations]" = Part(
        ".evaluations.manage_evaluations:ManageEvaluations"
    )
    compare_runs: "Part[CompareRuns]" = Part(".evaluations.compare_runs:CompareRuns")
    share_reports: "Part[ShareReports]" = Part(".share_reports:ShareReports")
    cell_feedback: "Part[GiveCellFeedback]" = Part(".evaluations.cell_feedback:GiveCellFeedback")
    promote_prompt: "Part[PromotePrompt]" = Part(".evaluations.promotion:PromotePrompt")
    manage_model_defaults: "Part[ManageModelDefaults]" = Part(
        "use_cases.kernel.prompts.manage_model_defaults:ManageModelDefaults",
        advice_model="openai_default_model",
    )
    catalogue = Inner(
        "services.models.model_catalogue:KnownModels",
        providers=lambda settings: tuple(settings.providers),
        defaults=lambda settings: tuple(settings.default_models.values()),
        allowed="requestable_models",
    )
    manage_projects: "Part[ManageProjects]" = Part(".manage_projects:ManageProjects")
    manage_datasets: "Part[ManageDatasets]" = Part(".manage_datasets:ManageDatasets")
    import_cases: "Part[ImportCases]" = Part(".import_cases:ImportCases")
    export_cases: "Part[ExportCases]" = Part(".export_cases:ExportCases")
    collect_questions: "Part[CollectQuestions]" = Part(".collect_questions:CollectQuestions")
    try_prompt: "Part[TryPrompt]" = Part(".try_prompt:TryPrompt")

    evaluation_policy = Inner(".evaluations.work_cells:EvaluationPolicy")
    assertion_rules = Inner(".assertion_rules:AssertionRules")
    prompt_target = Inner(".evaluations.work_cells:PromptTarget")
    judges = Inner(".judging.grade_by_model:GradeByModel", seconds="eval_timeout")
    checks = Inner("services.assertions.checks:AssertionChecks")
    webhook = Inner("services.web.guarded:JsonWebhook")
    web = Inner(
        "services.web.guarded:GuardedRequests", closing=True, allowed_hosts="eval_web_hosts"
    )
    code_runner = Inner(
        "services.coderunner.python_files:PythonFiles",
        folder=lambda settings: Path.cwd(),
        files=lambda settings: tuple(map(str, settings.eval_code_files)),
    )
    cell_feedbacks = Inner("services.store.evaluation_records:SqlCellFeedbacks")
    report_links = Inner("services.store.evaluation_records:SqlReportLinks")
    templates = Inner("services.templates.template_engine:PromptTemplates", closing=True)
    eval_files = Inner("services.datasets.eval_files:DatasetFiles")
    projects = Inner("services.store.stored_prompts:SqlProjects")
    datasets = Inner("services.store.stored_datasets:SqlDatasets")
    schemas = Inner("services.assertions.json_checks:ItemSchemas")


def assertion_types() -> Sequence[tuple[str, str, str, str]]:
    """Returns each type's name, value, threshold and meaning, for the reference."""
    from services.assertions.checks import type_table

    return [(name, kind.value, kind.threshold, kind.meaning) for name, kind in type_table().items()]


def unsupported_types() -> Sequence[tuple[str, str]]:
    """Returns each type of promptfoo that Candor does not check, with what to do instead."""
    from services.assertions.checks import UNSUPPORTED

    return list(UNSUPPORTED.items())
