"""Route of the search over conversations, imported or begun here."""

from typing import Annotated

from fastapi import Query

from backend.http.background_work import ConversationIndexing
from backend.http.dependencies import Candor, Importer, Router
from backend.http.fields import FreeText, Moment
from backend.http.problems import documented
from backend.schemas.conversations import ConversationResults
from use_cases.conversations.search.model import (
    ContentType,
    SearchFilter,
    SortBy,
    SortDir,
    Status,
)
from use_cases.conversations.search.search_conversations import DEPTH, LARGEST_PAGE
from use_cases.kernel.errors import StorageBusy

router = Router(prefix="/api/search", tags=["conversations"])

_LONGEST_QUERY = 4_000
_Names = Annotated[list[Annotated[str, Query(max_length=200)]], Query(max_length=20)]


@router.get("", responses=documented(StorageBusy))
async def search_conversations(
    candor: Candor,
    caller: Importer,
    indexing: ConversationIndexing,
    q: Annotated[
        FreeText,
        Query(min_length=1, max_length=_LONGEST_QUERY, description="Any text, or a share link."),
    ],
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="The most to return.")] = 20,
    offset: Annotated[int, Query(ge=0, le=4 * DEPTH, description="The number to skip.")] = 0,
    status: Annotated[
        Status, Query(description="`completed`: those that became a project.")
    ] = Status.ALL,
    sort_by: SortBy = SortBy.RELEVANCE,
    sort_dir: SortDir = SortDir.DESC,
    source: Annotated[_Names, Query(description="Such as `chatgpt`; `candor` is here.")] = [],  # noqa: B006
    content_type: Annotated[list[ContentType], Query(description="What the text is part of.")] = [],  # noqa: B006
    role: Annotated[_Names, Query(description="Such as `user` or `assistant`.")] = [],  # noqa: B006
    model: Annotated[_Names, Query(description="The model that answered.")] = [],  # noqa: B006
    since: Annotated[Moment | None, Query(description="Said then or later.")] = None,
    until: Annotated[Moment | None, Query(description="Said before then.")] = None,
) -> ConversationResults:
    """Texts of your conversations: by share link, by title, by words and by meaning."""
    only = SearchFilter(
        sources=source,
        content_types=content_type,
        roles=role,
        models=model,
        since=since,
        until=until,
        status=status,
    )
    found = await candor.conversations.search_conversations.search(
        caller, q, only, limit=limit, offset=offset, sort_by=sort_by, sort_dir=sort_dir
    )
    if not found.is_current:
        indexing.begin()
    return ConversationResults.of_search(found)
