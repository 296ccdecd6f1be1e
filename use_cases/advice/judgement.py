"""What one feedback changes of a response, decided from what is known and was told before.

Rows are added, never rewritten: a judgement that another replaces is superseded. A keyed feedback is
kept even when it tells nothing new, so that sending it again much later, after another judgement, does
not bring its own back. Leaves keeping it to the store, which asks within its transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from use_cases.advice.errors import FeedbackKeyReused
from use_cases.advice.model import Feedback, Judge, OutcomeState
from use_cases.advice.ports import FeedbackResult


@dataclass(frozen=True, slots=True)
class InForce:
    """What is known of a response now."""

    outcome: OutcomeState
    helpful: bool | None
    feedback_notes: str | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What to do: answer `kept`; with `add`, add the feedback to the history, mark what stood in it as
    `superseded`, and change the response by `news`, by field.
    """

    kept: FeedbackResult
    add: bool = False
    superseded: Sequence[Feedback] = ()
    news: Mapping[str, object] = field(default_factory=dict[str, object])


def judge(known: InForce, history: Sequence[Feedback], told: Feedback) -> Judgement:
    """Decide; `history` is all that was told of the response, oldest first. Raises `FeedbackKeyReused`."""
    repeated = _sent_before(history, told)
    if repeated is not None:
        return Judgement(FeedbackResult(repeated, known.outcome, repeated=True))
    changed = told.outcome is not None and told.outcome is not known.outcome
    news = _news(known, told, changed=changed)
    if not news and told.key is None:
        standing = next((one for one in reversed(history) if _says_it(one, told)), None)
        if standing is not None:
            return Judgement(FeedbackResult(standing, known.outcome, repeated=True))
    stood = [one for one in history if one.outcome is not None and one.superseded_at is None]
    superseded = [replace(one, superseded_at=told.created_at) for one in stood if changed]
    kept = FeedbackResult(
        told,
        told.outcome or known.outcome,
        repeated=not news,
        superseded=superseded[0] if superseded else None,  # the first of them was in force
    )
    return Judgement(kept, add=True, superseded=superseded, news=news)


def _sent_before(history: Sequence[Feedback], told: Feedback) -> Feedback | None:
    """What was kept under the same key. Raises `FeedbackKeyReused`."""
    if told.key is None:
        return None
    same = next((one for one in history if one.key == told.key), None)
    if same is not None and _content(same) != _content(told):
        raise FeedbackKeyReused(f"The key {told.key!r} has another feedback on this response.")
    return same


def _content(told: Feedback) -> tuple[object, ...]:
    return told.outcome, told.helpful, told.notes, told.judge


def _news(known: InForce, told: Feedback, *, changed: bool) -> Mapping[str, object]:
    """The fields of the response that become others. Notes on a judgement go with it."""
    news: dict[str, object] = {}
    if changed:
        news |= {"outcome": told.outcome, "feedback_at": told.created_at}
        if known.outcome is not OutcomeState.PENDING:
            news["feedback_notes"] = None
    if told.helpful is not None and told.helpful is not known.helpful:
        news["helpful"] = told.helpful
    if told.notes is not None and not _are_spoken_for(known, told, changed=changed):
        news["feedback_notes"] = told.notes
    return news


def _are_spoken_for(known: InForce, told: Feedback, *, changed: bool) -> bool:
    """Whether the notes are those that stand, or would take the place of a person's own words."""
    if told.judge is Judge.PROFILE and known.outcome is OutcomeState.PENDING:
        return known.feedback_notes is not None
    return told.notes == known.feedback_notes and not changed


def _says_it(one: Feedback, told: Feedback) -> bool:
    """Whether this one stands and tells what the feedback tells first of all."""
    if one.superseded_at is not None:
        return False
    if told.outcome is not None:
        return one.outcome is told.outcome
    if told.helpful is not None:
        return one.helpful is told.helpful
    return one.notes == told.notes
