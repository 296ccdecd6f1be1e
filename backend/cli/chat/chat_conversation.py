"""A conversation: its chat, its model and category, and its next turn.

An error in a turn is shown, and the conversation goes on. Leaves to others: reading questions
(`interactive_chat.py`, `piped_chat.py`) and the commands (`slash_commands.py`).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from loguru import logger

from backend.cli.terminal.terminal import Interrupts
from backend.composition.container import Container
from backend.errors import InternalError
from use_cases.chat.model import Answer, Chat, Mode, Question, Within
from use_cases.kernel.errors import CandorError
from use_cases.kernel.model import LOCAL

if TYPE_CHECKING:
    from backend.cli.chat.turn_display import TurnDisplay


@dataclass(slots=True, kw_only=True)
class ChatConversation:
    """The context of the next question. `chat` is None before the first question of a new one.

    `after` is the message that the first question goes on from; None: the last one shown.
    """

    candor: Container
    interrupts: Interrupts
    live: bool
    model: str | None
    category: str | None
    chat: Chat | None = None
    after: str | None = None
    chosen_mode: Mode | None = None
    within: Within = Within.DOCUMENTS
    answer: Answer | None = None
    """The last answer in this chat."""
    _unsaved_question: str | None = None

    async def ask(self, text: str) -> Answer | CandorError | None:
        """Returns the answer to a question, or its error; None: stopped before it began."""
        self._unsaved_question = text
        return await self._turn(text)

    async def retry(self) -> Answer | CandorError | None:
        """Asks the last question again, answered or not.

        One that was never stored (the model had no key, the chat was busy) is asked as new; else
        the new answer replaces the old one.
        """
        return await self._turn(self._unsaved_question)

    def begin_anew(self, chat: Chat | None = None, answer: Answer | None = None) -> None:
        """Continues in another chat; None: in a new one."""
        self.chat, self.answer, self._unsaved_question = chat, answer, None
        self.after = self.chosen_mode = None

    @property
    def mode(self) -> Mode:
        """The mode of this chat, or of the one that the next question starts."""
        usual = Mode.GROUNDED if self.chat is None else self.chat.mode
        return self.chosen_mode or usual

    async def set_mode(self, mode: Mode) -> None:
        """Gives this chat another mode, at once where it is stored."""
        if self.chat is None:
            self.chosen_mode = mode
        else:
            manage = self.candor.chat.manage_chats
            self.chat = await manage.change(LOCAL, self.chat.chat_id, mode=mode)

    @property
    def can_retry(self) -> bool:
        """True if there is a question to ask again."""
        return self.chat is not None or self._unsaved_question is not None

    async def _turn(self, text: str | None) -> Answer | CandorError | None:
        from backend.cli.chat.turn_display import (  # takes seconds: not for --help
            TurnDisplay,
            take_turn,
        )

        shown = TurnDisplay(live=self.live)
        question = Question(
            text=text,
            chat_id=None if self.chat is None else self.chat.chat_id,
            after=None if text is None else self.after,
            category=self.category,
            model=self.model,
            mode=self.chosen_mode,
            within=self.within,
        )
        try:
            answer = await take_turn(self.candor, question, shown, self.interrupts)
        except CandorError as error:
            return error
        except BrokenPipeError:
            raise
        except Exception:  # noqa: BLE001  (a door: the log has the traceback, the person goes on)
            logger.exception("The turn failed")
            return InternalError("The answer failed.", hint="See the log above for the cause.")
        else:
            return answer
        finally:
            self._remember(shown)

    def _remember(self, shown: "TurnDisplay") -> None:
        if shown.chat is not None:
            self.chat, self.after, self._unsaved_question = shown.chat, None, None
            self.chosen_mode = None
        if shown.answer is not None:
            self.answer = shown.answer
