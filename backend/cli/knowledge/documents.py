"""`candor documents`: list, show or remove the stored documents."""

from collections.abc import Sequence
from typing import Annotated

import typer

from backend.cli.command_run import Category, CommandApp, Shown
from backend.cli.nouns import Limit, Noun, Offset, Yes, confirmed, explain_nothing
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from backend.schemas.knowledge_schemas import Document, Removal
from use_cases.kernel.statistics.figures import counted
from use_cases.knowledge.manage_documents import Selection
from use_cases.knowledge.model import DocumentSummary

app = CommandApp()

_SHOWN = 10
_DOCUMENTS: Noun[DocumentSummary] = Noun(
    "documents",
    "candor ingest FOLDER",
    (
        ("ID", lambda one: one.ref.document_id),
        ("UPDATED", lambda one: one.ref.updated),
        ("CATEGORY", lambda one: one.ref.category),
        ("PASSAGES", lambda one: one.passages),
        ("NAME", lambda one: one.ref.name),
    ),
)


@app.lists(
    "candor documents",
    "candor documents --category policies --json",
    "candor documents show handbook.md",
    "candor documents remove handbook.md",
)
async def list_documents(
    candor: Container, category: Category = None, limit: Limit = 100, offset: Offset = 0
) -> Shown:
    """List, show or remove the stored documents.

    Without a subcommand, it lists them by name.
    """
    if category is not None:
        await candor.knowledge.search.require_category(category)
    found = await candor.knowledge.manage_documents.list(
        category=category, limit=limit, offset=offset
    )
    following = offset + limit if found.more else None
    page = _DOCUMENTS.page(candor, found, following, by="offset", record=Document.of, nothing="")
    return page if found else Shown(page.value, lambda: explain_nothing(candor))


@app.add(
    "show",
    "candor documents show policies/leave-policy-v4.md",
    "candor documents show policies/leave-policy-v4.md --text",
    "candor documents show policies/leave-policy-v4.md --version 4190773195799987",
)
async def show_document(
    candor: Container,
    document: Annotated[
        str, typer.Argument(metavar="DOCUMENT", help="The document's id or exact name.")
    ],
    text: Annotated[bool, typer.Option("--text", help="Show only the stored text.")] = False,
    version: Annotated[
        int | None,
        typer.Option(
            metavar="ID", help="Show only the text of this version, such as an answer cites."
        ),
    ] = None,
) -> Shown:
    """Show the details of a document."""
    shown = await candor.knowledge.manage_documents.show(document, version_id=version)
    with_text = text or version is not None
    named = {"version_id": shown.version_id, "text": shown.text if with_text else None}
    view = Document.of(shown.document).model_copy(update=named)
    if with_text:
        return Shown(view, lambda: terminal.exact(shown.text))
    fields = view.model_dump(mode="json", exclude={"text"}, exclude_none=True)
    return Shown(fields, terminal.record([(name, str(value)) for name, value in fields.items()]))


@app.add(
    "remove",
    "candor documents remove handbook.md",
    "candor documents remove old-policy.md draft.md --yes",
    "candor documents remove --folder ~/handbook/archive",
    "candor documents remove --category drafts",
    "candor documents remove --all",
)
async def remove_documents(
    candor: Container,
    documents: Annotated[
        list[str] | None, typer.Argument(metavar="[DOCUMENT]...", help="Ids or exact names.")
    ] = None,
    folder: Annotated[
        str | None,
        typer.Option(
            "--folder",
            metavar="PATH",
            help="All documents in this folder or below it; the folder may be gone.",
        ),
    ] = None,
    category: Category = None,
    everything: Annotated[bool, typer.Option("--all", help="All stored documents.")] = False,
    yes: Yes = False,
    as_json: bool = False,
) -> Shown | ExitCode:
    """Remove documents from the knowledge base; their files are not touched.

    Shows the documents and asks first. --folder and --category together select what matches both.
    Each document is removed whole; after an interruption the same command removes the rest.
    """
    selection = Selection(
        names=documents or (), folder=folder, category=category, everything=everything
    )
    chosen = await candor.knowledge.manage_documents.select(selection)
    count = counted(len(chosen), "document")
    if not chosen:
        terminal.talk("Nothing is stored, so nothing was removed.")
    elif not as_json:
        _announce(chosen, count)
    if chosen and not confirmed(count, yes=yes):
        return ExitCode.REFUSED
    removed = await _remove(candor, chosen, quiet=as_json)
    many = len(removed) > _SHOWN
    return Shown(
        Removal.of(removed=removed), lambda: terminal.data(f"Removed {count}") if many else None
    )


def _announce(chosen: Sequence[DocumentSummary], count: str) -> None:
    terminal.talk(f"{count} to remove:")
    for one in chosen[:_SHOWN]:
        terminal.talk(
            f"  {terminal.line(one.ref.name)} ({one.ref.document_id}, {one.ref.category})"
        )
    if len(chosen) > _SHOWN:
        terminal.talk(f"  … and {len(chosen) - _SHOWN} more")


async def _remove(
    candor: Container, chosen: Sequence[DocumentSummary], *, quiet: bool
) -> Sequence[DocumentSummary]:
    removed: list[DocumentSummary] = []
    try:
        async for one in candor.knowledge.manage_documents.remove(chosen):
            removed.append(one)
            if not quiet and len(chosen) <= _SHOWN:
                terminal.data(f"Removed {terminal.line(one.ref.name)}")
    finally:
        if len(removed) < len(chosen):
            terminal.talk(
                f"{len(removed)} of {counted(len(chosen), 'document')} were removed; the same command removes the rest."
            )
    return removed
