"""The errors of conversations: files that cannot be read, and pages that hold no conversation."""

from use_cases.kernel.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    Refused,
    TooLarge,
    Unavailable,
    Unsupported,
    UpstreamFailed,
)

PLAIN_INSTEAD = (
    "write the chat as plain messages: docs/how-to/import-conversations.md shows the form."
)
"""Ends the hint where a form is refused by its name."""
GEMINI_INSTEAD = f"Import MyActivity.json of Google Takeout (My Activity, Gemini Apps) as JSON, or {PLAIN_INSTEAD}"


class ConversationFileNotFound(NotFound):
    """There is no file of this name, or it cannot be opened."""

    code = "conversation_file_not_found"
    title = "No such file"
    default_hint = "Check the path, and that you may read the file."


class ConversationFileBroken(InvalidInput):
    """The file ends early, or is no JSON, page or archive that can be read; the place is named."""

    code = "conversation_file_broken"
    title = "The file is broken"
    default_hint = "Download the export again, or correct the file at the place that is named."


class ConversationFormatUnknown(InvalidInput):
    """Nothing in the file has the form of a known export."""

    code = "conversation_format_unknown"
    title = "No known form of conversations"
    default_hint = (
        "docs/how-to/import-conversations.md lists the forms, and one for any other tool."
    )


class ConversationFileUnsupported(Unsupported):
    """The file is neither JSON, nor a saved page, nor a ZIP archive."""

    code = "conversation_file_unsupported"
    title = "This kind of file holds no conversations"
    default_hint = "Name the export itself: a .zip, its conversations.json, or a saved share page."


class ConversationFileTooLarge(TooLarge):
    """The file, an archive unpacked, or one conversation is larger than is read."""

    code = "conversation_file_too_large"
    title = "The file is too large"
    default_hint = "Split the export, or unpack the archive yourself if you trust it."


class ConversationFileUnsafe(Refused):
    """An archive has an entry that leads out of it, is encrypted or unpacks to far too much."""

    code = "conversation_file_unsafe"
    title = "The archive is not safe to read"
    default_hint = (
        "Download the export from its provider again, or unpack it yourself if you trust it."
    )


class ProviderBlocked(InvalidInput):
    """The page is a provider's check for browsers, not a conversation."""

    code = "provider_blocked"
    title = "The provider blocked the page"
    default_hint = "Open the link in your browser, save the page or its JSON, and import the file; or ask the provider for your export."


class ConversationNotFound(NotFound):
    """The caller has no conversation with this id."""

    code = "conversation_not_found"
    title = "Conversation not found"
    default_hint = "`candor conversations` lists yours."


class ConversationMessageNotFound(NotFound):
    """The conversation has no message with this id."""

    code = "conversation_message_not_found"
    title = "No such message in the conversation"
    default_hint = "`candor conversations show ID --all` lists the messages with their ids."


class ConversationTitleInvalid(InvalidInput):
    """A conversation's title is empty or too long."""

    code = "conversation_title_invalid"
    title = "Invalid title"
    default_hint = "Give a title of 1 to 200 characters."


class AttachmentNotFound(NotFound):
    """There is no such file, or it belongs to another person's conversation."""

    code = "attachment_not_found"
    title = "No such attached file"
    default_hint = "Check the id; `GET /api/conversations/{id}/files` lists the files."


class AttachmentKindUnknown(Unsupported):
    """The content is of no kind that can be attached."""

    code = "attachment_kind_unknown"
    title = "This kind of file cannot be attached"
    default_hint = "Attach a JPEG, PNG, GIF, WebP, SVG, PDF or text file (UTF-8 or UTF-16)."


class AttachmentRenamed(InvalidInput):
    """The ending of the name stands for another kind than the content is."""

    code = "attachment_renamed"
    title = "The name does not fit the content"
    default_hint = "Give the file the ending of its kind, or attach the right file."


class AttachmentBroken(InvalidInput):
    """The file is empty, or begins like one of its kind and is none."""

    code = "attachment_broken"
    title = "The file to attach is broken"
    default_hint = "Open it in its own program, save it again, and attach that."


class AttachmentTooLarge(TooLarge):
    """The file is larger than one may be."""

    code = "attachment_too_large"
    title = "The file to attach is too large"
    default_hint = "Split or compress it."


class FileLinkInvalid(Refused):
    """The signature of a link is wrong, or its time is over; which one is not said."""

    code = "file_link_invalid"
    title = "This link leads to no file"
    default_hint = "Ask for a new one at /api/conversations/files/{file_id}/download."


class FileStoreUnavailable(Unavailable):
    """The folder or bucket of files cannot be read or written."""

    code = "file_store_unavailable"
    title = "The file store cannot be used"
    default_hint = "Check DATA_DIR, or the AWS_ settings and the bucket; nothing was stored."


class ShareLinkUnsupported(InvalidInput):
    """The address is no share link of a provider that is read."""

    code = "share_link_unsupported"
    title = "No known share link"
    default_hint = "Name a share link of ChatGPT, Claude, Grok or BranchPrompt, or import a file."


class SharedChatNotFound(NotFound):
    """The provider has no conversation behind the share link."""

    code = "shared_chat_not_found"
    title = "Shared conversation not found"
    default_hint = "Check the link, and that the conversation is still shared."


class DraftInvalid(InvalidInput):
    """A title or a description of a draft is empty or too long."""

    code = "project_draft_invalid"
    title = "The draft cannot be stored"
    default_hint = "Give a title of 1 to 80 characters, and a description."


class DraftMessageInvalid(InvalidInput):
    """A message about a draft is empty or too long."""

    code = "draft_message_invalid"
    title = "The message cannot be sent"
    default_hint = "Write what the draft should say, within the limit that is named."


class DraftMessageNotFound(NotFound):
    """The chat about a draft has no such message."""

    code = "draft_message_not_found"
    title = "No such message"
    default_hint = "Read the chat about the draft for the ids of its messages."


class ProjectDraftNotFound(NotFound):
    """The conversation has no draft yet."""

    code = "project_draft_not_found"
    title = "No project draft"
    default_hint = (
        "POST the same address to generate a first draft, or `candor conversations draft`."
    )


class DraftVersionNotFound(NotFound):
    """The draft has no version with this id."""

    code = "draft_version_not_found"
    title = "No such version"
    default_hint = "List the versions of the draft for their ids."


class DraftBusy(Conflict):
    """A reply is being written about this draft."""

    code = "project_draft_busy"
    title = "The draft is busy"
    default_hint = "Wait for the running reply to end."


class ProposalOutdated(Conflict):
    """The draft has changed since this version was proposed as the project."""

    code = "project_proposal_outdated"
    title = "The draft has changed"
    default_hint = "Read the draft as it is now, and create the project of that."


class ConversationProjectNotFound(NotFound):
    """No project was made of this conversation."""

    code = "conversation_project_not_found"
    title = "No project"
    default_hint = "POST the same address to create one of the draft, or `candor conversations project ID --create`."


class LinearKeyRejected(UpstreamFailed):
    """Linear does not accept the key, or the key may not do this."""

    code = "linear_key_rejected"
    title = "Linear rejected the key"
    default_hint = "Check LINEAR_ACCESS_KEY, and that it may create projects in the team."


class LinearTeamNotFound(Unavailable):
    """Linear has no team with the key that is set."""

    code = "linear_team_not_found"
    title = "No such team at Linear"
    default_hint = "Set LINEAR_TEAM_KEY to the letters before the numbers of the team's issues."


class LinearRefused(UpstreamFailed):
    """Linear refused a request for a reason of its own."""

    code = "linear_refused"
    title = "Linear refused the request"
    default_hint = "Read the reason, change the draft, and create the project again."


class SummaryNotFound(NotFound):
    """The conversation has no summary yet."""

    code = "summary_not_found"
    title = "No summary yet"
    default_hint = (
        "POST /api/conversations/{id}/summary makes one, or `candor conversations summarise ID`."
    )


class SummaryInvalid(InvalidInput):
    """There is nothing to summarise, or an edited summary is empty or too long."""

    code = "summary_invalid"
    title = "The summary cannot be used"


class SummariserRefused(UpstreamFailed):
    """The summariser does not accept the token, or does not know the job."""

    code = "summariser_refused"
    title = "The summariser refused the request"
    default_hint = "Check METACOGNITION_API_URL and METACOGNITION_AUTH_TOKEN."
