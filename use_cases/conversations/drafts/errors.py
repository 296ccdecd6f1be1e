"""The errors of project drafts and of the projects made of them."""

from use_cases.kernel.errors import Conflict, InvalidInput, NotFound, Unavailable, UpstreamFailed


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
