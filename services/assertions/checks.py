"""The port `Checks`: every assertion that needs no model.

Promises: nothing raises; what cannot be checked is the verdict `error` with a reason, also under
`not-`; the reason of a result is a deterministic sentence. Leaves to others: judges, `assert-set` and
the grade of a cell (`use_cases/playground/grading.py`).
"""

import asyncio
from collections.abc import Mapping

from loguru import logger

from services.assertions.asking_checks import AskingCheck
from services.assertions.observation import Check, Observation, Unable
from services.assertions.type_table import PLAIN, UNSUPPORTED, AssertionType, asking
from use_cases.kernel.errors import CandorError
from use_cases.kernel.targets import TargetOutput
from use_cases.kernel.text.plain_text import storable
from use_cases.playground.errors import AssertionInvalid
from use_cases.playground.model import Assertion, AssertionResult, Case, Verdict
from use_cases.playground.ports import CodeRunner, Similarity, Webhook

_NOT = "not-"
_LARGE = 20_000
"""The size in characters from which a check runs in a thread, so that the event loop goes on."""


class AssertionChecks:
    """The checks by type. A port that is None makes an error of each assertion that needs it."""

    def __init__(
        self,
        *,
        similarity: Similarity | None = None,
        webhook: Webhook | None = None,
        code_runner: CodeRunner | None = None,
    ) -> None:
        self._asking = asking(similarity, webhook, code_runner)

    @property
    def types(self) -> frozenset[str]:
        """The names of the types, without `not-`."""
        return self.local_types | frozenset(self._asking)

    @property
    def local_types(self) -> frozenset[str]:
        """Those that need nothing but the output."""
        return frozenset(PLAIN)

    async def check(
        self, assertion: Assertion, output: TargetOutput, case: Case
    ) -> AssertionResult:
        """Checks one output. Never raises."""
        negated = assertion.type.startswith(_NOT)
        name = assertion.type.removeprefix(_NOT)
        try:
            observation = await self._find(name, assertion, output, case)
        except Unable as reason:
            return _error(assertion, AssertionInvalid.code, str(reason))
        except CandorError as error:
            return _error(assertion, error.code, error.detail)
        except RecursionError:
            return _error(assertion, AssertionInvalid.code, "It is nested too deeply.")
        except Exception as error:  # noqa: BLE001  (a fault of a check must not end a run)
            logger.opt(exception=error).error("The assertion {} failed to run.", name)
            reason = f"The check itself failed ({type(error).__name__})."
            return _error(assertion, CandorError.code, reason)
        return _result(assertion, observation, negated=negated)

    async def _find(
        self, name: str, assertion: Assertion, output: TargetOutput, case: Case
    ) -> Observation:
        if plain := PLAIN.get(name):
            if len(output.text) > _LARGE:
                return await asyncio.to_thread(plain.check, assertion, output)
            return plain.check(assertion, output)
        if known := self._asking.get(name):
            return await known.check(assertion, output, case)
        if name in UNSUPPORTED:
            raise Unable(f"The type {name} is not supported: {UNSUPPORTED[name]}.")
        raise Unable(f"The type {name[:60]!r} is unknown.")


def type_table() -> Mapping[str, AssertionType[Check] | AssertionType[AskingCheck]]:
    """Returns all types with what the reference states of them."""
    return {**PLAIN, **asking(None, None, None)}


def _result(assertion: Assertion, observation: Observation, *, negated: bool) -> AssertionResult:
    passed = observation.holds
    score = float(observation.holds) if observation.score is None else observation.score
    if negated:
        passed = not observation.holds if observation.absent is None else observation.absent
        score = 1 - score if observation.unlike is None else observation.unlike
        score = score if observation.score is not None else float(passed)
    score = min(1.0, max(0.0, score))
    if passed:
        return assertion.result(Verdict.PASSED, score, storable(observation.seen))
    should = f"The output should {'not ' if negated else ''}{observation.should}."
    return assertion.result(
        Verdict.FAILED, score, storable(f"{should} {observation.seen}".rstrip())
    )


def _error(assertion: Assertion, code: str, reason: str) -> AssertionResult:
    return assertion.result(Verdict.ERROR, reason=storable(reason), code=code)
