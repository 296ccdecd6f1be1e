"""`candor answers`: list or show the recorded answers."""

from typing import Annotated

import typer

from backend.cli.chat.answer_view import show_notices, show_sources, show_unsourced
from backend.cli.command_run import AsJson, command_app, examples, run
from backend.cli.knowledge.empty_results import explain_empty_store
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from backend.schemas.chat import Answer, AnswerPage
from use_cases.kernel.model import LOCAL

app = command_app()

Limit = Annotated[
    int, typer.Option("--limit", "-n", min=1, max=199, help="Show at most this many.")
]
Before = Annotated[str | None, typer.Option("--before", help="Show the answers before this id.")]


@app.callback(
    invoke_without_command=True,
    epilog=examples(
        "candor answers",
        "candor answers list --limit 5 --json",
        "candor answers show ans_01K9ZC3W5T0000000000000000",
    ),
)
def answers(
    context: typer.Context, limit: Limit = 20, before: Before = None, as_json: AsJson = False
) -> None:
    """List or show the recorded answers.

    Without a subcommand, it lists them, newest first.
    """
    if context.invoked_subcommand is None:
        _list(limit, before, as_json)


@app.command("list")
def list_answers(limit: Limit = 20, before: Before = None, as_json: AsJson = False) -> None:
    """List the recorded answers, newest first."""
    _list(limit, before, as_json)


@app.command("show", epilog=examples("candor answers show ans_01K9ZC3W5T0000000000000000"))
def show_answer(
    answer: Annotated[str, typer.Argument(metavar="ANSWER", help="The answer's id.")],
    as_json: AsJson = False,
) -> None:
    """Show one recorded answer with its sources."""

    async def work(candor: Container) -> ExitCode:
        shown = Answer.of(await candor.chat.read_answers.show(LOCAL, answer))
        if as_json:
            terminal.data_json(shown.model_dump(mode="json"))
            return ExitCode.DONE
        terminal.data(f"{shown.question}\n")
        terminal.data(shown.answer)
        show_unsourced(shown)
        show_sources(shown.sources)
        show_notices(shown)
        terminal.talk(f"\n{shown.outcome} · {shown.model} · {shown.created_at:%Y-%m-%d %H:%M}")
        return ExitCode.DONE

    run(work, as_json=as_json)


def _list(limit: int, before: str | None, as_json: bool) -> None:
    async def work(candor: Container) -> ExitCode:
        found = await candor.chat.read_answers.list(LOCAL, limit=limit, before=before)
        page = AnswerPage.of(found, limit=limit)
        if as_json:
            terminal.data_json(page.model_dump(mode="json"))
        elif page.answers:
            _show(page)
        else:
            explain_empty_store(candor.settings, what="answers", begin='candor ask "…"')
        return ExitCode.DONE

    run(work, as_json=as_json)


def _show(page: AnswerPage) -> None:
    rows = [
        (
            item.id,
            f"{item.created_at:%Y-%m-%d %H:%M}",
            item.outcome,
            str(item.sources),
            item.question,
        )
        for item in page.answers
    ]
    terminal.data(terminal.columns(("ID", "ASKED", "OUTCOME", "SOURCES", "QUESTION"), rows))
    if page.next_before is not None:
        terminal.talk(f"There are more; add --before {page.next_before}")
