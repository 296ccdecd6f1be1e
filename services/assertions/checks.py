"""The port `Checks`: every assertion that needs no model, in a table of types (name, value, threshold,
meaning, and the check itself).

The reference page is generated from it. Leaves to others: `not-` and errors
(`services/assertions/checks.py`), and all that a judge grades.

Promises: nothing raises; what cannot be checked is the verdict `error` with a reason, also under
`not-`; the reason of a result is a deterministic sentence. Leaves to others: judges, `assert-set` and
the grade of a cell (`use_cases/playground/grading.py`).
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from loguru import logger

from services.assertions import answer_checks as answers
from services.assertions import json_checks, markup_checks, sql_checks
from services.assertions import measurement_checks as measured
from services.assertions import text_checks as texts
from services.assertions import tool_checks as tools
from services.assertions.asking_checks import AskingCheck, code_check, similar_check, webhook_check
from services.assertions.observation import Check, Observation, Unable
from use_cases.kernel.errors import CandorError
from use_cases.kernel.targets import TargetOutput
from use_cases.kernel.text.plain_text import storable
from use_cases.playground.errors import AssertionInvalid
from use_cases.playground.model import Assertion, AssertionResult, Case, Verdict
from use_cases.playground.ports import CodeRunner, Similarity, VectorMetric, Webhook

_AnyCheck = TypeVar("_AnyCheck", bound="Check | AskingCheck")


@dataclass(frozen=True, slots=True)
class AssertionType(Generic[_AnyCheck]):
    """A type as the reference states it: its value, its threshold (empty without one), its meaning."""

    value: str
    threshold: str
    meaning: str
    check: _AnyCheck


_TEXT = "a text that is not empty, or a number"
_LIST = 'a list, or a text with commas: `a, "b, c"`'
_ONE_OR_MORE = "a text, or a list of texts"
_SCHEMA = "nothing, or a JSON Schema: an object, or its text in JSON or YAML"
_SQL = "nothing, or `databaseType`, `allowedTables`, `allowedColumns`"
_PATHS = "nothing, or paths of required elements, such as `root.child`"
_SCHEMAS = "the tools with the schemas of their arguments; else `config.tools`"
_EMBEDDED = "a reference text, or a list of them"

PLAIN: dict[str, AssertionType[Check]] = {
    "equals": AssertionType("any", "", "The output is the value; a list or an object equals the output's JSON.", texts.equals),
    "contains": AssertionType(_TEXT, "", "The output contains the value.", texts.contains(str)),
    "icontains": AssertionType(_TEXT, "", "The same, in any case of letters.", texts.contains(str.lower)),
    "contains-any": AssertionType(_LIST, "", "It contains at least one of them.", texts.contains_some(any, str)),
    "contains-all": AssertionType(_LIST, "", "It contains all of them.", texts.contains_some(all, str)),
    "icontains-any": AssertionType(_LIST, "", "At least one, in any case of letters.", texts.contains_some(any, str.lower)),
    "icontains-all": AssertionType(_LIST, "", "All of them, in any case of letters.", texts.contains_some(all, str.lower)),
    "starts-with": AssertionType("a text", "", "The output begins with it.", texts.starts_with),
    "regex": AssertionType("a pattern of JavaScript; `config.flags` may hold i, m, s, u", "", "It matches somewhere, in linear time: no look-around, no back-references.", texts.matches),
    "levenshtein": AssertionType("a text", "edits, 5", "At most so many characters are inserted, deleted or replaced.", texts.is_near),
    "word-count": AssertionType("a number, or `min` and `max`", "", "The number of words, split at white space.", texts.counts_words),
    "is-refusal": AssertionType("nothing", "", "The output refuses, by promptfoo's list of phrases; an empty one does.", texts.is_refusal),
    "is-json": AssertionType(_SCHEMA, "", "The whole output is JSON that fits the schema.", json_checks.is_json),
    "contains-json": AssertionType(_SCHEMA, "", "An object in the output fits the schema.", json_checks.contains_json),
    "is-html": AssertionType("nothing", "", "The whole output is HTML, without text outside of elements.", markup_checks.is_html),
    "contains-html": AssertionType("nothing", "", "It shows at least two signs of HTML.", markup_checks.contains_html),
    "is-xml": AssertionType(_PATHS, "", "The whole output is well-formed XML with these elements.", markup_checks.is_xml),
    "contains-xml": AssertionType(_PATHS, "", "A part of it is XML with these elements.", markup_checks.contains_xml),
    "is-sql": AssertionType(_SQL, "", "The whole output is SQL (MySQL, unless `databaseType` says otherwise).", sql_checks.is_sql),
    "contains-sql": AssertionType(_SQL, "", "A fenced block of it, or all of it, is SQL.", sql_checks.contains_sql),
    "rouge-n": AssertionType(_EMBEDDED, "0.75", "F1 of single tokens, as promptfoo counts them.", measured.overlap(measured.rouge_n, "ROUGE-N", 0.75)),
    "rouge-1": AssertionType(_EMBEDDED, "0.75", "F1 of words of letters and digits (Google's ROUGE-1).", measured.overlap(partial(measured.google_rouge, 1), "ROUGE-1", 0.75)),
    "rouge-2": AssertionType(_EMBEDDED, "0.75", "F1 of pairs of words (Google's ROUGE-2).", measured.overlap(partial(measured.google_rouge, 2), "ROUGE-2", 0.75)),
    "rouge-l": AssertionType(_EMBEDDED, "0.75", "F1 of the longest common subsequence (Google's ROUGE-L).", measured.overlap(measured.google_rouge_l, "ROUGE-L", 0.75)),
    "bleu": AssertionType(_EMBEDDED, "0.5", "BLEU-4 of lower-case words.", measured.overlap(measured.bleu, "BLEU", 0.5)),
    "gleu": AssertionType(_EMBEDDED, "0.5", "GLEU: the lesser of precision and recall over n-grams up to four.", measured.overlap(measured.gleu, "GLEU", 0.5)),
    "latency": AssertionType("nothing", "milliseconds, needed", "The answer took at most so long.", measured.latency),
    "cost": AssertionType("nothing", "US dollars, needed", "The answer cost at most so much.", measured.cost),
    "perplexity": AssertionType("nothing", "perplexity", "exp(-mean log probability) is at most the threshold.", measured.perplexity),
    "perplexity-score": AssertionType("nothing", "0 to 1", "1 / (1 + exp(-mean log probability)) is at least the threshold.", measured.perplexity_score),
    "finish-reason": AssertionType("a reason, such as `stop`", "", "The model stopped for this reason.", measured.finish_reason),
    "tool-call-f1": AssertionType("names of tools", "1", "F1 of the called tools' names against these.", tools.f1_of_calls),
    "is-valid-function-call": AssertionType(_SCHEMAS, "", "The called tools exist and their arguments fit.", tools.is_valid_call),
    "is-valid-openai-function-call": AssertionType(_SCHEMAS, "", "The same.", tools.is_valid_call),
    "is-valid-openai-tools-call": AssertionType(_SCHEMAS, "", "The same.", tools.is_valid_call),
    "trajectory:tool-used": AssertionType("a tool or several (`*` stands for any text), or `name`, `min`, `max`", "", "They were called; under `not-`, none of them.", tools.uses_tool),
    "trajectory:tool-sequence": AssertionType("a list of tools, or `steps` and `mode`", "", "They were called in this order; `mode: exact` allows no others.", tools.uses_tools_in_order),
    "trajectory:tool-args-match": AssertionType("`name`, `args`, `mode`", "", "The tool was called with these arguments; `mode: exact` allows no others.", tools.uses_arguments),
    "unrun": AssertionType("why", "", "Never decided: it stands for an assertion of another tool's file that Candor cannot run, so that its case is not judged.", answers.is_not_run),
    "outcome-is": AssertionType(_ONE_OR_MORE, "", "The answer has this outcome, such as `not_found`.", answers.is_one_of("outcome", "outcome")),
    "cites-document": AssertionType(_ONE_OR_MORE, "", "All these documents are cited, by name, title or id; under `not-`, none.", answers.cites_document),
    "quotes-span": AssertionType(_ONE_OR_MORE, "", "All these texts are within quoted spans of sources; under `not-`, none.", answers.quotes_span),
    "citations-exact": AssertionType("nothing", "", "Every marker names a source, and every source is quoted exactly and not weakly.", answers.cites_exactly),
    "sql-returns": AssertionType("a cell, a list of cells, or a list of rows", "", "A query's result has these cells, or is exactly these rows.", answers.sql_returns),
    "choice-is": AssertionType(_ONE_OR_MORE, "", "The advice recommends this choice.", answers.is_one_of("choice", "choice")),
    "phrase-is": AssertionType(_ONE_OR_MORE, "", "The advice states its confidence by this phrase.", answers.is_one_of("phrase", "phrase")),
    "confidence-between": AssertionType("two numbers from 0 to 1, or `min` and `max`", "", "The advice's confidence is from the first to the second.", answers.is_confident),
}  # fmt: skip


def asking(
    embedder: Similarity | None, webhook: Webhook | None, runner: CodeRunner | None
) -> dict[str, AssertionType[AskingCheck]]:
    """Returns the types that ask something outside, with the ports they ask."""
    meanings = {
        VectorMetric.COSINE: "Cosine similarity of embeddings is at least the threshold.",
        VectorMetric.DOT: "The dot product of embeddings is at least the threshold.",
        VectorMetric.EUCLIDEAN: "The distance of embeddings is at most the threshold.",
    }
    table = {
        f"similar:{metric}": AssertionType(
            _EMBEDDED, "0.75", meaning, similar_check(embedder, metric)
        )
        for metric, meaning in meanings.items()
    }
    return {
        "similar": table["similar:cosine"],
        **table,
        "webhook": AssertionType("an address", "", "The address answers `pass: true`, and perhaps `score` and `reason`.", webhook_check(webhook)),
        "python": AssertionType("`file://checks.py:function`", "a score", "The function of a file that the operator named returns a truth, a score, or both.", code_check(runner)),
    }  # fmt: skip


UNSUPPORTED = {
    "meteor": "it needs WordNet's data; use rouge-l, bleu or similar",
    "javascript": "Candor runs no JavaScript; use a python assertion from a file, or a webhook",
    "ruby": "Candor runs no Ruby; use a python assertion from a file, or a webhook",
    "classifier": "there is no classifier; use llm-rubric",
    "moderation": "there is no moderation service; use llm-rubric",
    "guardrails": "providers' guardrails are not recorded; use is-refusal or finish-reason",
    "pi": "it is a service of others; use llm-rubric",
    "human": "label outputs with `candor eval label`",
    "skill-used": "skills are not recorded; use trajectory:tool-used",
    "agent-rubric": "use llm-rubric",
    "search-rubric": "use llm-rubric",
    "trajectory:step-count": "only calls of tools are recorded; use trajectory:tool-used",
    "trajectory:goal-success": "use llm-rubric",
    "trace-error-spans": "traces are not recorded",
    "trace-span-count": "traces are not recorded",
    "trace-span-duration": "traces are not recorded; use latency",
}
"""promptfoo's types that Candor does not check, with what to do instead."""


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
