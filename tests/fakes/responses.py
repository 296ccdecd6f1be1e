"""Recorded advice and its feedback in memory."""

from collections.abc import Sequence
from dataclasses import replace

from use_cases.advice.errors import ResponseNotFound
from use_cases.advice.judgement import judge
from use_cases.advice.model import Feedback, Response, ResponseFilter, Scored
from use_cases.advice.ports import FeedbackResult
from use_cases.kernel.errors import Conflict
from use_cases.kernel.identity.admission import Charge
from use_cases.kernel.model import Caller, Page, page_of


class InMemoryResponses:
    """Port `Responses` over a dictionary and a list."""

    def __init__(self) -> None:
        self.recorded: dict[str, Response] = {}
        self.charged: list[Charge] = []
        self.told: list[Feedback] = []

    async def keep(self, response: Response, charge: Charge | None = None) -> None:
        """Keep new advice."""
        if response.response_id in self.recorded:
            raise Conflict(f"A response {response.response_id!r} is recorded already.")
        self.recorded[response.response_id] = response
        self.charged += [charge] if charge else []

    async def charge(self, charge: Charge) -> None:
        """Note it."""
        self.charged.append(charge)

    async def response(self, caller: Caller, response_id: str) -> Response:
        """One of the caller's."""
        response = self.recorded.get(response_id)
        if response is None or not _sees(caller, response):
            raise ResponseNotFound(f"There is no recorded advice {response_id!r}.")
        return response

    async def responses(
        self,
        caller: Caller,
        wanted: ResponseFilter,
        *,
        limit: int = 20,
        before: str | None = None,
    ) -> Page[Response]:
        """Newest first, after `before`."""
        found = self._found(caller, wanted)[::-1]
        page = found
        if before is not None:
            seen = _place(await self.response(caller, before))
            page = [response for response in found if _place(response) < seen]
        return page_of(page, limit, total=len(found))

    async def scored(self, caller: Caller, wanted: ResponseFilter) -> Sequence[Scored]:
        """Those that state a confidence, oldest first."""
        scored = (_scored(response) for response in self._found(caller, wanted))
        return tuple(one for one in scored if one is not None)

    async def judge(self, caller: Caller, feedback: Feedback) -> FeedbackResult:
        """Keep a feedback."""
        response = await self.response(caller, feedback.response_id)
        history = await self.feedback(caller, feedback.response_id)
        judged = judge(response, history, feedback)
        if judged.add:
            if any(one.feedback_id == feedback.feedback_id for one in self.told):
                raise Conflict(f"A feedback {feedback.feedback_id!r} is kept already.")
            marked = {one.feedback_id: one for one in judged.superseded}
            self.told = [marked.get(one.feedback_id, one) for one in self.told] + [feedback]
            self.recorded[response.response_id] = replace(response, **judged.news)
        return judged.kept

    async def feedback(self, caller: Caller, response_id: str) -> Sequence[Feedback]:
        """All on one response, oldest first."""
        await self.response(caller, response_id)
        rows = [row for row in self.told if row.response_id == response_id]
        return tuple(sorted(rows, key=lambda row: (row.created_at, row.feedback_id)))

    def _found(self, caller: Caller, wanted: ResponseFilter) -> list[Response]:
        """What the caller sees of what is wanted, oldest first."""
        own = [r for r in self.recorded.values() if _sees(caller, r) and _meets(r, wanted)]
        return sorted(own, key=_place)


def _sees(caller: Caller, response: Response) -> bool:
    return caller.owns_all or caller.user_id == response.user_id


def _place(response: Response) -> tuple[float, str]:
    return response.created_at.timestamp(), response.response_id


def _meets(response: Response, wanted: ResponseFilter) -> bool:
    return (
        (wanted.since is None or response.created_at >= wanted.since)
        and wanted.profile in (None, response.profile)
        and wanted.model in (None, response.model)
        and wanted.prompt_version in (None, response.prompt_version)
        and wanted.outcome in (None, response.outcome)
    )


def _scored(response: Response) -> Scored | None:
    confidence = response.advice.confidence
    if confidence is None:
        return None
    return Scored(
        response_id=response.response_id,
        profile=response.profile,
        model=response.model,
        prompt_version=response.prompt_version,
        web_search_used=response.web_search_used,
        stated=confidence.stated,
        calibrated=confidence.calibrated,
        outcome=response.outcome,
        created_at=response.created_at,
        event_key=response.event_key,
        feedback_at=response.feedback_at,
    )
