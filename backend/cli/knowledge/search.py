"""`candor search`: find passages in the knowledge base, and texts in conversations."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from backend.cli.command_run import Category, CommandApp, Shown
from backend.cli.nouns import explain_nothing, of_time
from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.errors import ExitCode
from backend.schemas.knowledge_schemas import LanesReply, Result, Results
from use_cases.conversations.search.model import ContentType, SearchFilter
from use_cases.kernel.errors import CandorError
from use_cases.kernel.model import LOCAL

if TYPE_CHECKING:
    from backend.cli.conversations.conversation_search import Wanted
    from backend.schemas.conversations_schemas import ConversationResults

app = CommandApp()

_SHOWN = 320
_MOST_CONVERSATIONS = 5
_ABOUT = "Conversations: "


class Place(StrEnum):
    """Where to search."""

    DOCUMENTS = "documents"
    CONVERSATIONS = "conversations"


@app.add(
    None,
    "candor search password rotation",
    'candor search "how long are recordings kept" --category policies --limit 3',
    "candor search E-1042 --explain",
    "candor search -- --force",
    "candor search staging certificate --source chatgpt --role assistant",
    "candor search --index",
)
async def search(
    candor: Container,
    query: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="QUERY", help="Any text. Put -- before a query that starts with a dash."
        ),
    ] = None,
    category: Category = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", "-n", min=1, max=50, help="Show at most this many of each."),
    ] = None,
    place: Annotated[
        Place | None, typer.Option("--in", help="Search only there. Default: in both.")
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(help=f"{_ABOUT}from this assistant, such as chatgpt; candor is here."),
    ] = None,
    role: Annotated[
        list[str] | None, typer.Option(help=f"{_ABOUT}said by user or assistant.")
    ] = None,
    kind: Annotated[list[ContentType] | None, typer.Option(help=f"{_ABOUT}of this kind.")] = None,
    model: Annotated[
        list[str] | None, typer.Option(help=f"{_ABOUT}answered by this model.")
    ] = None,
    since: Annotated[datetime | None, of_time(f"{_ABOUT}said then or later.")] = None,
    until: Annotated[datetime | None, of_time(f"{_ABOUT}said before then.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Documents: show how each passage got its rank.")
    ] = False,
    index: Annotated[
        bool,
        typer.Option("--index", help="Index all conversations now, also by meaning; no search."),
    ] = False,
) -> Shown | ExitCode:
    """Find passages in documents, and texts in conversations.

    Searches by meaning and by words. An option about conversations leaves documents out, --category
    and --explain leave conversations out. Exit code 3: nothing was found.
    """
    if index:
        return await _index(candor)
    text = " ".join(query or ())
    if not text.strip():
        what = "the query is empty." if query else "Missing argument."
        raise typer.BadParameter(what, param_hint="'QUERY'")
    about = (source, role, kind, model, since, until)
    places = _places(
        place,
        documents=bool(category) or explain,
        conversations=any(each is not None for each in about),
    )
    from backend.cli.conversations.conversation_search import Wanted

    found: Results | None = None
    if Place.DOCUMENTS in places:
        found = Results.of_search(
            await candor.knowledge.search.search(text, category=category, limit=limit),
            explain=explain,
        )
    only = SearchFilter(
        sources=source or (),
        content_types=kind or (),
        roles=role or (),
        models=model or (),
        since=since,
        until=until,
    )
    wanted = Wanted(text, only, limit or _MOST_CONVERSATIONS)
    said = await _said(candor, wanted, places)
    some = (found and found.results) or (said and said.results)
    return Shown(
        _json(found, said, explain=explain),
        lambda: _show_both(candor, found, said),
        ExitCode.DONE if some else ExitCode.NOT_FOUND,
    )


def _places(place: Place | None, *, documents: bool, conversations: bool) -> Sequence[Place]:
    """Returns where to search. Raises `BadParameter` for options of both places at once."""
    if (documents or place is Place.DOCUMENTS) and (conversations or place is Place.CONVERSATIONS):
        raise typer.BadParameter(
            "options of documents and of conversations exclude each other.", param_hint="'--in'"
        )
    if documents or place is Place.DOCUMENTS:
        return (Place.DOCUMENTS,)
    return (Place.CONVERSATIONS,) if conversations or place else tuple(Place)


async def _index(candor: Container) -> ExitCode:
    from backend.cli.conversations.conversation_search import complete_index

    await complete_index(candor)
    return ExitCode.DONE


async def _said(
    candor: Container, wanted: "Wanted", places: Sequence[Place]
) -> "ConversationResults | None":
    """Searches conversations, where there are any; beside documents, a failure is a sentence."""
    from backend.cli.conversations.conversation_search import are_stored, find

    if Place.CONVERSATIONS not in places or not are_stored(candor):
        return None
    try:
        return await find(candor, wanted)
    except CandorError as error:
        if Place.DOCUMENTS not in places:
            raise
        terminal.talk(f"note: conversations were not searched: {error.detail} {error.hint}")
        return None


def _json(
    found: Results | None, said: "ConversationResults | None", *, explain: bool
) -> dict[str, object]:
    """Returns the object of documents as it always was, and beside it what was said."""
    shown: dict[str, object] = {}
    if found is not None:
        shown |= found.model_dump(mode="json", exclude_none=not explain)
    if said is not None:
        shown["conversations"] = said.model_dump(mode="json")
    return shown


async def _show_both(
    candor: Container, found: Results | None, said: "ConversationResults | None"
) -> None:
    from backend.cli.conversations.conversation_search import show_conversations

    if found is not None:
        _show(found)
    if said is not None:
        first = len(found.results) + 1 if found is not None else 1
        show_conversations(said, first=first)
    if said is not None and said.results:
        return
    if found is None:
        terminal.talk("Nothing was found in conversations.")
    elif not found.results:
        if said is not None and await candor.conversations.manage_conversations.list(
            LOCAL, limit=1
        ):
            terminal.talk("Nothing was found in documents or conversations.")
        else:
            await explain_nothing(candor)


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


def _score_line(score: float, lanes: LanesReply) -> str:
    """Returns `score 0.0325 = vector #1 (0.71) + bm25 #3 (8.20)`."""
    named = (
        ("vector", lanes.vector),
        ("bm25", lanes.bm25),
        ("name", lanes.name),
        ("tokens", lanes.tokens),
        ("rerank", lanes.rerank),
    )
    ranks = [f"{name} #{lane.rank} ({lane.score:.2f})" for name, lane in named if lane]
    return f"score {score:.4f} = {' + '.join(ranks)}"


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1].rsplit(" ", 1)[0] + " …"
