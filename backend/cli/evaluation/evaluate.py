"""`candor eval run`: read an evaluation, keep its cases, run it, and show what came of it."""

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from backend.cli.knowledge.ingest import follow
from backend.cli.nouns import explain_empty_library
from backend.cli.runs.output_files import require_writable
from backend.cli.runs.recorded_runs import (
    AllowCode,
    BudgetOption,
    Csv,
    Estimate,
    FailUnder,
    Gate,
    Json,
    Jsonl,
    Junit,
    Margin,
    Out,
    Wanted,
    budget_of,
    files_of,
    permit_code,
)
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from backend.reports.verdict_words import dollars
from use_cases.kernel.model import LOCAL
from use_cases.kernel.statistics.figures import counted
from use_cases.playground.evaluations.gate import MARGIN
from use_cases.playground.evaluations.manage_evaluations import RunEstimate
from use_cases.playground.evaluations.plan_matrix import with_matrix
from use_cases.playground.model import EvalRun, Plan, TargetKind
from use_cases.playground.ports import PlanFile

RUN_EXAMPLES = (
    "candor eval run samples/evals/handbook.yaml",
    "candor eval run samples/evals/promptfooconfig.yaml --out report.html --junit junit.xml",
    "candor eval run cases.csv --target chat --models offline:extractive,openai:gpt-4.1-mini",
    "candor eval run ds_01K9ZC3W5T --target chat --prompt chat.answer@production --prompt chat.answer@7 --gate",
)
DATASET_ID = re.compile(r"(ds|data)_[0-9A-Za-z]+")
"""An id of a dataset; those made before 23 November 2026 may begin with `data_`."""


async def run_evaluation(
    candor: Container,
    source: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="An evaluation (YAML), a promptfooconfig.yaml, a pydantic-evals dataset, a file of "
            "cases (CSV, TSV, JSONL, JSON), or the id of a stored dataset.",
        ),
    ],
    out: Out = None,
    junit: Junit = None,
    csv: Csv = None,
    json: Json = None,
    jsonl: Jsonl = None,
    models: Annotated[
        str | None,
        typer.Option(
            "--models", "-m", help="Models, separated by commas; each with each prompt of the plan."
        ),
    ] = None,
    prompt: Annotated[
        list[str] | None,
        typer.Option(
            "--prompt",
            help="A stored prompt, such as chat.answer@7, in place of the plan's; repeat the option for several.",
        ),
    ] = None,
    target: Annotated[
        TargetKind | None,
        typer.Option("--target", help="What answers: the prompt alone, or all of chat or advice."),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline", help="The variant, model or prompt that others are compared with."
        ),
    ] = None,
    judge: Annotated[
        str | None, typer.Option("--judge", help="The model that grades. Unset: JUDGE_MODEL.")
    ] = None,
    repeats: Annotated[
        int | None, typer.Option("--repeats", min=1, max=100, help="Ask each question so often.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Only the first so many cases.")
    ] = None,
    budget: BudgetOption = None,
    allow_code: AllowCode = None,
    estimate: Estimate = False,
    gate: Gate = False,
    margin: Margin = MARGIN,
    fail_under: FailUnder = None,
    yes: Annotated[
        bool,
        typer.Option("--yes", "-y", help="Ask nothing: accept the cost, ingest the documents."),
    ] = False,
) -> ExitCode:
    """Evaluate prompts, models, chat or advice on cases.

    Exit codes: 0 where nothing speaks against a candidate (a variant other than the baseline); 1
    where one is worse by the interval or failed a required assertion, or where fewer cells pass than
    --fail-under says (all, for a configuration of promptfoo); 3 where cells ended in errors
    or the run did not come to its end. With --gate also 1 where the interval does not exclude a loss
    of --margin. Ctrl-C leaves a run that `candor eval resume` continues.
    """
    # Not for --help: reports and statistics.
    from backend.cli.evaluation.evaluation_view import EvaluationRuns

    files = files_of(out, junit, csv, json, jsonl)
    require_writable(files.values())
    permit_code(candor, allow_code)
    most = budget_of(budget)
    file = _read(candor, source)
    plan = with_matrix(
        file.plan if file else Plan(name=source, variants=()),
        prompts=prompt or (),
        models=[each.strip() for each in (models or "").split(",") if each.strip()],
        target=target,
        baseline=baseline,
    )
    plan = replace(plan, judge=judge or plan.judge, repeats=repeats or plan.repeats)
    for part in plan.not_understood:
        terminal.talk(f"not understood: {part}")
    if not await _require_documents(candor, plan, file and file.documents, yes=yes):
        return ExitCode.WRONG_INPUT
    made = await _made(candor, source, file, plan, limit, most)
    for notice in made.spec.plan.notices:
        terminal.talk(f"note: {notice}")
    runs = EvaluationRuns(candor)
    expected = await runs.runs.estimate(LOCAL, made.job_id)
    terminal.talk(_estimated(expected))
    asks = expected.calls or expected.judge_calls
    if not await runs.agreed(made.job_id, asks=asks, estimate=estimate, yes=yes):
        return ExitCode.DONE
    wanted = Wanted(
        files=files, strict=gate, margin=margin, fail_under=fail_under, code=allow_code or ()
    )
    return await runs.work_off(made.job_id, wanted)


async def _require_documents(
    candor: Container, plan: Plan, documents: str | None, *, yes: bool
) -> bool:
    """Returns whether chat or advice, where they are evaluated, have documents to answer from.

    An empty library is filled from the folder that the plan names. At a terminal the user is asked
    first, unless `yes`.
    """
    if all(each.target is TargetKind.PROMPT for each in plan.variants):
        return True
    if (await candor.knowledge.manage_documents.count()).documents:
        return True
    if documents is None:
        explain_empty_library(candor.settings)
        return True  # advice may need none, and an evaluation of an empty library is one, too
    asked = terminal.is_interactive() and not yes
    question = f"The library is empty. Ingest {documents} first?"
    if asked and not terminal.confirm(question, default=True):
        terminal.talk(f"The library is empty. Start with: candor ingest {quote(documents)}")
        return False
    if not asked:
        terminal.talk(f"The library is empty: ingesting {documents}")
    stream = candor.knowledge.ingest.stream
    found = await follow(lambda watch: stream(documents, watch=watch), as_json=False)
    return found is ExitCode.DONE


def _read(candor: Container, source: str) -> PlanFile | None:
    """Reads a file; None for the id of a stored dataset."""
    path = Path(source).expanduser()
    if not path.is_file() and DATASET_ID.fullmatch(source):
        return None
    return candor.playground.import_cases.plan(str(path))


async def _made(
    candor: Container,
    source: str,
    file: PlanFile | None,
    plan: Plan,
    limit: int | None,
    budget: Decimal | None,
) -> EvalRun:
    """Keeps the cases of a file, and pins the run."""
    dataset_id, version = source, None
    if file is None and plan.name == source:
        dataset = await candor.playground.manage_datasets.show(LOCAL, source)
        plan = replace(plan, name=dataset.name)
    if file is not None:
        name = Path(source).stem
        kept = await candor.playground.import_cases.keep(LOCAL, name, file.cases)
        dataset_id, version = kept.dataset_id, kept.number
    return await candor.playground.manage_evaluations.create(
        LOCAL, plan, dataset_id, version=version, budget=budget, limit=limit
    )


def _estimated(found: RunEstimate) -> str:
    calls = [counted(found.cells, "cell")]
    if found.calls:
        calls.append(f"about {counted(found.calls, 'call')} of models that cost something")
    if found.judge_calls:
        calls.append(f"{counted(found.judge_calls, 'call')} of judges")
    cost = "an unknown cost" if found.cost is None else f"about {dollars(found.cost)}"
    return f"{', '.join(calls)}; {cost}" if found.calls or found.judge_calls else calls[0]
