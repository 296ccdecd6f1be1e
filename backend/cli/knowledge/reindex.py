"""`candor reindex`: rebuild passages and vectors of all documents."""

from typing import Annotated

import typer

from backend.cli.command_run import AsJson, command_app, examples, run
from backend.cli.knowledge.ingest import follow
from backend.composition.container import Container
from backend.errors import ExitCode

app = command_app()


@app.command(epilog=examples("candor reindex", "candor reindex --fresh --json"))
def reindex(
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="Start over instead of finishing an interrupted rebuild."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Rebuild the passages and vectors of all documents.

    Needed after a change of EMBEDDING_MODEL, PASSAGE_CHARACTERS or READING_CHARACTERS. Search keeps
    working meanwhile. To finish an interrupted rebuild, run the same command again.
    """

    async def work(candor: Container) -> ExitCode:
        return await follow(
            lambda watch: candor.knowledge.reindex.stream(fresh=fresh, watch=watch), as_json=as_json
        )

    run(work, as_json=as_json)
