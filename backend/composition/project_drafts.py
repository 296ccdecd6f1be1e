"""Project drafts: the chat about them, their versions, and the projects made of them."""

from functools import cached_property
from typing import TYPE_CHECKING

from backend.composition.foundation import Composition, Inner, Part

if TYPE_CHECKING:
    from use_cases.conversations.drafts.draft_turn import ChatAboutDraft
    from use_cases.conversations.drafts.manage_drafts import CreateProject, ManageProjectDrafts
    from use_cases.conversations.drafts.ports import ProjectTracker


class ProjectDraftsComposition(Composition):
    """Draft a project of a conversation, and create it."""

    chat_about_draft: "Part[ChatAboutDraft]" = Part(
        "use_cases.conversations.drafts.draft_turn:ChatAboutDraft"
    )
    manage_drafts: "Part[ManageProjectDrafts]" = Part(
        "use_cases.conversations.drafts.manage_drafts:ManageProjectDrafts"
    )
    create_project: "Part[CreateProject]" = Part(
        "use_cases.conversations.drafts.manage_drafts:CreateProject"
    )

    built_in = Inner("use_cases.conversations.drafts.agent:DraftPrompts")
    drafting_agent = Inner(
        "use_cases.conversations.drafts.agent:build_drafting_agent", capabilities="instruments"
    )
    draft_bounds = Inner(
        "use_cases.kernel.runs.turn:RunPolicy", request_limit=None, tool_calls_limit=None
    )
    drafts = Inner("services.store.stored_project_drafts:SqlProjectDrafts")
    draft_transcript = Inner("services.store.transcript:SqlDraftTranscript")
    attachments = Inner("services.store.stored_attachments:SqlAttachments")
    summaries = Inner("services.store.stored_summaries:SqlSummaries")
    gather_material = Inner("use_cases.conversations.drafts.draft_material:GatherMaterial")
    local_projects = Inner("services.store.stored_project_drafts:LocalProjects")
    linear_projects = Inner(
        "services.linear.linear_projects:LinearProjects",
        only_if=lambda settings: settings.linear_access_key,
        closing=True,
        key="linear_access_key",
        team="linear_team_key",
        url="linear_api_url",
        timeout=None,
    )

    @cached_property
    def tracker(self) -> "ProjectTracker":
        """Linear where its key is set, else this installation."""
        return self.linear_projects or self.local_projects
