"""Chats: a group of settings."""

from typing import ClassVar

from pydantic import Field

from backend.settings.group import Names, SettingGroup


class ChatSettings(SettingGroup):
    """Chats."""

    heading: ClassVar[str] = "Chats"

    max_question_characters: ClassVar[int] = 8000
    """Maximum length of a question. No setting: longer texts are documents, to be ingested."""
    history_tokens: int = Field(default=24_000, ge=0, le=1_000_000)
    """Size of the earlier turns of a chat that the model gets, in estimated tokens (four bytes of UTF-8 each). The newest turns are included whole, older ones as question and answer, and the oldest not at all; the answer then says so."""
    heartbeat_seconds: ClassVar[float] = 15.0
    """Seconds of silence after which a streamed answer sends an empty frame, so that no proxy closes the connection. No setting: proxies close a silent connection after 30 seconds and more."""
    resume_seconds: ClassVar[float] = 5.0
    """Seconds for which an answer of `POST /api/chat` goes on after its reader has left, so that a page that was reloaded takes it up again. No setting: a page that was reloaded is back within it."""
    answer_link_hosts: Names = ()
    """Hosts that an answer may link to although no cited source holds the address, separated by commas, such as `docs.example.com, *.example.com`; `*` allows all. Any other address becomes text, because a poisoned document could make a model write data into it."""
    answer_image_hosts: Names = ()
    """Hosts whose images an answer may show, separated by commas; `*` allows all. All other images become text, because a client that shows an image calls its address at once."""
