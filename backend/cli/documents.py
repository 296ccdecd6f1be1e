"""`candor documents`: list, show or remove the stored documents."""

import sys
from typing import Annotated

import typer

from backend.cli import terminal
from backend.cli.nothing import explain_nothing
from backend.cli.running import AsJson, Category, command_app, examples, run
from backend.container import Container
from backend.errors import ExitCode
from backend.presenting.knowledge import Document, DocumentPage

app = command_app()

Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="How many at most.")]
Offset = Annotated[int, typer.Option("--offset", min=0, help="How many to skip.")]
Named = Annotated[str, typer.Argument(metavar="DOCUMENT", help="Its id, or its exact name.")]


@app.callback(
    invoke_without_command=True,
    epilog=examples(
        "candor documents",
        "candor documents --category policies --json",
        "candor documents show handbook.md",
        "candor documents remove handbook.md",
    ),
)
def documents(
    context: typer.Context,
    category: Category = None,
    limit: Limit = 200,
    offset: Offset = 0,
    as_json: AsJson = False,
) -> None:
    """List, show or remove the stored documents.

    Without a further command it lists them.
    """
    if context.invoked_subcommand is None:
        _list(category, limit, offset, as_json)


@app.command("list")
def list_documents(
    category: Category = None, limit: Limit = 200, offset: Offset = 0, as_json: AsJson = False
) -> None:
    """List the stored documents by name."""
    _list(category, limit, offset, as_json)


@app.command(
    "show",
    epilog=examples(
        "candor documents show policies/leave-policy-v4.md",
        "candor documents show policies/leave-policy-v4.md --text",
    ),
)
def show_document(
    document: Named,
    text: Annotated[bool, typer.Option("--text", help="Write the stored text alone.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what is known of a document."""

    async def work(candor: Container) -> ExitCode:
        shown = await candor.show_document.run(document)
        view = Document.of(shown.document, shown.text if text else None)
        if as_json:
            terminal.data_json(view.model_dump(mode="json", exclude=None if text else {"text"}))
        elif text:
            terminal.exact(shown.text)
        else:
            for name, value in view.model_dump(mode="json", exclude={"text"}).items():
                if value is not None:
                    terminal.data(f"{name + ':':<15}{value}")
        return ExitCode.DONE

    run(work, as_json=as_json)


@app.command(
    "remove",
    epilog=examples(
        "candor documents remove handbook.md", "candor documents remove handbook.md --yes"
    ),
)
def remove_document(
    document: Named,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove a document from the knowledge base; its file is not touched."""

    async def work(candor: Container) -> ExitCode:
        shown = await candor.show_document.run(document)
        if not yes and sys.stdin.isatty():
            # A person at a terminal may have meant another one.
            typer.confirm(f"Remove {shown.document.ref.name}?", abort=True, err=True)
        removed = await candor.remove_document.run(document)
        if as_json:
            terminal.data_json({"removed": removed.ref.document_id, "name": removed.ref.name})
        else:
            terminal.data(f"Removed {removed.ref.name}")
        return ExitCode.DONE

    run(work, as_json=as_json)


def _list(category: str | None, limit: int, offset: int, as_json: bool) -> None:
    async def work(candor: Container) -> ExitCode:
        found = await candor.list_documents.run(category=category, limit=limit + 1, offset=offset)
        page = DocumentPage.of(found, limit=limit, offset=offset)
        if as_json:
            terminal.data_json(
                page.model_dump(mode="json", exclude={"documents": {"__all__": {"text"}}})
            )
        elif page.documents:
            _show(page)
        else:
            await explain_nothing(candor)
        return ExitCode.DONE

    run(work, as_json=as_json)


def _show(page: DocumentPage) -> None:
    rows = [
        (item.id, str(item.updated), item.category, str(item.passages), item.name)
        for item in page.documents
    ]
    terminal.data(terminal.columns(("ID", "UPDATED", "CATEGORY", "PASSAGES", "NAME"), rows))
    if page.next_offset is not None:
        terminal.talk(f"There are more: --offset {page.next_offset}")
