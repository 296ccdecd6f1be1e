"""Chat: questions answered from knowledge, and what was said."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from backend.composition.foundation import Composition, Part

if TYPE_CHECKING:
    from use_cases.chat.answers import ReadAnswers
    from use_cases.chat.ask import AskQuestion, TurnPolicy
    from use_cases.chat.chats import ManageChats
    from use_cases.chat.inflight import InFlight
    from use_cases.chat.ports import Transcript


class ChatComposition(Composition):
    """Ask, and read what was said."""

    ask: "Part[AskQuestion]" = Part("use_cases.chat.ask:AskQuestion")
    read_answers: "Part[ReadAnswers]" = Part("use_cases.chat.answers:ReadAnswers")
    manage_chats: "Part[ManageChats]" = Part("use_cases.chat.chats:ManageChats")
    inflight: "Part[InFlight]" = Part("use_cases.chat.inflight:InFlight")
    agent: "Part[Any]" = Part("use_cases.chat.agent:build_agent", capabilities="instruments")

    answers: "Part[Any]" = Part("services.store.answers:SqlAnswers")
    chats: "Part[Any]" = Part("services.store.chats:SqlChats")
    transcript: "Part[Transcript]" = Part("services.store.transcript:SqlTranscript")

    @cached_property
    def bounds(self) -> "TurnPolicy":
        """The bounds of one turn."""
        from use_cases.chat.ask import TurnPolicy

        settings = self.settings
        return TurnPolicy(
            timeout=settings.turn_timeout_seconds,
            longest_question=settings.max_question_characters,
            history_tokens=settings.history_tokens,
            preview=settings.log_message_preview,
            estimate=self.candor.estimate,
        )
