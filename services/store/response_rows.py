"""Recorded advice as a row of `responses`, and back."""

from collections.abc import Mapping

from sqlalchemy import RowMapping

from services.store.advice_codec import decode_alternatives, encode_alternatives
from services.store.answer_codec import (
    decode_notices,
    decode_sources,
    decode_tool_calls,
    encode_notices,
    encode_sources,
    encode_tool_calls,
)
from services.store.schema import responses
from use_cases.advice.model import (
    Advice,
    BaseRate,
    Confidence,
    Freshness,
    OutcomeState,
    Response,
)
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.errors import StorageDamaged


def response_values(response: Response) -> Mapping[str, object]:
    """The row of a response, by column."""
    return {
        "response_id": response.response_id,
        "user_id": response.user_id,
        "created_at": response.created_at,
        "profile": response.profile,
        "profile_version": response.profile_version,
        "prompt_type": response.prompt_type,
        "prompt_version": response.prompt_version,
        "model": response.model,
        "question": response.question,
        "search_decision": response.search_decision,
        "web_search_used": response.web_search_used,
        "freshness": response.freshness.value,
        "latency_ms": response.latency_ms,
        "event_key": response.event_key,
        "event_ends": response.event_ends,
        "period": response.period,
        "tool_calls": encode_tool_calls(response.tool_calls),
        "notices": encode_notices(response.notices),
        "input_tokens": response.input_tokens,
        "output_tokens": response.output_tokens,
        "cost": response.cost,
        "interrupted": response.interrupted,
        "outcome": response.outcome.value,
        "helpful": response.helpful,
        "feedback_notes": response.feedback_notes,
        "feedback_at": response.feedback_at,
        **_advice_values(response.advice),
        **_confidence_values(response.advice.confidence),
    }


def response_of(row: RowMapping) -> Response:
    """The response in a row that holds all columns of `responses`. Raises `StorageDamaged`."""
    column = responses.c
    try:
        return Response(
            response_id=row[column.response_id],
            user_id=row[column.user_id],
            profile=row[column.profile],
            profile_version=row[column.profile_version],
            prompt_type=row[column.prompt_type],
            prompt_version=row[column.prompt_version],
            model=row[column.model],
            question=row[column.question],
            advice=_advice(row),
            search_decision=row[column.search_decision],
            web_search_used=row[column.web_search_used],
            freshness=Freshness(row[column.freshness]),
            latency_ms=row[column.latency_ms],
            created_at=row[column.created_at],
            event_key=row[column.event_key],
            event_ends=row[column.event_ends],
            period=row[column.period],
            tool_calls=decode_tool_calls(row[column.tool_calls]),
            notices=decode_notices(row[column.notices]),
            input_tokens=row[column.input_tokens],
            output_tokens=row[column.output_tokens],
            cost=row[column.cost],
            interrupted=row[column.interrupted],
            outcome=OutcomeState(row[column.outcome]),
            helpful=row[column.helpful],
            feedback_notes=row[column.feedback_notes],
            feedback_at=row[column.feedback_at],
        )
    except ValueError as error:
        name = row[column.response_id]
        raise StorageDamaged(f"The response {name!r} cannot be read.") from error


def _advice_values(advice: Advice) -> Mapping[str, object]:
    return {
        "main_advice": advice.main_advice,
        "reasoning": advice.reasoning,
        "advice_outcome": advice.outcome.value,
        "choice": advice.choice,
        "alternatives": encode_alternatives(advice.alternatives),
        "sources": encode_sources(advice.sources),
    }


def _confidence_values(confidence: Confidence | None) -> Mapping[str, object]:
    if confidence is None:
        return {}
    return {
        "stated_bp": confidence.stated,
        "calibrated_bp": confidence.calibrated,
        "phrase_key": confidence.phrase_key,
        "phrase": confidence.phrase,
        "phrase_capped": confidence.capped,
        "calibration_id": confidence.version_id,
        "base_right": confidence.base_rate.right if confidence.base_rate else None,
        "base_n": confidence.base_rate.n if confidence.base_rate else None,
    }


def _advice(row: RowMapping) -> Advice:
    column = responses.c
    return Advice(
        main_advice=row[column.main_advice],
        reasoning=row[column.reasoning],
        confidence=_confidence(row),
        outcome=Outcome(row[column.advice_outcome]),
        choice=row[column.choice],
        alternatives=decode_alternatives(row[column.alternatives]),
        sources=decode_sources(row[column.sources]),
    )


def _confidence(row: RowMapping) -> Confidence | None:
    """The confidence, whole. Raises `ValueError` for half of one."""
    column = responses.c
    if row[column.stated_bp] is None:
        return None
    calibrated = row[column.calibrated_bp]
    key, phrase = row[column.phrase_key], row[column.phrase]
    if calibrated is None or key is None or phrase is None:
        raise ValueError("a stated confidence without its calibrated one")
    return Confidence(
        stated=row[column.stated_bp],
        calibrated=calibrated,
        phrase_key=key,
        phrase=phrase,
        capped=bool(row[column.phrase_capped]),
        version_id=row[column.calibration_id],
        base_rate=_base_rate(row),
    )


def _base_rate(row: RowMapping) -> BaseRate | None:
    right, n = row[responses.c.base_right], row[responses.c.base_n]
    if n is None:
        return None
    if right is None or not 0 <= right <= n or not n:
        raise ValueError("a base rate that is no share")
    return BaseRate(right, n)
