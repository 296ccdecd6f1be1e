"""The body that `useChat` of AI SDK 5 to 7 posts, and the question in it.

The frontend sends its whole copy of the chat. The server keeps its own, so only the newest message
is read, and only if it is the user's: earlier ones, and those of the assistant or the system, are
ignored.
"""

from collections.abc import Sequence
from typing import Annotated, Literal, cast

from pydantic import BaseModel, BeforeValidator, Field

from backend.errors import AttachmentUnsupported, NotAUserMessage
from backend.http.fields import (
    ID,
    LONGEST_ID,
    CategoryName,
    ChatMode,
    FreeText,
    ModelName,
    SearchedIn,
    UserId,
)
from use_cases.chat.model import Question, Within
from use_cases.kernel.errors import InvalidInput


def _newest(messages: object) -> object:
    """Return the last message alone: the others are not even validated, in any number."""
    return cast("list[object]", messages)[-1:] if isinstance(messages, list) else messages


def _keep_known(part: object) -> object:
    """Return a non-text part's type alone; frontends add parts of their own."""
    if not isinstance(part, dict):
        return part
    fields = cast("dict[str, object]", part)
    return fields if fields.get("type") == "text" else {"type": fields.get("type")}


class SentPart(BaseModel):
    """A part of a message. Only text is read; a `file` is refused, and other kinds do not count."""

    type: str
    text: FreeText = ""


class SentMessage(BaseModel):
    """A message as the AI SDK writes it (`UIMessage`)."""

    id: str | None = Field(default=None, max_length=LONGEST_ID)
    role: str
    parts: list[Annotated[SentPart, BeforeValidator(_keep_known)]] = Field(default=[])

    def text(self) -> str:
        """Return its text parts, as paragraphs. Raises `AttachmentUnsupported`."""
        if any(part.type == "file" for part in self.parts):
            raise AttachmentUnsupported("The message carries a file.")
        return "\n\n".join(part.text for part in self.parts if part.type == "text")


class UIChatRequest(BaseModel):
    """The body of `useChat`. Fields that are not listed are ignored."""

    id: str = Field(
        max_length=LONGEST_ID, pattern=ID, description="The frontend's own id of the chat."
    )
    trigger: Literal["submit-message", "regenerate-message"] = "submit-message"
    messages: Annotated[list[SentMessage], BeforeValidator(_newest)] = Field(
        default=[], description="The frontend's copy of the chat; only the last message is read."
    )
    message: SentMessage | None = Field(
        default=None, description="The newest message, instead of all of them."
    )
    message_id: str | None = Field(
        default=None,
        alias="messageId",
        max_length=LONGEST_ID,
        description="The message to put a new question in the place of, or to answer again.",
    )
    after: str | None = Field(
        default=None,
        max_length=LONGEST_ID,
        description="Put the new question behind this message, as a new branch; null: behind the last one shown. Not with `messageId`.",
    )
    user_id: UserId | None = None
    category: CategoryName = None
    model: ModelName = None
    mode: ChatMode = None
    within: SearchedIn = Within.DOCUMENTS

    def questions(self) -> Sequence[Question]:
        """Return the question, and the alternative for a server that does not know its message.

        Raises `NotAUserMessage` when the newest message is not the user's, and `InvalidInput` for
        `after` without a new question.
        """
        newest = self.message or next(iter(self.messages), None)
        if self.after and (self.message_id or self.trigger == "regenerate-message"):
            raise InvalidInput(
                "`after` goes with a new question only.",
                hint="Leave out `messageId` and `regenerate-message`, or `after`.",
            )
        if self.trigger == "regenerate-message":
            return self._again(newest)
        if newest is None or newest.role != "user":
            raise NotAUserMessage("The last message is not the user's.")
        asked = self._question(newest.text(), client_id=newest.id or None)
        if self.message_id is None:
            return (asked,)
        edited = self._question(asked.text, client_id=asked.client_id, at=self.message_id)
        return edited, asked

    def _again(self, newest: SentMessage | None) -> Sequence[Question]:
        """Return the existing question; as a new one where it never arrived."""
        if newest is None or newest.role != "user":
            return (self._question(None, at=self.message_id),)
        again = self._question(None, at=self.message_id or newest.id or None)
        return again, self._question(newest.text(), client_id=newest.id or None)

    def _question(
        self, text: str | None, *, client_id: str | None = None, at: str | None = None
    ) -> Question:
        return Question(
            text=text,
            chat_id=self.id,
            own_chat_id=True,
            at=at,
            after=self.after or None,
            client_id=client_id,
            category=self.category or None,
            model=self.model or None,
            mode=self.mode,
            within=self.within,
        )
