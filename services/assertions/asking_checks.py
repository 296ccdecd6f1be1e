"""Checks that ask something outside: an embedding model, a web address, the operator's own code.

Promises: only ports that were handed in are used. Leaves to others: which addresses and files are
allowed (the ports' adapters).
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from pydantic import JsonValue

from services.assertions.observation import (
    Observation,
    Unable,
    as_number,
    js_text,
    references_of,
    text_of,
)
from use_cases.kernel.targets import TargetOutput
from use_cases.playground.model import Assertion, Case
from use_cases.playground.ports import CodeRunner, Similarity, VectorMetric, Webhook

AskingCheck: TypeAlias = Callable[[Assertion, TargetOutput, Case], Awaitable[Observation]]
"""A check that waits. Raises `Unable`, and the `CandorError` of its port."""

_SIMILAR = 0.75
_EPSILON = 2**-52


def similar_check(embedder: Similarity | None, metric: VectorMetric) -> AskingCheck:
    """Builds the check that the text is near the value, or one of its texts, in meaning."""

    async def check(assertion: Assertion, output: TargetOutput, case: Case) -> Observation:
        del case
        if embedder is None:
            raise Unable("There is no embedder.")
        threshold = _SIMILAR if assertion.threshold is None else assertion.threshold
        scores = [
            await embedder.similarity(reference, output.text, metric)
            for reference in references_of(assertion)
        ]
        if metric is VectorMetric.EUCLIDEAN:
            distance = min(scores)
            return Observation(
                distance <= threshold + _EPSILON,
                f"be at a distance of at most {threshold:g}",
                f"It is at {distance:.4f}.",
                score=1 / (1 + distance),
                absent=distance >= threshold - _EPSILON,
            )
        best = max(scores)
        return Observation(
            best >= threshold - _EPSILON,
            f"have a similarity ({metric}) of at least {threshold:g}",
            f"It has {best:.4f}.",
            score=best,
            absent=best <= threshold + _EPSILON,
        )

    return check


def webhook_check(webhook: Webhook | None) -> AskingCheck:
    """Builds the check that the address of the value answers `{"pass": true}`."""

    async def check(assertion: Assertion, output: TargetOutput, case: Case) -> Observation:
        url = text_of(assertion)
        if webhook is None:
            raise Unable("Webhooks are not allowed here.")
        reply = await webhook.post(url, {"output": output.text, "context": _context(case)})
        if not isinstance(reply, Mapping):
            raise Unable("The webhook's reply has no pass, true or false.")
        return _given(reply, assertion, "pass the webhook")

    return check


def code_check(runner: CodeRunner | None) -> AskingCheck:
    """Builds the check that a function of a file, `file://checks.py:function`, returns a pass."""

    async def check(assertion: Assertion, output: TargetOutput, case: Case) -> Observation:
        place = text_of(assertion)
        if not place.startswith("file://"):
            raise Unable("Code runs only from a file that the operator named: file://checks.py.")
        if runner is None:
            raise Unable("Code does not run here.")
        file, _, function = place.removeprefix("file://").partition(":")
        context = {**_context(case), "config": dict(assertion.config)}
        reply = await runner.run(file, function or "get_assert", output.text, context)
        return _given(reply, assertion, f"pass {file}")

    return check


def _context(case: Case) -> dict[str, JsonValue]:
    return {"vars": dict(case.variables), "expected": case.expected}


def _given(reply: JsonValue, assertion: Assertion, should: str) -> Observation:
    """Reads what a check of somebody's own returned: a truth, a score, or both with a reason."""
    limit = assertion.threshold
    match reply:
        case bool():
            return Observation(reply, should)
        case Mapping():
            passed, score = reply.get("pass", reply.get("pass_")), as_number(reply.get("score"))
            reason = js_text(reply.get("reason") or "")[:2_000]
            if not isinstance(passed, bool):
                raise Unable("Its reply has no pass, true or false.")
        case _:
            score = as_number(reply)
            if score is None:
                raise Unable("Its reply is neither a truth, nor a number, nor has pass.")
            passed, reason = score > 0 or limit is not None, f"It gave {score:g}."
    holds = passed and (score is None or limit is None or score >= limit)
    return Observation(holds, should, reason, score=score)
