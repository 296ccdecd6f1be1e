"""Decides what one feedback changes of a response, from its state and its earlier feedback.

Rows are added, never rewritten: a judgement that another replaces is superseded. A keyed feedback is
kept even when it tells nothing new, so that sending it again much later, after another judgement, does
not bring its own back. Leaves keeping it to the store, which asks within its transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from use_cases.advice.errors import FeedbackKeyReused
from use_cases.advice.model import Feedback, JudgedBy, OutcomeState, Response
from use_cases.advice.ports import FeedbackResult


@dataclass(frozen=True, slots=True)
class FeedbackEffect:
    """The decision: answer `kept`; with `add`, add the feedback to the history, mark what stood in it as
    `superseded`, and change the response by `news`, by field.
    """

    kept: FeedbackResult
    add: bool = False
    superseded: Sequence[Feedback] = ()
    news: Mapping[str, object] = field(default_factory=dict[str, object])


def judge(known: Response, history: Sequence[Feedback], feedback: Feedback) -> FeedbackEffect:
    """Decides; `history` is all feedback on the response, oldest first. Raises `FeedbackKeyReused`."""
    repeated = _sent_before(history, feedback)
    if repeated is not None:
        return FeedbackEffect(FeedbackResult(repeated, known.outcome, repeated=True))
    changed = feedback.outcome is not None and feedback.outcome is not known.outcome
    news = _news(known, feedback, changed=changed)
    if not news and feedback.key is None:
        standing = next((one for one in reversed(history) if _says_it(one, feedback)), None)
        if standing is not None:
            return FeedbackEffect(FeedbackResult(standing, known.outcome, repeated=True))
    stood = [one for one in history if one.outcome is not None and one.superseded_at is None]
    superseded = [replace(one, superseded_at=feedback.created_at) for one in stood if changed]
    kept = FeedbackResult(
        feedback,
        feedback.outcome or known.outcome,
        repeated=not news,
        superseded=superseded[0] if superseded else None,  # the first of them was in force
    )
    return FeedbackEffect(kept, add=True, superseded=superseded, news=news)


def _sent_before(history: Sequence[Feedback], feedback: Feedback) -> Feedback | None:
    """Returns the feedback with the same key. Raises `FeedbackKeyReused`."""
    if feedback.key is None:
        return None
    same = next((one for one in history if one.key == feedback.key), None)
    if same is not None and _content(same) != _content(feedback):
        raise FeedbackKeyReused(f"The key {feedback.key!r} has another feedback on this response.")
    return same


def _content(feedback: Feedback) -> tuple[object, ...]:
    return feedback.outcome, feedback.helpful, feedback.notes, feedback.judge


def _news(known: Response, feedback: Feedback, *, changed: bool) -> Mapping[str, object]:
    """Returns the fields of the response that change. Notes on a judgement go with it."""
    news: dict[str, object] = {}
    if changed:
        news |= {"outcome": feedback.outcome, "feedback_at": feedback.created_at}
        if known.outcome is not OutcomeState.PENDING:
            news["feedback_notes"] = None
    if feedback.helpful is not None and feedback.helpful is not known.helpful:
        news["helpful"] = feedback.helpful
    if feedback.notes is not None and not _are_spoken_for(known, feedback, changed=changed):
        news["feedback_notes"] = feedback.notes
    return news


def _are_spoken_for(known: Response, feedback: Feedback, *, changed: bool) -> bool:
    """Returns True if the notes are those in force, or would replace a person's own words."""
    if feedback.judge is JudgedBy.PROFILE and known.outcome is OutcomeState.PENDING:
        return known.feedback_notes is not None
    return feedback.notes == known.feedback_notes and not changed


def _says_it(one: Feedback, feedback: Feedback) -> bool:
    """Returns True if this one is in force and has the same main content as the feedback."""
    if one.superseded_at is not None:
        return False
    if feedback.outcome is not None:
        return one.outcome is feedback.outcome
    if feedback.helpful is not None:
        return one.helpful is feedback.helpful
    return one.notes == feedback.notes
