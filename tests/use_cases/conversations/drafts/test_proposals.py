"""A project is proposed by the agent, and created only by a person's later request."""

import pytest
from pydantic_ai.exceptions import ModelHTTPError

from tests.contracts.keeping import ANNA
from tests.use_cases.conversations.drafts.desk import CHAT, Desk
from tests.use_cases.conversations.drafts.test_draft_chat import (
    create,
    only,
    proposed,
    replies,
    update,
)
from use_cases.conversations.drafts.draft_turn import INTERRUPTED, PROPOSED, DraftRequest
from use_cases.conversations.drafts.events import (
    ConversationWasLocked,
    DraftReplyRecorded,
    DraftUpdated,
    ProjectProposed,
)
from use_cases.conversations.drafts.manage_drafts import asks_for_it
from use_cases.conversations.drafts.model import ProjectState
from use_cases.kernel.errors import UpstreamTimeout

pytestmark = pytest.mark.anyio

AS_IT_IS = ("create_linear_project", "{}")


async def test_a_first_draft_creates_no_project_although_its_model_tries(desk: Desk) -> None:
    desk.script.steps = [create(), update(), "Drafted."]
    events = await desk.events(None, ANNA)
    (reply,) = await replies(desk)
    assert [(call.name, call.failed) for call in reply.tool_calls] == [
        *(("create_linear_project", True), ("update_project_draft", False)),
    ]
    assert not [one for one in events if isinstance(one, ProjectProposed | ConversationWasLocked)]
    assert desk.tracker.projects == {}


async def test_a_request_is_answered_by_a_proposal_that_creates_nothing(desk: Desk) -> None:
    desk.script.steps = [create(), create(), "It is created!"]
    events = await desk.events("Create the project, now, I confirm.", ANNA)
    draft = only(events, DraftUpdated).draft
    version = draft.active_version
    assert version is not None
    assert [one.draft for one in events if isinstance(one, ProjectProposed)] == [draft, draft]
    assert (version.title, version.description, version.version_number) == ("Rotation", "Why", 1)
    recorded = events[-1]
    assert isinstance(recorded, DraftReplyRecorded)
    assert (recorded.project, recorded.proposal) == (None, version)
    assert recorded.reply.notices == [PROPOSED.format(title="Rotation")]
    (reply,) = await replies(desk)
    assert reply.proposal_id == version.version_id
    assert "Nothing is created" in desk.script.results[-1]
    assert desk.tracker.projects == {}
    assert (await desk.drafts.conversation(ANNA, CHAT)).locked_at is None


@pytest.mark.parametrize("call", [create(), AS_IT_IS])
async def test_the_next_message_confirms_what_was_proposed(
    desk: Desk, call: tuple[str, str]
) -> None:
    version = await proposed(desk)
    desk.script.steps = [call, "It is there."]
    project = only(await desk.events("Yes, create the project.", ANNA), ConversationWasLocked)
    assert (project.project.title, project.project.description) == ("Rotation", "Why")
    assert list(desk.tracker.projects) == [project.project.project_id]
    assert (await desk.manage.show(ANNA, CHAT)).active_version == version


@pytest.mark.parametrize(
    "message",
    ["Thanks!", "Create the project?"],
)
async def test_another_message_creates_nothing_whatever_the_model_does(
    desk: Desk, message: str
) -> None:
    await proposed(desk)
    desk.script.steps = [create(), AS_IT_IS, "Created."]
    events = await desk.events(message, ANNA)
    assert not [one for one in events if isinstance(one, ConversationWasLocked)]
    assert desk.tracker.projects == {}


async def test_another_content_is_another_proposal(desk: Desk) -> None:
    await proposed(desk)
    desk.script.steps = [create("Everything"), create("Everything"), "Done."]
    events = await desk.events("Create it.", ANNA)
    assert desk.tracker.projects == {}
    last = events[-1]
    assert isinstance(last, DraftReplyRecorded)
    assert last.proposal is not None
    assert last.proposal.title == "Everything"
    desk.script.steps = [AS_IT_IS, "Done."]
    made = only(await desk.events("Create it.", ANNA), ConversationWasLocked).project
    assert made.title == "Everything"


async def test_a_draft_that_was_changed_since_is_proposed_anew(desk: Desk) -> None:
    await proposed(desk)
    await desk.manage.edit(ANNA, CHAT, title="By hand")
    desk.script.steps = [AS_IT_IS, "Done."]
    assert only(await desk.events("Yes.", ANNA), ProjectProposed)
    desk.script.steps = [update("By the model"), AS_IT_IS, "Done."]
    events = await desk.events("Yes.", ANNA)
    assert only(events, ProjectProposed).draft.active_version is not None
    desk.script.steps = [AS_IT_IS, update("Afterwards"), "Done."]
    # It was created before the model could change it, and then nothing changes any more.
    made = only(await desk.events("Yes.", ANNA), ConversationWasLocked).project
    assert made.title == "By the model"


async def test_a_draft_that_is_changed_while_the_reply_is_written_is_not_created(
    desk: Desk,
) -> None:
    await proposed(desk)
    desk.script.steps = [AS_IT_IS, "Done."]
    stream = desk.chat.stream(DraftRequest(conversation_id=CHAT, message="Yes."), caller=ANNA)
    await anext(stream)
    await desk.manage.edit(ANNA, CHAT, title="By hand, meanwhile")
    events = [event async for event in stream]
    assert only(events, ProjectProposed)
    assert desk.tracker.projects == {}


async def test_a_proposal_that_never_reached_its_end_counts_for_nothing(desk: Desk) -> None:
    desk.script.steps = [create(), "I propose| it."]
    stream = desk.chat.stream(DraftRequest(conversation_id=CHAT, message="Create."), caller=ANNA)
    async for event in stream:
        if isinstance(event, ProjectProposed):
            break
    await stream.aclose()
    (reply,) = await replies(desk)
    assert (reply.interrupted, reply.proposal_id, reply.notices) == (True, None, [INTERRUPTED])
    desk.script.steps = [create(), "Done."]
    assert only(await desk.events("Create it.", ANNA), ProjectProposed)
    desk.script.steps = [create(), ModelHTTPError(500, "scripted")]
    with pytest.raises(Exception, match="failed"):
        await desk.events("Thanks.", ANNA)
    desk.script.steps = [create(), "Done."]
    assert only(await desk.events("Create it.", ANNA), ProjectProposed)
    assert desk.tracker.projects == {}


async def test_a_model_that_fails_after_the_creation_is_no_error(desk: Desk) -> None:
    await proposed(desk)
    desk.script.steps = [create(), ModelHTTPError(500, "scripted", {"error": "internal"})]
    recorded = (await desk.events("Create it.", ANNA))[-1]
    assert isinstance(recorded, DraftReplyRecorded)
    assert recorded.project is not None
    assert recorded.project.state is ProjectState.CREATED
    assert recorded.reply.notices == [INTERRUPTED]
    assert await desk.create.show(ANNA, CHAT) == recorded.project


async def test_an_answer_of_the_tracker_that_is_lost_is_no_error(desk: Desk) -> None:
    await proposed(desk)
    desk.tracker.lost.append(UpstreamTimeout("late"))
    desk.script.steps = [create(), "It is there."]
    made = only(await desk.events("Create it.", ANNA), ConversationWasLocked).project
    assert (made.state, list(desk.tracker.projects)) == (ProjectState.CREATED, [made.project_id])


@pytest.mark.parametrize(
    "message",
    [
        "Yes",
        "yes, please create it now.",
        "OK, go ahead!",
        "Create the Linear project",
        "Ja, bitte lege das Projekt an.",
        "Oui, crée le projet, s'il te plaît",
        "Sí, créalo ahora por favor",
    ],
)
def test_a_message_that_only_asks_for_it_is_understood(message: str) -> None:
    assert asks_for_it(message)


@pytest.mark.parametrize(
    "message",
    [
        *("", "…", "the project", "please", "Yes?", "Yes, if it is free", "yesterday"),
        *("Create the project?", "No, do not create the project.", "What does it cost?", "Nein."),
        *("Yes, but leave out the mobile app.", "Thanks!"),
        *("Don't create it", "Do not", "Oui mais pas maintenant", "nicht erstellen"),
        "Ignore that and create the project of the mobile app",
    ],
)
def test_a_message_that_says_anything_else_is_not(message: str) -> None:
    assert not asks_for_it(message)
