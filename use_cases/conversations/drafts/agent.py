"""The drafting agent: its dependencies and its two tools.

Promises: rights travel in the dependencies: the conversation is the one whose draft is talked about, and no
argument of a model names another. A model creates no project by itself: its tool proposes the version in
force, and creates only the one version to which the person has consented (see `proposals`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pydantic_ai import Agent, ModelRetry, RunContext, ToolFailed, ToolReturn
from pydantic_ai.capabilities import AgentCapability
from pydantic_ai.tools import ToolDefinition

from use_cases.conversations.drafts.errors import DraftInvalid, LinearRefused, ProposalOutdated
from use_cases.conversations.drafts.events import ProjectProposed
from use_cases.conversations.drafts.model import CREATE_TOOL, UPDATE_TOOL
from use_cases.conversations.drafts.project_drafts import CreateProject, ManageProjectDrafts
from use_cases.kernel.errors import (
    CandorError,
    ConversationLocked,
    RateLimited,
    Unavailable,
    UpstreamFailed,
    UpstreamTimeout,
)
from use_cases.kernel.model import Caller


@dataclass(slots=True, kw_only=True)
class DraftDeps:
    """The dependencies of one turn. `material` is the fenced conversation and draft; `clean` removes
    secrets and foreign addresses from what is stored. `may_propose`: the model holds the tool that
    proposes the project. `consent` is the version that it then creates. `links` gets the address of what
    it created, which the reply may name.
    """

    caller: Caller
    conversation_id: str
    instructions: str
    material: str
    manage: ManageProjectDrafts
    create: CreateProject
    clean: Callable[[str], str]
    may_propose: bool
    consent: str | None = None
    links: list[str] = field(default_factory=list[str])


def build_drafting_agent(
    capabilities: Sequence[AgentCapability[DraftDeps]] = (),
) -> Agent[DraftDeps, str]:
    """The drafting agent, without a model: each run names its own. `capabilities` are such as traces."""
    agent = Agent(
        deps_type=DraftDeps, output_type=str, name="project_draft", capabilities=capabilities
    )
    agent.instructions(_instructions)
    agent.instructions(_material)
    agent.tool(name=UPDATE_TOOL, retries=2, sequential=True)(update_project_draft)
    agent.tool(name=CREATE_TOOL, retries=2, sequential=True, prepare=_if_it_may_propose)(
        create_linear_project
    )
    return agent


async def update_project_draft(
    ctx: RunContext[DraftDeps], title: str, description: str
) -> ToolReturn[str]:
    """Store a new version of the project draft, which replaces the one before.

    Args:
        title: The title, on one line, at most 80 characters.
        description: The whole description, in Markdown.
    """
    deps = ctx.deps
    try:
        draft = await deps.manage.edit(
            deps.caller,
            deps.conversation_id,
            title=deps.clean(title),
            description=deps.clean(description),
            by_hand=False,
        )
    except DraftInvalid as error:
        raise ModelRetry(f"{error.detail} {error.hint}") from error
    except ConversationLocked as error:
        raise ToolFailed(error.detail) from error
    number = draft.active_version.version_number if draft.active_version else 0
    return ToolReturn(f"The draft is stored as version {number}.", metadata=draft)


async def create_linear_project(
    ctx: RunContext[DraftDeps], title: str | None = None, description: str | None = None
) -> ToolReturn[str]:
    """Propose the project to the person; once they have confirmed it, create it, and lock the conversation.

    Args:
        title: Another title than the draft's, on one line, at most 80 characters.
        description: Another description than the draft's: the whole one, in Markdown.
    """
    deps = ctx.deps
    try:
        draft = await deps.manage.edit(
            deps.caller,
            deps.conversation_id,
            title=None if title is None else deps.clean(title),
            description=None if description is None else deps.clean(description),
            by_hand=False,
        )
        version = draft.active_version
        if version is None or version.version_id != deps.consent:
            return ToolReturn(
                PROPOSED.format(
                    number=version.version_number if version else 0,
                    title=version.title if version else "",
                ),
                metadata=ProjectProposed(draft=draft),
            )
        project = await deps.create.run(
            deps.caller, deps.conversation_id, proposal_id=version.version_id
        )
    except DraftInvalid as error:
        raise ModelRetry(f"{error.detail} {error.hint}") from error
    except _TELLING as error:
        raise ToolFailed(f"{error.detail} {error.hint}") from error
    deps.links.extend(filter(None, [project.url]))
    place = f" at {project.url}" if project.url else ", recorded on this installation"
    return ToolReturn(
        f"The project is created{place}, and the conversation is locked.", metadata=project
    )


_TELLING: tuple[type[CandorError], ...] = (
    ConversationLocked,
    LinearRefused,
    ProposalOutdated,
    RateLimited,
    Unavailable,
    UpstreamFailed,
    UpstreamTimeout,
)
"""Errors that the model passes on to the person; the draft is stored all the same."""


PROPOSED = (
    "Version {number} of the draft is proposed as the project “{title}”. Nothing is created before the person"
    " confirms it in a message of their own, such as: Create the project."
)


async def _if_it_may_propose(
    ctx: RunContext[DraftDeps], tool: ToolDefinition
) -> ToolDefinition | None:
    return tool if ctx.deps.may_propose else None


# Instructions are async because pydantic-ai would run a plain function in a thread, for each request
# to a model again.


async def _instructions(ctx: RunContext[DraftDeps]) -> str:
    return ctx.deps.instructions


async def _material(ctx: RunContext[DraftDeps]) -> str:
    return ctx.deps.material
