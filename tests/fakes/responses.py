"""Recorded advice and its feedback in memory."""

from collections.abc import Sequence
from dataclasses import replace

from use_cases.advice.errors import FeedbackKeyReused, ResponseNotFound
from use_cases.advice.model import Feedback, Judge, OutcomeState, Response, ResponseFilter, Scored
from use_cases.advice.ports import FeedbackResult, ResponsePage
from use_cases.kernel.errors import Conflict
from use_cases.kernel.identity.admission import Charge
from use_cases.kernel.model import Caller


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
    ) -> ResponsePage:
        """Newest first, after `before`."""
        found = self._found(caller, wanted)[::-1]
        page = found
        if before is not None:
            seen = _place(await self.response(caller, before))
            page = [response for response in found if _place(response) < seen]
        return ResponsePage(tuple(page[:limit]), len(found))

    async def scored(self, caller: Caller, wanted: ResponseFilter) -> Sequence[Scored]:
        """Those that state a confidence, oldest first."""
        scored = (_scored(response) for response in self._found(caller, wanted))
        return tuple(one for one in scored if one is not None)

    async def judge(self, caller: Caller, feedback: Feedback) -> FeedbackResult:
        """Keep a feedback."""
        response = await self.response(caller, feedback.response_id)
        rows = await self.feedback(caller, feedback.response_id)
        for row in rows:
            if feedback.key is not None and row.key == feedback.key:
                if _content(row) != _content(feedback):
                    raise FeedbackKeyReused(f"The key {feedback.key!r} has another feedback.")
                return FeedbackResult(row, response.outcome, repeated=True)
        changed = feedback.outcome not in (None, response.outcome)
        known = not (changed or _tells_more(feedback, response))
        if known and feedback.key is None:
            for row in reversed(rows):
                if _says_it(row, feedback):
                    return FeedbackResult(row, response.outcome, repeated=True)
        if any(row.feedback_id == feedback.feedback_id for row in self.told):
            raise Conflict(f"A feedback {feedback.feedback_id!r} is kept already.")
        superseded = self._supersede(feedback) if changed else None
        self.told.append(feedback)
        self.recorded[response.response_id] = _judged(response, feedback, changed=changed)
        return FeedbackResult(feedback, feedback.outcome or response.outcome, known, superseded)

    async def feedback(self, caller: Caller, response_id: str) -> Sequence[Feedback]:
        """All on one response, oldest first."""
        await self.response(caller, response_id)
        rows = [row for row in self.told if row.response_id == response_id]
        return tuple(sorted(rows, key=lambda row: (row.created_at, row.feedback_id)))

    def _found(self, caller: Caller, wanted: ResponseFilter) -> list[Response]:
        """What the caller sees of what is wanted, oldest first."""
        own = [r for r in self.recorded.values() if _sees(caller, r) and _meets(r, wanted)]
        return sorted(own, key=_place)

    def _supersede(self, by: Feedback) -> Feedback | None:
        """Every judgement that stood until now; the first of them was the one in force."""
        stood = [
            row
            for row in self.told
            if row.response_id == by.response_id
            and row.outcome is not None
            and row.superseded_at is None
        ]
        for row in stood:
            self.told[self.told.index(row)] = replace(row, superseded_at=by.created_at)
        stood.sort(key=lambda row: (row.created_at, row.feedback_id))
        return replace(stood[0], superseded_at=by.created_at) if stood else None


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


def _content(feedback: Feedback) -> tuple[object, ...]:
    return feedback.outcome, feedback.helpful, feedback.notes, feedback.judge


def _tells_more(feedback: Feedback, response: Response) -> bool:
    return feedback.helpful not in (None, response.helpful) or feedback.notes not in (
        None,
        response.feedback_notes,
    )


def _says_it(row: Feedback, feedback: Feedback) -> bool:
    """Whether this row stands and tells what the feedback tells first of all."""
    if row.superseded_at is not None:
        return False
    if feedback.outcome is not None:
        return row.outcome is feedback.outcome
    if feedback.helpful is not None:
        return row.helpful is feedback.helpful
    return row.notes == feedback.notes


def _judged(response: Response, feedback: Feedback, *, changed: bool) -> Response:
    """The response with what is in force now; notes on a judgement go with it."""
    notes = feedback.notes
    if changed and response.outcome is not OutcomeState.PENDING:
        response = replace(response, feedback_notes=None)
    elif feedback.judge is Judge.PROFILE and response.outcome is OutcomeState.PENDING:
        notes = response.feedback_notes or notes
    if changed and feedback.outcome is not None:
        response = replace(response, outcome=feedback.outcome, feedback_at=feedback.created_at)
    if feedback.helpful is not None:
        response = replace(response, helpful=feedback.helpful)
    if notes is not None:
        response = replace(response, feedback_notes=notes)
    return response


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
