"""The bodies that ask for advice: the seed's conversation, and the one of `useChat`.

Advice has no history of its own: the request carries the conversation, including the assistant's
messages.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, cast

from pydantic import BaseModel, BeforeValidator, Field, StrictBool

from backend.http.fields import LONGEST_ID, FreeText, ModelName
from use_cases.advice.model import AdviceQuestion, ConversationMessage, Speaker

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$"
_LONGEST_KEY = 300


def _day(value: object) -> object:
    """Return only a date in its written form; pydantic would also accept seconds since 1970."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        return value
    raise ValueError("Input should be a date, YYYY-MM-DD")


class SaidMessage(BaseModel):
    """A message of the conversation."""

    role: Speaker
    content: FreeText


class AdviceOptions(BaseModel):
    """The options of the advice, beside the question. Fields not listed are ignored."""

    model: ModelName = None
    enable_web_search: StrictBool | None = Field(
        default=None, description="False: no search of the web; without it the server's default."
    )
    profile: str | None = Field(
        default=None, max_length=100, description="The domain; without it the server's default."
    )
    prompt_type: str | None = Field(
        default=None, max_length=100, description="Which of the profile's prompts; `default`."
    )
    search_override: str | None = Field(
        default=None,
        max_length=20,
        description="`/search` or `/nosrch`, which may also be the message's first or last word.",
    )
    event_key: str | None = Field(
        default=None,
        min_length=1,
        max_length=_LONGEST_KEY,
        pattern=_LINE,
        description="Names the event that will decide: advice on one event is counted once.",
    )
    event_ends: Annotated[date, BeforeValidator(_day)] | None = Field(
        default=None,
        description="The event's last day; before it no outcome is taken, whatever the tables know. "
        "Without it as the profile says.",
    )

    def to_question(self, said: Sequence[ConversationMessage]) -> AdviceQuestion:
        """Return the question of this conversation."""
        return AdviceQuestion(
            conversation=tuple(said),
            profile=self.profile or None,
            model=self.model or None,
            prompt_type=self.prompt_type or None,
            enable_web_search=self.enable_web_search,
            search_override=self.search_override or None,
            event_key=self.event_key,
            event_ends=self.event_ends,
        )


class AdviceRequest(AdviceOptions):
    """A conversation whose last message is the question."""

    conversation: list[SaidMessage] = Field(
        description="Oldest first; the last one is the user's, and is the question."
    )

    def question(self) -> AdviceQuestion:
        """Return the question in it."""
        return self.to_question(
            [ConversationMessage(one.role, one.content) for one in self.conversation]
        )


class SentAdvice(BaseModel):
    """The texts of the advice in a part."""

    main_advice: FreeText = ""
    reasoning: FreeText = ""


class SentAdvicePart(BaseModel):
    """A part of a message: `text`, or `data-advice` as this server wrote it. Others do not count."""

    type: str
    text: FreeText = ""
    data: SentAdvice = SentAdvice()

    def said(self) -> str:
        """Return the text of the part."""
        if self.type == "data-advice":
            return f"{self.data.main_advice}\n\n{self.data.reasoning}".strip()
        return self.text if self.type == "text" else ""


def _keep_known(part: object) -> object:
    """Return an unknown part's type alone; frontends add parts of their own."""
    if not isinstance(part, dict):
        return part
    fields = cast("dict[str, object]", part)
    return fields if fields.get("type") in ("text", "data-advice") else {"type": fields.get("type")}


class SentAdviceMessage(BaseModel):
    """A message as the AI SDK writes it."""

    id: str | None = Field(default=None, max_length=LONGEST_ID)
    role: Speaker
    parts: list[Annotated[SentAdvicePart, BeforeValidator(_keep_known)]] = []

    def said(self) -> ConversationMessage:
        """Return the message as text."""
        texts = (part.said() for part in self.parts)
        return ConversationMessage(self.role, "\n\n".join(text for text in texts if text))


class UIAdviceRequest(AdviceOptions):
    """The body of `useChat`: its messages are the conversation."""

    messages: list[SentAdviceMessage] = Field(description="The frontend's messages, oldest first.")

    def question(self) -> AdviceQuestion:
        """Return the question in it."""
        return self.to_question([message.said() for message in self.messages])
