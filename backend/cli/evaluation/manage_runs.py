"""`candor eval`: its commands, and those for recorded runs of evaluations and of the benchmark."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from backend.cli.command_run import CommandApp, Shown
from backend.cli.evaluation.evaluate import RUN_EXAMPLES, run_evaluation
from backend.cli.evaluation.judge_answers import calibrate_judges, judge_answers
from backend.cli.nouns import Before, Columns, Limit, Noun, table
from backend.cli.runs.output_files import require_writable
from backend.cli.runs.recorded_runs import (
    AllowCode,
    BudgetOption,
    Csv,
    FailUnder,
    Gate,
    Json,
    Jsonl,
    Junit,
    Margin,
    Out,
    RecordedRuns,
    RunId,
    Wanted,
    budget_of,
    files_of,
    permit_code,
)
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from backend.reports.verdict_words import dollars, explanation, headline
from use_cases.kernel.model import LOCAL
from use_cases.playground.evaluations.gate import MARGIN
from use_cases.playground.model import EvalRun, Finding, Redaction, ReportLink

if TYPE_CHECKING:
    from use_cases.kernel.jobs.manage_jobs import ManageJobs

_EVALUATIONS: Noun[EvalRun] = Noun(
    "runs",
    "candor eval run samples/evals/handbook.yaml",
    (
        ("RUN", lambda one: one.job_id),
        ("CREATED", lambda one: one.created_at),
        ("STATE", lambda one: one.state.value),
        ("VARIANTS", lambda one: len(one.spec.plan.variants)),
        ("COST", lambda one: dollars(one.spent) if one.spent else ""),
        ("NAME", lambda one: one.name),
    ),
)


def recorded(candor: Container, run_id: str) -> RecordedRuns:
    """Returns the runs of the kind that an id is of."""
    # Not for --help: reports and statistics.
    from backend.cli.benchmark.benchmark_work import BenchmarkRuns
    from backend.cli.evaluation.evaluation_view import EvaluationRuns

    of_benchmark = run_id.startswith("bench_")
    return BenchmarkRuns(candor) if of_benchmark else EvaluationRuns(candor)


async def list_runs(candor: Container, limit: Limit = 20, before: Before = None) -> Shown:
    """Evaluate prompts, models, chat and advice, and compare them.

    Without a subcommand, it lists the evaluations, newest first.
    """
    from backend.schemas.playground_schemas import EvalRunResponse  # not for --help

    found = await candor.playground.manage_evaluations.list(LOCAL, limit=limit, before=before)
    more = found[-1].job_id if found.more else None
    return _EVALUATIONS.page(candor, found, more, record=EvalRunResponse.of)


async def show_run(
    candor: Container,
    run_id: RunId,
    gate: Gate = False,
    margin: Margin = MARGIN,
    fail_under: FailUnder = None,
) -> ExitCode:
    """Show the cases, totals and verdict of a run, or a leaderboard; the exit code is that of the run's
    command.
    """
    wanted = Wanted(strict=gate, margin=margin, fail_under=fail_under)
    return await recorded(candor, run_id).show(run_id, wanted)


async def resume_run(
    candor: Container,
    run_id: RunId,
    errors: Annotated[
        bool, typer.Option("--errors", help="Work again on the results that ended in an error.")
    ] = False,
    budget: BudgetOption = None,
    out: Out = None,
    junit: Junit = None,
    gate: Gate = False,
    margin: Margin = MARGIN,
    fail_under: FailUnder = None,
    allow_code: AllowCode = None,
) -> ExitCode:
    """Continue a run that was stopped, cancelled, over its budget, or whose process is gone."""
    files = files_of(out, junit)
    require_writable(files.values())
    permit_code(candor, allow_code)
    runs = recorded(candor, run_id)
    if files:  # one that the run's kind does not have is refused before the work
        await runs.files(run_id, files)
    await runs.runs.reopen(LOCAL, run_id, errors=errors, budget=budget_of(budget))
    wanted = Wanted(
        files=files, strict=gate, margin=margin, fail_under=fail_under, code=allow_code or ()
    )
    return await runs.work_off(run_id, wanted)


async def cancel_run(candor: Container, run_id: RunId) -> Shown:
    """Stop a run, also one of another process; results in work come to their end."""
    found = await _runs(candor, run_id).cancel(LOCAL, run_id)
    return Shown({"id": run_id, "status": found.state}, f"{run_id} is {found.state}")


async def export_run(
    candor: Container,
    run_id: RunId,
    out: Out = None,
    junit: Junit = None,
    csv: Csv = None,
    json: Json = None,
    jsonl: Jsonl = None,
) -> ExitCode:
    """Write a run as a report, JUnit XML, CSV, JSON or JSONL."""
    files = files_of(out, junit, csv, json, jsonl)
    if not files:
        raise typer.BadParameter("Name at least one file, such as --out report.html.")
    require_writable(files.values())
    await recorded(candor, run_id).write(run_id, files)
    return ExitCode.DONE


async def compare_runs(
    candor: Container,
    before: Annotated[str, typer.Argument(metavar="A", help="The run that is the baseline.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The run that is compared with it.")],
) -> Shown:
    """Compare the variants that two evaluations have in common, over the cases of both.

    The exit code is 1 where one became worse, by the interval.
    """
    found = await candor.playground.compare_runs.run(LOCAL, before, after)

    def write() -> None:
        for each in found:
            terminal.data(headline(each))
            if detail := explanation(each):
                terminal.data(f"  {detail}")

    worse = any(each.finding is Finding.WORSE for each in found)
    return Shown({"comparisons": found}, write, ExitCode.FAILED if worse else ExitCode.DONE)


def _runs(candor: Container, run_id: str) -> "ManageJobs[object]":
    return recorded(candor, run_id).runs


async def _found(candor: Container, run_id: str) -> str:
    return f"{run_id} ({(await _runs(candor, run_id).show(LOCAL, run_id)).name})"


class ReportPart(StrEnum):
    """A part of a report that a link may leave out."""

    OUTPUTS = "outputs"
    VARIABLES = "variables"
    REASONS = "reasons"
    PROMPTS = "prompts"


_LINKS: Columns[ReportLink] = (
    ("LINK", lambda one: one.link_id),
    ("CREATED", lambda one: one.created_at),
    ("EXPIRES", lambda one: one.expires_at),
    ("STATE", lambda one: "revoked" if one.revoked_at else ""),
    ("WITHOUT", lambda one: [part for part in ReportPart if getattr(one.redaction, part)]),
)


async def share_report(
    candor: Container,
    run_id: RunId,
    without: Annotated[
        list[ReportPart] | None,
        typer.Option("--without", help="Leave out a part; repeat the option for several."),
    ] = None,
    days: Annotated[
        float | None,
        typer.Option("--days", help="How long the link lasts. Unset: 30."),
    ] = None,
    list_all: Annotated[bool, typer.Option("--list", help="List the links instead.")] = False,
    revoke: Annotated[
        str | None, typer.Option("--revoke", metavar="LINK", help="Revoke a link instead.")
    ] = None,
) -> ExitCode:
    """Make a link to the report of a run, and show it once.

    Everyone who has the link can read the page from the running server, without a key.
    """
    reports = candor.playground.share_reports
    if revoke is not None:
        ended = await reports.revoke(LOCAL, run_id, revoke)
        terminal.data(f"Revoked {ended.link_id}")
    elif list_all:
        links = await reports.list(LOCAL, run_id)
        if links:
            terminal.data(table(_LINKS, links))
        else:
            terminal.talk("There are no links to this run.")
    else:
        parts = {each.value: True for each in without or ()}
        made = await reports.share(LOCAL, run_id, Redaction(**parts), days=days)
        terminal.data(f"/reports/{made.token}")
        terminal.talk(f"{made.link.link_id}, until {made.link.expires_at:%Y-%m-%d %H:%M} UTC")
    return ExitCode.DONE


app = CommandApp()
app.add("run", *RUN_EXAMPLES, json=False, offline=True)(run_evaluation)
app.lists(*RUN_EXAMPLES)(list_runs)
app.add("show", "candor eval show eval_01K9ZC3W5T", json=False)(show_run)
app.add(
    "resume",
    "candor eval resume eval_01K9ZC3W5T --budget 5",
    "candor eval resume eval_01K9ZC3W5T --junit junit.xml",
    "candor eval resume bench_01K9ZC3W5T --errors",
    json=False,
    offline=True,
)(resume_run)
app.add("cancel", "candor eval cancel eval_01K9ZC3W5T")(cancel_run)
_EVALUATIONS.removal(
    app,
    metavar="RUN",
    about="Remove a run with its results, feedback and links; its dataset stays.",
    example="candor eval remove eval_01K9ZC3W5T --yes",
    find=_found,
    remove=lambda candor, run_id: _runs(candor, run_id).remove(LOCAL, run_id),
)
app.add("export", "candor eval export eval_01K9ZC3W5T --out report.html --csv -", json=False)(
    export_run
)
app.add("compare", "candor eval compare eval_01K9ZC3W5T eval_01K9ZD8R20")(compare_runs)
app.add(
    "feedback",
    "candor eval feedback eval_01K9ZC3W5T",
    "candor eval feedback eval_01K9ZC3W5T --assertion llm-rubric --sample 100 --as Ada",
    "candor eval feedback eval_01K9ZC3W5T 12 fail --as Ada",
    json=False,
)(judge_answers)
app.add("calibrate", "candor eval calibrate eval_01K9ZC3W5T --json")(calibrate_judges)
app.add(
    "share",
    "candor eval share eval_01K9ZC3W5T --without outputs --days 7",
    "candor eval share eval_01K9ZC3W5T --list",
    "candor eval share eval_01K9ZC3W5T --revoke link_01K9ZC3W5T",
    json=False,
)(share_report)
