"""Advice in evaluations: its recorded questions with their judgements, and advice as a target.

A target is the whole path of a question for advice, without a record of it: the confidence of advice
that is tried must not enter calibration.
"""

from collections.abc import AsyncGenerator

from pydantic_ai.messages import FunctionToolResultEvent, ToolReturnPart

from use_cases.advice.giving.advice_turn import GiveAdvice
from use_cases.advice.giving.events import AdviceRecorded
from use_cases.advice.model import (
    CERTAIN,
    AdviceQuestion,
    ConversationMessage,
    OutcomeState,
    Response,
    ResponseFilter,
    Speaker,
)
from use_cases.advice.ports import Responses
from use_cases.kernel.citations.sources import cited_documents
from use_cases.kernel.errors import UpstreamFailed
from use_cases.kernel.identity.admission import Charge, Charges
from use_cases.kernel.model import Caller, Scope
from use_cases.kernel.runs.surroundings import closing
from use_cases.kernel.targets import (
    AnswerFilter,
    RecordedQuestion,
    TargetOutput,
    TargetRequest,
    timed,
)


class AdviceTarget:
    """Implementation of the port `Target`."""

    def __init__(self, *, unrecorded_advice: GiveAdvice) -> None:
        self._advice = unrecorded_advice

    async def respond(self, request: TargetRequest) -> TargetOutput:
        """Asks the case's `question` (with its `profile` and `prompt_type`). Raises what
        `GiveAdvice.stream` raises.
        """
        stream = self._advice.stream(
            AdviceQuestion(
                conversation=(ConversationMessage(Speaker.USER, request.question),),
                profile=_text(request, "profile"),
                prompt_type=_text(request, "prompt_type"),
                model=request.model,
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
                    case AdviceRecorded(response=response):
                        return _output(response, context)
                    case _:
                        pass
        raise UpstreamFailed("The run ended without advice.")


def _text(request: TargetRequest, name: str) -> str | None:
    value = request.variables.get(name)
    return value if isinstance(value, str) and value else None


def _output(response: Response, context: list[str]) -> TargetOutput:
    advice = response.advice
    confidence = advice.confidence
    return TargetOutput(
        text=advice.main_advice,
        model=response.model,
        prompt_version=response.prompt_version,
        latency_ms=response.latency_ms,
        input_tokens=response.input_tokens,
        output_tokens=response.output_tokens,
        cost=response.cost,
        tool_calls=response.tool_calls,
        notices=response.notices,
        outcome=advice.outcome,
        sources=advice.sources,
        context=context,
        choice=advice.choice,
        phrase=confidence.phrase if confidence else None,
        confidence=confidence.calibrated / CERTAIN if confidence else None,
    )


class UnrecordedResponses:
    """Implementation of the port `ResponseWriter` that stores the charge of the caller's key and
    nothing else: the advice's reader has it.
    """

    def __init__(self, *, charges: Charges) -> None:
        self._charges = charges

    async def keep(self, response: Response, charge: Charge | None = None) -> None:
        """Keeps the charge."""
        if charge is not None:
            await self._charges.charge(charge)

    async def charge(self, charge: Charge) -> None:
        """Keeps it."""
        await self._charges.charge(charge)


_AT_ONCE = 100
_JUDGED = {OutcomeState.RIGHT: True, OutcomeState.WRONG: False}


class AdviceQuestions:
    """Implementation of the port `RecordedQuestions`."""

    scope = Scope.ADVICE

    def __init__(self, *, responses: Responses) -> None:
        self._responses = responses

    async def questions(
        self, caller: Caller, wanted: AnswerFilter
    ) -> AsyncGenerator[RecordedQuestion]:
        """Yields the caller's questions that fit, the newest first."""
        wanted = wanted.cleaned()
        right = wanted.feedback and wanted.feedback.right
        judged = next((one for one, as_right in _JUDGED.items() if as_right is right), None)
        restricted = ResponseFilter(since=wanted.since, outcome=judged)
        before, more = None, True
        while more:
            page = await self._responses.responses(
                caller, restricted, limit=_AT_ONCE, before=before
            )
            for response in page:
                if wanted.fits(found := _question(response)):
                    yield found
                before = response.response_id
            more = page.more


def _question(response: Response) -> RecordedQuestion:
    advice = response.advice
    return RecordedQuestion(
        record_id=response.response_id,
        variables={
            "question": response.question,
            "profile": response.profile,
            "prompt_type": response.prompt_type,
        },
        answer=advice.main_advice,
        outcome=advice.outcome,
        model=response.model,
        prompt_version=response.prompt_version,
        asked_at=response.created_at,
        documents=cited_documents(advice.sources),
        document_ids=[each.document.document_id for each in advice.sources],
        choice=advice.choice,
        right=_JUDGED.get(response.outcome),
    )
