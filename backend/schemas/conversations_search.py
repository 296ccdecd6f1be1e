"""The results of a search over conversations as JSON; the names are those of the hub's interface."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from use_cases.conversations.search.model import FoundText, FoundTexts


class FoundContent(BaseModel):
    """A text that a search found, or a conversation that was found by its title or address."""

    id: str = Field(description="The id of the text; of a conversation, its own.")
    content_type: str = Field(
        description="`imported_chat`, `chat`, `draft_chat`, `project_draft` or `file`."
    )
    content_snippet: str = Field(description="At most 320 characters around the first match.")
    score: float = Field(
        description="1 for an address, 0.95 and 0.9 for a title, at most 0.85 for content."
    )
    created_at: datetime
    conversation_id: str
    conversation_title: str
    created_by_user_name: str
    created_by_user_email: str | None
    source: str = Field(description="The assistant it came from, such as `chatgpt`; or `candor`.")
    message_id: str | None = Field(
        description="The message; null where the conversation itself was found."
    )
    branch: str = Field(
        description="`shown`, or the last message of the branch that the message is on."
    )
    role: str | None = Field(description="Who said it; null where the conversation was found.")

    @classmethod
    def of(cls, found: FoundText) -> Self:
        """From one result."""
        head = found.conversation
        return cls(
            id=found.text_id or head.chat_id,
            content_type=found.content_type,
            content_snippet=found.snippet,
            score=found.score,
            created_at=found.created_at,
            conversation_id=head.chat_id,
            conversation_title=head.title,
            created_by_user_name=head.user_name or head.user_id,
            created_by_user_email=head.user_email,
            source=head.source,
            message_id=found.text_id,
            branch=found.branch,
            role=found.role or None,
        )


class SearchStatistics(BaseModel):
    """The size and time of a search."""

    query: str
    total_results: int
    execution_time_ms: float
    results_by_type: dict[str, int]


class ConversationResults(BaseModel):
    """A page of what a search found in conversations."""

    results: list[FoundContent]
    stats: SearchStatistics
    total_count: int
    has_more: bool
    notices: list[str] = Field(description="Notices about the search, such as missing vectors.")

    @classmethod
    def of(cls, found: FoundTexts) -> Self:
        """From a page of results."""
        return cls(
            results=[FoundContent.of(one) for one in found.results],
            stats=SearchStatistics(
                query=found.query,
                total_results=found.total,
                execution_time_ms=round(found.milliseconds, 1),
                results_by_type={kind.value: count for kind, count in found.by_type.items()},
            ),
            total_count=found.total,
            has_more=found.has_more,
            notices=list(found.notices),
        )
