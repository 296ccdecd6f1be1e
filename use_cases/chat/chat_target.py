"""Chat for evaluations and try-outs: the whole path of a question, without a record of the turn.

The question goes through `AskQuestion` with its retrieval and its verified citations. Its transcript
stores nothing, so that no chat of a person and no statistic sees it.
"""

from collections.abc import AsyncGenerator, Callable, Collection
from datetime import datetime

from pydantic_ai.messages import FunctionToolResultEvent, ToolReturnPart

from use_cases.chat.agent import PURPOSE
from use_cases.chat.chat_turn import AnswerRecorded, AskQuestion, ChatEvent
from use_cases.chat.model import Answer, Chat, Message, Question, Role
from use_cases.chat.questions import Opened, Opening
from use_cases.kernel.errors import UpstreamFailed
from use_cases.kernel.identity.admission import Charge, Charges
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Models
from use_cases.kernel.prompts.content import PromptContent, RunPrompt
from use_cases.kernel.prompts.prompt_registry import ActivePrompts, cleaned, require_fit
from use_cases.kernel.runs.model_calls import resolved_model
from use_cases.kernel.runs.surroundings import closing
from use_cases.kernel.targets import Production, TargetOutput, TargetRequest, TriedPrompts, timed

_TRIED = "tried"
"""What is recorded nowhere calls the version of a prompt so."""


class ChatTarget:
    """Implementation of the port `Target`."""

    def __init__(self, *, unrecorded_ask: AskQuestion) -> None:
        self._ask = unrecorded_ask

    async def respond(self, request: TargetRequest) -> TargetOutput:
        """Asks the case's `question` (and `category`). Raises what `AskQuestion.stream` raises."""
        stream = self._ask.stream(
            Question(
                text=request.question,
                model=request.model,
                category=_category(request),
            ),
            caller=request.caller,
            tried=request.tried,
        )
        context: list[str] = []
        async with timed(request), closing(stream) as events:
            async for event in events:
                match event:
                    case FunctionToolResultEvent(part=ToolReturnPart() as part):
                        context.append(part.model_response_str())
                    case AnswerRecorded(answer=answer):
                        return _output(answer, context)
                    case _:
                        pass
        raise UpstreamFailed("The turn ended without an answer.")


class TryInstructions:
    """Answers a question with instructions that are tried."""

    def __init__(
        self, *, unrecorded_ask: AskQuestion, models: Models, prompt_registry: ActivePrompts
    ) -> None:
        self._ask = unrecorded_ask
        self._models = models
        self._registry = prompt_registry

    async def stream(
        self,
        caller: Caller,
        content: PromptContent,
        question: str,
        *,
        category: str | None = None,
        model: str | None = None,
    ) -> AsyncGenerator[ChatEvent]:
        """Yields the events of the turn; its ids are of nothing that is stored.

        Raises `PromptInvalid` and what `AskQuestion.stream` raises.
        """
        content = cleaned(content)
        require_fit(PURPOSE, content)
        stored = (await self._registry.active(PURPOSE, PURPOSE)).model
        resolved_model(self._models, model, stored)
        stream = self._ask.stream(
            Question(text=question, model=model, category=category),
            caller=caller,
            tried=TriedPrompts(Production(model=stored), RunPrompt.of(content, _TRIED)),
        )
        async with closing(stream) as events:
            async for event in events:
                yield event


def _category(request: TargetRequest) -> str | None:
    category = request.variables.get("category")
    return category if isinstance(category, str) and category else None


def _output(answer: Answer, context: list[str]) -> TargetOutput:
    return TargetOutput(
        text=answer.text,
        model=answer.model,
        prompt_version=answer.prompt_version,
        latency_ms=answer.latency_ms,
        input_tokens=answer.input_tokens,
        output_tokens=answer.output_tokens,
        cost=answer.cost,
        tool_calls=answer.tool_calls,
        notices=answer.notices,
        outcome=answer.outcome,
        sources=answer.sources,
        context=context,
    )


class UnrecordedTranscript:
    """Implementation of the port `Transcript` that stores the charge of the caller's key and nothing
    else: each question opens a chat of its own.
    """

    def __init__(self, *, charges: Charges) -> None:
        self._charges = charges

    async def open(self, caller: Caller, opening: Opening) -> Opened:
        """Returns a new chat with this question."""
        chat = Chat(
            chat_id=opening.new_chat,
            user_id=caller.user_id,
            title=opening.title,
            created_at=opening.now,
            updated_at=opening.now,
        )
        question = Message(
            message_id=opening.message_id,
            chat_id=chat.chat_id,
            parent_id=None,
            role=Role.USER,
            text=opening.question.text or "",
            created_at=opening.now,
        )
        return Opened(chat, question, ())

    async def close(
        self,
        caller: Caller,
        answer: Answer,
        message: Message,
        model_messages: Callable[[], str],
        charge: Charge | None = None,
    ) -> None:
        """Keeps the charge; the answer's reader has the rest."""
        await self.abandon(answer.answer_id, charge)

    async def abandon(self, turn_id: str, charge: Charge | None) -> None:
        """Keeps the charge; nothing was opened."""
        if charge is not None:
            await self._charges.charge(charge)


class UnstoredLeases:
    """Implementation of the port `Leases` for turns that no other process can see."""

    async def kept(self, lease_ids: Collection[str]) -> Collection[str]:
        """Returns all of them."""
        return lease_ids

    async def renew(self, lease_ids: Collection[str], until: datetime) -> None:
        """Nothing."""

    async def cancel(self, name: str, now: datetime) -> bool:
        """No process holds it."""
        return False

    async def release(self, lease_id: str) -> None:
        """Nothing."""
