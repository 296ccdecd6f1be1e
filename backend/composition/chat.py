"""The use cases of chat, which answers from knowledge."""

from functools import cached_property
from typing import TYPE_CHECKING

from backend.composition.knowledge import KnowledgeParts

if TYPE_CHECKING:
    # Only named: a command pays for importing what it uses, at its first use.
    from use_cases.chat.answers import ListAnswers, ShowAnswer
    from use_cases.chat.ask import AskQuestion
    from use_cases.chat.chats import (
        CancelTurn,
        DeleteChat,
        ListChats,
        ReadMessages,
        RenameChat,
        ShowChat,
    )


class ChatParts(KnowledgeParts):
    """Ask, and read what was said."""

    @cached_property
    def ask(self) -> "AskQuestion":
        """Answer a question with verified citations."""
        import pydantic_ai

        from backend.observability.record_metrics import HeardTranscript
        from use_cases.chat.agent import build_agent
        from use_cases.chat.ask import AskQuestion, TurnPolicy
        from use_cases.kernel.text.secrets import SecretFilter

        # On a terminal the first run of an agent would print a page about observability.
        pydantic_ai.BANNER_ENABLED = False
        return AskQuestion(
            agent=build_agent([self.tracing.instrumentation()] if self.tracing else ()),
            search=self.search,
            data=self.data,
            models=self.models,
            chats=self.chats,
            transcript=HeardTranscript(self._ports.transcript(), self.listeners),
            clock=self.clock,
            ids=self._ports.ids(),
            inflight=self.inflight,
            citations=self.citations,
            bounds=TurnPolicy(
                timeout=self.settings.turn_timeout_seconds,
                longest_question=self.settings.max_question_characters,
                history_tokens=self.settings.history_tokens,
                preview=self.settings.log_message_preview,
                estimate=self.estimate,
            ),
            secrets=SecretFilter(tuple(self.settings.secrets().values())),
        )

    @cached_property
    def list_answers(self) -> "ListAnswers":
        """List the recorded answers."""
        from use_cases.chat.answers import ListAnswers

        return ListAnswers(answers=self.answers)

    @cached_property
    def show_answer(self) -> "ShowAnswer":
        """Show one recorded answer."""
        from use_cases.chat.answers import ShowAnswer

        return ShowAnswer(answers=self.answers)

    @cached_property
    def list_chats(self) -> "ListChats":
        """List a person's chats."""
        from use_cases.chat.chats import ListChats

        return ListChats(chats=self.chats)

    @cached_property
    def show_chat(self) -> "ShowChat":
        """Show one chat."""
        from use_cases.chat.chats import ShowChat

        return ShowChat(chats=self.chats)

    @cached_property
    def read_messages(self) -> "ReadMessages":
        """Read a chat's messages."""
        from use_cases.chat.chats import ReadMessages

        return ReadMessages(chats=self.chats)

    @cached_property
    def rename_chat(self) -> "RenameChat":
        """Give a chat another title."""
        from use_cases.chat.chats import RenameChat

        return RenameChat(chats=self.chats)

    @cached_property
    def delete_chat(self) -> "DeleteChat":
        """Remove a chat."""
        from use_cases.chat.chats import DeleteChat

        return DeleteChat(chats=self.chats, inflight=self.inflight)

    @cached_property
    def cancel_turn(self) -> "CancelTurn":
        """Stop a running answer."""
        from use_cases.chat.chats import CancelTurn

        return CancelTurn(chats=self.chats, inflight=self.inflight)
