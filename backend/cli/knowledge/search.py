"""`candor search`: find passages in the knowledge base."""

from typing import Annotated

import typer

from backend.cli.command_run import AsJson, Category, command_app, examples, run
from backend.cli.knowledge.empty_results import explain_nothing
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from backend.schemas.knowledge import Lanes, Result, Results

app = command_app()

_SHOWN = 320


@app.command(
    epilog=examples(
        "candor search password rotation",
        'candor search "how long are recordings kept" --category policies --limit 3',
        "candor search E-1042 --explain",
        "candor search -- --force",
    )
)
def search(
    query: Annotated[
        list[str],
        typer.Argument(
            metavar="QUERY", help="Any text. Put -- before a query that starts with a dash."
        ),
    ],
    category: Category = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", "-n", min=1, max=50, help="Show at most this many passages."),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show how each passage got its rank.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Find passages in the knowledge base.

    Searches by meaning and by words. Exit code 3: nothing was found.
    """
    text = " ".join(query)
    if not text.strip():
        raise typer.BadParameter("the query is empty.", param_hint="'QUERY'")

    async def work(candor: Container) -> ExitCode:
        found = Results.of(
            await candor.knowledge.search.search(text, category=category, limit=limit),
            explain=explain,
        )
        if as_json:
            terminal.data_json(found.model_dump(mode="json", exclude_none=not explain))
        else:
            _show(found)
            if not found.results:
                await explain_nothing(candor)
        return ExitCode.DONE if found.results else ExitCode.NOT_FOUND

    run(work, as_json=as_json)


def _show(found: Results) -> None:
    for result in found.results:
        heading = " — ".join(part for part in (result.title, result.section) if part)
        page = f", page {result.page}" if result.page else ""
        terminal.data(f"{result.rank}. {heading}")
        outdated = f" · {_outdated(result)}" if result.superseded else ""
        place = f"{result.document}{page} · {result.category} · {result.date}"
        terminal.data(f"   {place}{outdated}")
        if result.lanes:
            terminal.data(f"   {_score_line(result.score, result.lanes)}")
        terminal.data(f"   {_shorten(result.text)}\n")
    for notice in found.notices:
        terminal.talk(f"note: {notice}")


def _outdated(result: Result) -> str:
    return f"superseded by {result.superseded_by}" if result.superseded_by else "superseded"


def _score_line(score: float, lanes: Lanes) -> str:
    """Return `score 0.0325 = vector #1 (0.71) + bm25 #3 (8.20)`."""
    named = (
        ("vector", lanes.vector),
        ("bm25", lanes.bm25),
        ("name", lanes.name),
        ("rerank", lanes.rerank),
    )
    ranks = [f"{name} #{lane.rank} ({lane.score:.2f})" for name, lane in named if lane]
    return f"score {score:.4f} = {' + '.join(ranks)}"


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1].rsplit(" ", 1)[0] + " …"
