"""Conversations: chats of other assistants, and the projects that are drafted of them."""

from functools import cached_property
from typing import TYPE_CHECKING

from backend.composition.foundation import Composition, Inner, Part

if TYPE_CHECKING:
    from services.attachments import ObjectStore
    from use_cases.conversations.belongings import ManageBelongings
    from use_cases.conversations.drafts.draft_turn import ChatAboutDraft
    from use_cases.conversations.drafts.manage_drafts import CreateProject, ManageProjectDrafts
    from use_cases.conversations.drafts.ports import ProjectTracker
    from use_cases.conversations.import_conversations import (
        ImportConversations,
        ImportForModel,
        ReadAnew,
    )
    from use_cases.conversations.import_items import ReadConversations
    from use_cases.conversations.manage_attachments import ManageAttachments, SweepFiles
    from use_cases.conversations.manage_conversations import ManageConversations
    from use_cases.conversations.ports import Memories
    from use_cases.conversations.recall import RecallMemories
    from use_cases.conversations.search.index_conversations import IndexConversations
    from use_cases.conversations.search.ports import ConversationIndex
    from use_cases.conversations.search.search_conversations import SearchConversations
    from use_cases.conversations.summarise_conversations import SummariseConversations

_SHARE_SECONDS = 30.0
_SHARE_BYTES = 64 * 2**20
"""Of the page of a share link, with all that a long conversation holds."""


class ConversationsComposition(Composition):
    """Read, import and manage conversations; keep files with them; draft and create projects."""

    within = "use_cases.conversations"

    read_conversations: "Part[ReadConversations]" = Part(".import_items:ReadConversations")
    import_conversations: "Part[ImportConversations]" = Part(
        ".import_conversations:ImportConversations"
    )
    read_anew: "Part[ReadAnew]" = Part(".import_conversations:ReadAnew")
    import_for_model: "Part[ImportForModel]" = Part(".import_conversations:ImportForModel")
    manage_conversations: "Part[ManageConversations]" = Part(
        ".manage_conversations:ManageConversations"
    )
    belongings: "Part[ManageBelongings]" = Part(".belongings:ManageBelongings")
    index_conversations: "Part[IndexConversations]" = Part(
        ".search.index_conversations:IndexConversations"
    )
    search_conversations: "Part[SearchConversations]" = Part(
        ".search.search_conversations:SearchConversations"
    )
    searchable = Inner("services.store.searchable_conversations:SqlSearchableConversations")
    indexed_in_file = Inner(
        "services.index.sqlite.file_conversations:SqliteConversationIndex",
        closing=True,
        path="conversation_index_path",
        in_memory="serving",
    )
    indexed_on_server = Inner(
        "services.index.postgresql.server_conversations:ServerConversationIndex",
        closing=True,
        url=lambda settings: settings.knowledge_server or "postgresql://",
        busy_timeout=None,
    )
    imports = Inner("services.store.imports:SqlImports")
    shared_pages = Inner(".importers.share_pages:SharedPages")
    share_web = Inner(
        "services.web.guarded:GuardedRequests",
        closing=True,
        allowed_hosts=None,
        seconds=lambda _: _SHARE_SECONDS,
        most_bytes=lambda _: _SHARE_BYTES,
    )
    conversations = Inner("services.store.stored_conversations:SqlConversations")
    conversation_files = Inner("services.conversation_files.exported_files:LocalConversationFiles")

    manage_attachments: "Part[ManageAttachments]" = Part(".manage_attachments:ManageAttachments")
    sweep_files: "Part[SweepFiles]" = Part(".manage_attachments:SweepFiles")
    attachment_policy = Inner(".manage_attachments:AttachmentPolicy")
    attachments = Inner("services.store.stored_attachments:SqlAttachments")
    file_texts = Inner("services.documents.reader:ReadFileTexts")

    summarise_conversations: "Part[SummariseConversations]" = Part(
        ".summarise_conversations:SummariseConversations"
    )
    summaries = Inner("services.store.stored_conversations:SqlSummaries")
    summary_prompts = Inner(".extractive:SummaryPrompts")
    summariser = Inner(
        "services.conversation_apis.metacognition:MetacognitionSummariser",
        only_if=lambda settings: settings.metacognition_api_url,
        closing=True,
        url="metacognition_api_url",
        token="metacognition_auth_token",  # noqa: S106  (the name of a setting)
    )

    recall_memories: "Part[RecallMemories]" = Part(".recall:RecallMemories")
    own_memories = Inner(".recall:OwnMemories")
    memory_texts = Inner("services.store.stored_conversations:SqlMemoryTexts")
    mem0_memories = Inner(
        "services.conversation_apis.mem0:Mem0Memories",
        only_if=lambda settings: settings.mem0_api_url,
        closing=True,
        url="mem0_api_url",
        key="mem0_api_key",
        user_id="mem0_user_id",
    )

    chat_about_draft: "Part[ChatAboutDraft]" = Part(".drafts.draft_turn:ChatAboutDraft")
    manage_drafts: "Part[ManageProjectDrafts]" = Part(".drafts.manage_drafts:ManageProjectDrafts")
    create_project: "Part[CreateProject]" = Part(".drafts.manage_drafts:CreateProject")
    draft_prompts = Inner(".drafts.agent:DraftPrompts")
    drafting_agent = Inner(".drafts.agent:build_drafting_agent", capabilities="instruments")
    draft_bounds = Inner("use_cases.kernel.runs.turn:RunPolicy")
    drafts = Inner("services.store.stored_project_drafts:SqlProjectDrafts")
    draft_transcript = Inner("services.store.transcript:SqlDraftTranscript")
    gather_material = Inner(".drafts.agent:GatherMaterial")
    local_projects = Inner("services.store.stored_project_drafts:LocalProjects")
    linear_projects = Inner(
        "services.conversation_apis.linear_projects:LinearProjects",
        only_if=lambda settings: settings.linear_access_key,
        closing=True,
        key="linear_access_key",
        team="linear_team_key",
        url="linear_api_url",
    )

    @cached_property
    def conversation_index(self) -> "ConversationIndex":
        """The collection of conversations, beside the documents."""
        server = self.settings.knowledge_server
        return self.indexed_on_server if server else self.indexed_in_file

    @cached_property
    def tracker(self) -> "ProjectTracker":
        """Linear where its key is set, else this installation."""
        return self.linear_projects or self.local_projects

    @cached_property
    def memories(self) -> "Memories":
        """Remembers what people said: mem0 where it is set, else the summaries here."""
        return self.mem0_memories or self.own_memories

    @cached_property
    def file_store(self) -> "ObjectStore":
        """Keeps attached files: in the bucket that is set, or in the data folder."""
        from services.attachments import bucket_store, folder_store

        settings = self.settings
        bucket, key_id = settings.aws_s3_bucket_name, settings.aws_access_key_id
        if not (bucket and key_id and settings.aws_secret_access_key):
            return folder_store(settings.files_path)
        return bucket_store(
            bucket,
            key_id=key_id.get_secret_value(),
            secret=settings.aws_secret_access_key.get_secret_value(),
            region=settings.aws_region,
            endpoint=settings.aws_endpoint_url,
            signs_links=settings.aws_signed_links,
        )
