"""Project drafts, the chat about them, and projects as JSON."""

from decimal import Decimal

from pydantic import BaseModel, Field

from backend.schemas.chat_schemas import NOT_IN_REPLIES, RepliedMessage, ToolUse, Usage
from backend.schemas.json_shape import Schema, attribute, shape_of
from use_cases.conversations.drafts import model as drafts
from use_cases.conversations.drafts.events import DraftReplyRecorded

_PROVIDERS = {"grok": "xai", "claude": "anthropic", "gemini": "google"}


class ModelChoice(BaseModel):
    """The model of a request; without one the stored or configured default."""

    llm_provider: str | None = Field(
        default=None, max_length=60, description="Such as `openai`, `anthropic` or `grok`."
    )
    llm_model: str | None = Field(
        default=None, max_length=200, description="Such as `gpt-4.1-mini`, or `provider:model`."
    )

    @property
    def model(self) -> str | None:
        """The model as `provider:name`; a bare name where no provider is named."""
        name, provider = self.llm_model or None, self.llm_provider or None
        if name is None or provider is None or ":" in name:
            return name
        return f"{_PROVIDERS.get(provider, provider)}:{name}"


@shape_of(drafts.DraftVersion, omit=["draft_id"])
class DraftVersionReply(Schema):
    """A version of a draft, which never changes."""

    version_number: int = Field(description="Counts from 1 within the draft.")
    title: str
    description: str = Field(description="Markdown.")
    is_manual_edit: bool = Field(description="Edited by a person, not by the agent.")


@shape_of(drafts.ProjectDraft, omit=["user_id"], project_draft_id="draft_id")
class ProjectDraftReply(Schema):
    """The draft of a project."""

    active_version: DraftVersionReply | None = Field(description="The version in force.")


class DraftVersions(Schema):
    """Versions of a draft, the newest first."""

    versions: list[DraftVersionReply]
    limit: int
    offset: int
    more: bool = Field(description="Others come after them.")


@shape_of(drafts.ConversationProject, id="project_id", linear_url="url")
class ConversationProjectReply(Schema):
    """The project of a conversation."""

    id: str = attribute("project_id", "A UUID; at Linear the same.")
    tracker: str = Field(description="`linear`, or `local` where no key of Linear is set.")
    state: drafts.ProjectState = Field(description="`creating` until the tracker has confirmed it.")
    title: str
    linear_url: str | None = attribute("url", "Null for a local project.")


class ProjectProposal(Schema):
    """A version of the draft that is proposed as the project; nothing is created."""

    proposal_id: str = attribute("version_id", "Send it to `POST …/project` to create just this.")
    version_number: int
    title: str
    description: str = Field(description="Markdown.")


class DraftMessageReply(RepliedMessage):
    """A message of the chat about a draft. What is known of replies only is null, or empty."""

    prompt_version: str | None = attribute("reply.prompt_version", None, None)
    proposal_id: str | None = attribute("reply.proposal_id", "The version that it proposed.", None)


class DraftMessages(Schema):
    """The last messages of the chat about a draft, oldest first."""

    chat_messages: list[DraftMessageReply]
    limit: int
    next_before: str | None = Field(
        description="Pass it as `before` to get the messages before these; null on the first page."
    )


@shape_of(
    drafts.DraftReply,
    at="reply",
    omit=[*NOT_IN_REPLIES, "draft_id"],
    first=["reply_id", "text"],
    message_id="reply_id",
    llm_response="text",
)
class DraftResponse(Schema):
    """The end of a turn about a draft. Numbers that are not known are null."""

    project_draft_updated: bool = attribute("updated")
    new_project_draft: ProjectDraftReply | None = Field(
        description="Null where the draft is as before."
    )
    proposal: ProjectProposal | None = Field(description="Proposed as the project, not created.")
    project: ConversationProjectReply | None = Field(
        description="The project, where it was created."
    )
    tool_calls: list[ToolUse] = attribute("reply.tool_calls")
    usage: Usage = attribute("reply")
    cost: Decimal | None = attribute("reply.cost", "In US dollars.")


def draft_response(recorded: DraftReplyRecorded) -> DraftResponse:
    """Reads it from the last event of a turn."""
    changed = recorded.draft if recorded.updated else None
    return DraftResponse.of(recorded, new_project_draft=changed)
