"""`candor documents`: list, show or remove the stored documents."""

from collections.abc import Sequence
from typing import Annotated

import typer

from backend.cli.command_run import AsJson, Category, command_app, examples, run
from backend.cli.knowledge.empty_results import explain_nothing
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ConfirmationNeeded, ExitCode
from backend.schemas.knowledge import Document, DocumentPage, Removal
from use_cases.knowledge.documents import Selection
from use_cases.knowledge.model import DocumentSummary

app = command_app()

_SHOWN = 10

Limit = Annotated[
    int, typer.Option("--limit", "-n", min=1, max=1000, help="Show at most this many.")
]
Offset = Annotated[int, typer.Option("--offset", min=0, help="Skip this many.")]
DocumentArgument = Annotated[
    str, typer.Argument(metavar="DOCUMENT", help="The document's id or exact name.")
]


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

    Without a subcommand, it lists them.
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
        "candor documents show policies/leave-policy-v4.md --version 4190773195799987",
    ),
)
def show_document(
    document: DocumentArgument,
    text: Annotated[bool, typer.Option("--text", help="Show only the stored text.")] = False,
    version: Annotated[
        int | None,
        typer.Option(
            metavar="ID", help="Show only the text of this version, such as an answer cites."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the details of a document."""

    async def work(candor: Container) -> ExitCode:
        shown = await candor.knowledge.manage_documents.show(document, version_id=version)
        with_text = text or version is not None
        view = Document.of(shown.document, shown.text if with_text else None, shown.version_id)
        if as_json:
            terminal.data_json(
                view.model_dump(mode="json", exclude=None if with_text else {"text"})
            )
        elif with_text:
            terminal.exact(shown.text)
        else:
            shown_fields = view.model_dump(mode="json", exclude={"text"}, exclude_none=True)
            terminal.data(
                terminal.record([(name, str(value)) for name, value in shown_fields.items()])
            )
        return ExitCode.DONE

    run(work, as_json=as_json)


@app.command(
    "remove",
    epilog=examples(
        "candor documents remove handbook.md",
        "candor documents remove old-policy.md draft.md --yes",
        "candor documents remove --folder ~/handbook/archive",
        "candor documents remove --category drafts",
        "candor documents remove --all",
    ),
)
def remove_documents(
    documents: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DOCUMENT]...", help="Ids or exact names."),
    ] = None,
    folder: Annotated[
        str | None,
        typer.Option(
            "--folder",
            metavar="PATH",
            help="All documents in this folder or below it; the folder may be gone.",
        ),
    ] = None,
    category: Annotated[
        str | None, typer.Option("--category", "-c", help="All documents of this category.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All stored documents.")] = False,
    yes: Annotated[
        bool,
        typer.Option(
            "--yes", "-y", help="Do not ask for confirmation; required without a terminal."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Remove documents from the knowledge base; their files are not touched.

    Shows the documents and asks first. --folder and --category together select what matches both.
    Each document is removed whole; after an interruption the same command removes the rest.
    """
    selection = Selection(
        names=documents or (), folder=folder, category=category, everything=everything
    )

    async def work(candor: Container) -> ExitCode:
        chosen = await candor.knowledge.manage_documents.select(selection)
        if not chosen:
            terminal.talk("Nothing is stored, so nothing was removed.")
        elif not as_json:
            _announce(chosen)
        if chosen and not (yes or _confirm(len(chosen))):
            terminal.talk("Nothing was removed.")
            return ExitCode.REFUSED
        await _remove(candor, chosen, as_json=as_json)
        return ExitCode.DONE

    run(work, as_json=as_json)


def _announce(chosen: Sequence[DocumentSummary]) -> None:
    terminal.talk(f"{_count_documents(len(chosen))} to remove:")
    for one in chosen[:_SHOWN]:
        terminal.talk(
            f"  {terminal.line(one.ref.name)} ({one.ref.document_id}, {one.ref.category})"
        )
    if len(chosen) > _SHOWN:
        terminal.talk(f"  … and {len(chosen) - _SHOWN} more")


def _confirm(count: int) -> bool:
    """Return whether the user at the terminal says yes. Raises `ConfirmationNeeded` without a
    terminal.
    """
    if not terminal.is_interactive():
        raise ConfirmationNeeded(
            f"{_count_documents(count)} would be removed, and there is no terminal to ask at."
        )
    return terminal.confirm(f"Remove {_count_documents(count)}?")


async def _remove(candor: Container, chosen: Sequence[DocumentSummary], *, as_json: bool) -> None:
    removed: list[DocumentSummary] = []
    try:
        async for one in candor.knowledge.manage_documents.remove(chosen):
            removed.append(one)
            if not as_json and len(chosen) <= _SHOWN:
                terminal.data(f"Removed {terminal.line(one.ref.name)}")
    finally:
        if len(removed) < len(chosen):
            terminal.talk(
                f"{len(removed)} of {_count_documents(len(chosen))} were removed; the same command removes the rest."
            )
    if as_json:
        terminal.data_json(Removal.of(removed).model_dump(mode="json"))
    elif len(removed) > _SHOWN:
        terminal.data(f"Removed {_count_documents(len(removed))}")


def _count_documents(count: int) -> str:
    return "1 document" if count == 1 else f"{count} documents"


def _list(category: str | None, limit: int, offset: int, as_json: bool) -> None:
    async def work(candor: Container) -> ExitCode:
        if category is not None:
            await candor.knowledge.search.require_category(category)
        found = await candor.knowledge.manage_documents.list(
            category=category, limit=limit, offset=offset
        )
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
        terminal.talk(f"There are more; add --offset {page.next_offset}")
