"""The commands for recorded runs: list, show, resume, retry, cancel, remove, export, compare."""

from pathlib import Path
from typing import Annotated

import typer

from backend.cli.command_run import AsJson, run
from backend.cli.empty_results import explain_empty_store
from backend.cli.evaluation.run_options import (
    AllowCode,
    Csv,
    FailUnder,
    Gate,
    Json,
    Jsonl,
    Junit,
    Margin,
    Offline,
    Out,
    RunId,
    files_of,
    permit_code,
)
from backend.cli.runs.budget import BudgetOption, budget_of
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ConfirmationNeeded, ExitCode
from backend.reports.verdict_words import dollars, explanation, headline
from use_cases.kernel.model import LOCAL
from use_cases.playground.evaluations.gate import MARGIN
from use_cases.playground.model import EvalRun, Finding


def list_runs(
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="The most to show.")] = 20,
    before: Annotated[
        str | None, typer.Option("--before", metavar="RUN", help="Show those before this run.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the runs, the newest first."""

    async def work(candor: Container) -> ExitCode:
        found = await candor.playground.manage_evaluations.list(LOCAL, limit=limit, before=before)
        if as_json:
            terminal.data_json([_record(each) for each in found])
        elif found:
            header = ("RUN", "CREATED", "STATE", "VARIANTS", "COST", "NAME")
            terminal.data(terminal.columns(header, [_row(each) for each in found]))
            if found.more:
                terminal.talk(f"There are more; add --before {found[-1].job_id}")
        else:
            begin = "candor eval run samples/evals/handbook.yaml"
            explain_empty_store(candor.settings, what="runs", begin=begin)
        return ExitCode.DONE

    run(work, as_json=as_json)


def show_run(
    run_id: RunId,
    gate: Gate = False,
    margin: Margin = MARGIN,
    fail_under: FailUnder = None,
) -> None:
    """Show the cases, totals and verdict of a run; the exit code is that of `candor eval run`."""

    async def work(candor: Container) -> ExitCode:
        from backend.cli.evaluation.run_work import Wanted, show_result

        return await show_result(
            candor, run_id, Wanted(strict=gate, margin=margin, fail_under=fail_under)
        )

    run(work)


def resume_run(
    run_id: RunId,
    budget: BudgetOption = None,
    out: Out = None,
    gate: Gate = False,
    margin: Margin = MARGIN,
    fail_under: FailUnder = None,
    allow_code: AllowCode = None,
    offline: Offline = False,
) -> None:
    """Continue a run that was stopped, cancelled, over its budget, or whose process is gone."""
    _continue(
        run_id, budget, out, gate, margin, fail_under, allow_code, offline=offline, errors=False
    )


def retry_errors(
    run_id: RunId,
    budget: BudgetOption = None,
    out: Out = None,
    gate: Gate = False,
    margin: Margin = MARGIN,
    fail_under: FailUnder = None,
    allow_code: AllowCode = None,
    offline: Offline = False,
) -> None:
    """Work again on the cells that ended in an error, and on no other."""
    _continue(
        run_id, budget, out, gate, margin, fail_under, allow_code, offline=offline, errors=True
    )


def cancel_run(run_id: RunId) -> None:
    """Stop a run, also one of another process; cells in flight come to their end."""

    async def work(candor: Container) -> ExitCode:
        found = await candor.playground.manage_evaluations.cancel(LOCAL, run_id)
        terminal.data(f"{found.job_id} is {found.state}")
        return ExitCode.DONE

    run(work)


def remove_run(
    run_id: RunId,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a run with its cells, labels and links; its dataset stays."""

    async def work(candor: Container) -> ExitCode:
        found = await candor.playground.manage_evaluations.show(LOCAL, run_id)
        if not yes:
            if not terminal.is_interactive():
                raise ConfirmationNeeded(f"Removing {run_id} needs a confirmation.")
            if not terminal.confirm(f"Remove {run_id} ({found.name})?"):
                return ExitCode.DONE
        await candor.playground.manage_evaluations.remove(LOCAL, run_id)
        terminal.data(f"Removed {run_id}")
        return ExitCode.DONE

    run(work)


def export_run(
    run_id: RunId,
    out: Out = None,
    junit: Junit = None,
    csv: Csv = None,
    json: Json = None,
    jsonl: Jsonl = None,
) -> None:
    """Write a run as a report, JUnit XML, CSV, JSON or JSONL."""
    files = files_of(out, junit, csv, json, jsonl)
    if not files:
        raise typer.BadParameter("Name at least one file, such as --out report.html.")

    async def work(candor: Container) -> ExitCode:
        from backend.cli.evaluation.run_files import write_files
        from backend.cli.runs.output_files import STDOUT, require_writable

        require_writable(files.values())
        summary = await candor.playground.manage_evaluations.summary(LOCAL, run_id)
        await write_files(candor, summary, files)
        for each, name in files.items():
            if name != STDOUT:
                terminal.talk(f"{each.value}: {name}")
        return ExitCode.DONE

    run(work)


def compare_runs(
    before: Annotated[str, typer.Argument(metavar="A", help="The run that is the baseline.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The run that is compared with it.")],
) -> None:
    """Compare the variants that two runs have in common, over the cases of both.

    The exit code is 1 where one became worse, by the interval.
    """

    async def work(candor: Container) -> ExitCode:
        found = await candor.playground.compare_runs.run(LOCAL, before, after)
        for each in found:
            terminal.data(headline(each))
            if detail := explanation(each):
                terminal.data(f"  {detail}")
        worse = any(each.finding is Finding.WORSE for each in found)
        return ExitCode.FAILED if worse else ExitCode.DONE

    run(work)


def _continue(
    run_id: str,
    budget: str | None,
    out: str | None,
    gate: bool,
    margin: float,
    fail_under: float | None,
    allow_code: list[Path] | None,
    *,
    offline: bool,
    errors: bool,
) -> None:
    files = files_of(out, None, None, None, None)

    async def work(candor: Container) -> ExitCode:
        from backend.cli.evaluation.run_work import Wanted, work_off
        from backend.cli.runs.output_files import require_writable

        require_writable(files.values())
        permit_code(candor, allow_code)
        reopened = await candor.playground.manage_evaluations.reopen(
            LOCAL, run_id, errors=errors, budget=budget_of(budget)
        )
        wanted = Wanted(files=files, strict=gate, margin=margin, fail_under=fail_under)
        return await work_off(candor, reopened, wanted)

    run(work, offline=offline)


def _row(each: EvalRun) -> tuple[str, ...]:
    return (
        each.job_id,
        f"{each.created_at:%Y-%m-%d %H:%M}",
        each.state.value,
        str(len(each.spec.plan.variants)),
        dollars(each.spent) if each.spent else "",
        each.name,
    )


def _record(each: EvalRun) -> dict[str, object]:
    return {
        "id": each.job_id,
        "name": each.name,
        "status": each.state.value,
        "variants": [one.name for one in each.spec.plan.variants],
        "dataset_id": each.spec.dataset_id,
        "dataset_version": each.spec.dataset_version,
        "cost_usd": float(each.spent),
        "budget": None if each.budget is None else float(each.budget),
        "created_at": each.created_at.isoformat(),
    }
