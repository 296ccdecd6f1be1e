"""The offline drafter: what it extracts, and which tool a message becomes."""

import pytest
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters

from services.models.offline.drafter import LABEL, extracted, offline_drafter
from tests.fakes.entropy import CountedEntropy
from use_cases.conversations.drafts.model import (
    CONVERSATION_BLOCK,
    DRAFT_BLOCK,
    FIRST_DRAFT,
)
from use_cases.kernel.text.prompt_injection import Material, fenced

pytestmark = pytest.mark.anyio

SAID = (
    "TITLE: Keys\n\nPERSON: Rotate our keys. They are old. Very old. And blue.\n\n"
    "ASSISTANT: Which keys?\n\nPERSON: All of them. Soon.\n\nASSISTANT: I would begin with the CA."
)
DRAFT = "# Keys\n\nWhy"


async def called(message: str, draft: str = DRAFT, *results: str) -> ModelResponse:
    """The response to a message."""
    blocks = [Material(CONVERSATION_BLOCK, SAID), Material(DRAFT_BLOCK, draft)]
    instructions = fenced("Here:", blocks, CountedEntropy())
    asked: list[ModelMessage] = [
        ModelRequest(parts=[UserPromptPart("Before")], instructions=instructions),
        ModelRequest(parts=[UserPromptPart(message)], instructions=instructions),
    ]
    returned = [ToolReturnPart("t", result, "1") for result in results]
    asked += [ModelRequest(parts=[one], instructions=instructions) for one in returned]
    model = offline_drafter()
    async with model.request_stream(asked, None, ModelRequestParameters()) as stream:
        async for _ in stream:
            pass
    return stream.get()


async def arguments(message: str, draft: str = DRAFT) -> tuple[str, object]:
    """The tool that a message becomes, and its arguments."""
    (part,) = (await called(message, draft)).parts
    assert isinstance(part, ToolCallPart)
    return part.tool_name, part.args_as_dict()


def test_a_draft_is_made_of_the_conversations_own_sentences() -> None:
    assert extracted(SAID) == {
        "title": "Keys",
        "description": (
            f"{LABEL}\n\n## Problem\n\nRotate our keys. They are old. Very old.\n\n"
            "## Requests\n\n- All of them.\n\n"
            "## Where it stands\n\nI would begin with the CA."
        ),
    }


@pytest.mark.parametrize("said", ["", "TITLE: ", "TITLE: \n\nTOOL: 42"])
def test_nothing_said_is_a_draft_all_the_same(said: str) -> None:
    assert extracted(said) == {"title": "Project", "description": LABEL}


def test_a_long_title_and_long_texts_are_cut() -> None:
    found = extracted(f"TITLE: {'t' * 100}\n\nPERSON: {'word ' * 200}")
    assert len(found["title"]) == 80
    assert found["description"].endswith("word …")


async def test_a_first_draft_replaces_what_was_there() -> None:
    assert await arguments(FIRST_DRAFT) == ("update_project_draft", extracted(SAID))


@pytest.mark.parametrize(
    ("message", "title", "description"),
    [
        ("title: Rotation", "Rotation", "Why"),
        (" TITLE :  All\nkeys", "All", "Why"),
        ("Only for\nstaff.", "Keys", "Why\n\n## Notes\n\n- Only for staff."),
    ],
)
async def test_a_message_is_a_title_or_a_note(message: str, title: str, description: str) -> None:
    wanted = {"title": title, "description": description}
    assert await arguments(message) == ("update_project_draft", wanted)


async def test_notes_are_one_list() -> None:
    name, found = await arguments("Two", "# Keys\n\nWhy\n\n## Notes\n\n- One")
    assert (name, found) == (
        "update_project_draft",
        {"title": "Keys", "description": "Why\n\n## Notes\n\n- One\n- Two"},
    )


@pytest.mark.parametrize("message", ["Create the project", "please create this linear project now"])
async def test_the_project_is_created_when_the_message_begins_with_that(message: str) -> None:
    assert await arguments(message) == (
        "create_linear_project",
        {"title": "Keys", "description": "Why"},
    )


@pytest.mark.parametrize("message", ["Do not create the project", "Who will create the project?"])
async def test_another_message_creates_nothing(message: str) -> None:
    assert (await arguments(message))[0] == "update_project_draft"


async def test_the_result_is_said() -> None:
    response = await called("Two", DRAFT, "The draft is stored as version 2.")
    assert response.text is not None
    assert response.text.startswith("The draft is stored as version 2. No language model")
