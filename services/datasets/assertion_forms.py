"""Assertions as files write them: promptfoo's objects, its texts in CSV (`contains:foo`), and evaluators.

The texts follow promptfoo 0.123.1: `not-`, a type, a threshold in parentheses, a colon and a value;
any other text is `equals`. Code is never taken from a dataset, and from an evaluation only as the name
of a Python file. The evaluators `Equals`, `EqualsExpected`, `Contains`, `IsInstance`, `MaxDuration` and
`LLMJudge` of a pydantic-evals dataset have a counterpart; others, and arguments that change what these
mean, are noted, and the others' cases not judged.
"""

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from pydantic import JsonValue

from services.datasets.file_values import (
    Misfit,
    Note,
    Record,
    items,
    mapping,
    note_others,
    number,
    text,
)
from services.datasets.prompt_forms import model_of
from use_cases.playground.model import UNRUN, Assertion

Resolve: TypeAlias = Callable[[str, str], JsonValue]
"""Takes a reference `file://…` and a place, and returns what the file holds."""

CODE = "code in a dataset is never run; name a Python file in an evaluation (`python`, `file://check.py`)"
_JAVASCRIPT = "Candor runs no JavaScript; use `python` with `file://check.py`, or `webhook`"
_TYPES = (
    "answer-relevance bleu classifier contains contains-all contains-any contains-html contains-json "
    "contains-sql contains-xml context-faithfulness context-recall context-relevance "
    "conversation-relevance cost equals factuality finish-reason g-eval gleu guardrails icontains "
    "icontains-all icontains-any is-html is-json is-refusal is-sql is-valid-function-call "
    "is-valid-openai-function-call is-valid-openai-tools-call is-xml latency levenshtein llm-rubric "
    "meteor model-graded-closedqa model-graded-factuality moderation perplexity perplexity-score pi "
    "regex rouge-n select-best max-score similar similar:cosine similar:dot similar:euclidean "
    "starts-with tool-call-f1 trajectory:tool-args-match trajectory:tool-sequence trajectory:tool-used "
    "webhook word-count "
    "outcome-is cites-document quotes-span citations-exact sql-returns choice-is phrase-is "
    "confidence-between rouge-1 rouge-2 rouge-l"
)
_WRITTEN = re.compile(
    rf"(not-)?({'|'.join(sorted(_TYPES.split(), key=len, reverse=True))})"
    r"(?:\((\d+(?:\.\d+)?)\))?(?::(.*))?",
    re.DOTALL,
)
_CODE = re.compile(r"(?:javascript|fn|eval|python|ruby):|file://.*\.(?:js|cjs|mjs|ts|py)(?::|$)")
_THRESHOLDS = {
    "similar": 0.8,
    **dict.fromkeys(("answer-relevance", "levenshtein", "perplexity-score", "rouge-n"), 0.75),
    **dict.fromkeys(("context-faithfulness", "context-recall", "context-relevance"), 0.75),
}
_GRADERS = ("provider", "judge")
_FIELDS = frozenset(
    ("type", "value", "threshold", "weight", "required", "metric", "config", "assert", *_GRADERS)
)
_SCHEMED = ("is-json", "contains-json")


def assertion_of_text(written: str) -> Assertion:
    """Reads a cell of the column `__expected`. Raises `Misfit` for code."""
    written = written.strip()
    if _CODE.match(written):
        raise Misfit(f"{written[:40]!r}: {CODE}")
    if written.startswith("grade:"):
        return Assertion(type="llm-rubric", value=written.removeprefix("grade:"))
    found = _WRITTEN.fullmatch(written)
    if found is None:
        return Assertion(type="equals", value=written)
    negated, name, threshold, value = found.groups()
    default = _THRESHOLDS.get(name)
    return Assertion(
        type=f"{negated or ''}{name}",
        value=value if value is None or name in _SCHEMED or name == "llm-rubric" else value.strip(),
        threshold=float(threshold) if threshold else default,
    )


def assertions_of(
    value: JsonValue,
    place: str,
    note: Note,
    resolve: Resolve | None = None,
    templates: Mapping[str, JsonValue] | None = None,
) -> list[Assertion]:
    """Reads a list of assertions; one that cannot be run is noted, and stays as `unrun`. Raises
    `Misfit`.

    Without `resolve` a file is not read and code is refused: so it is for datasets. `templates` are
    what `$ref: "#/assertionTemplates/name"` stands for.
    """
    found: list[Assertion] = []
    for at, one in enumerate(items(value, place)):
        where = f"{place}[{at}]"
        if isinstance(one, str):
            found.append(assertion_of_text(one))
            continue
        record = _referred(mapping(one, where), where, templates or {})
        found.append(_assertion(record, where, note, resolve, templates))
    return found


def _assertion(
    record: Record,
    place: str,
    note: Note,
    resolve: Resolve | None,
    templates: Mapping[str, JsonValue] | None,
) -> Assertion:
    kind = text(record.get("type"), f"{place}.type")
    note_others(record, _FIELDS, place, note)
    value = record.get("value")
    base = kind.removeprefix("not-")
    is_file = isinstance(value, str) and value.startswith("file://")
    why = ""
    if base in ("javascript", "ruby") or record.get("transform"):
        why = _JAVASCRIPT
    elif base == "python" and (resolve is None or not is_file):
        why = CODE
    if why:
        note(f"{place}: {why}")
        kind, value, is_file = UNRUN, why, False
    if is_file:
        if resolve is None:
            raise Misfit(f"{place}: a dataset cannot name files")
        value = resolve(str(value), place)
    weight = number(record.get("weight"), f"{place}.weight")
    metric = record.get("metric") or (base if why else None)
    return Assertion(
        type=kind,
        value=value,
        threshold=number(record.get("threshold"), f"{place}.threshold"),
        weight=1.0 if weight is None else weight,
        required=record.get("required") is True,
        metric=text(metric, f"{place}.metric") if metric else None,
        judge=_judge(record, place, note),
        config=mapping(record.get("config"), f"{place}.config"),
        assertions=tuple(
            assertions_of(record.get("assert"), f"{place}.assert", note, resolve, templates)
        ),
    )


def _judge(record: Record, place: str, note: Note) -> str | None:
    given = record.get("judge") or record.get("provider")
    if isinstance(given, dict):
        note_others(given, ("id",), f"{place}.provider", note)
        given = given.get("id")
    written = text(given, f"{place}.provider") if given else None
    return model_of(written) or written if written else None


def _referred(record: Record, place: str, templates: Mapping[str, JsonValue]) -> Record:
    """Returns an assertion with the fields of the template that it refers to behind its own."""
    reference = record.get("$ref")
    if reference is None:
        return record
    name = str(reference).removeprefix("#/assertionTemplates/")
    if name not in templates:
        raise Misfit(f"{place}: there is no template {name!r} in assertionTemplates")
    own = {field: value for field, value in record.items() if field != "$ref"}
    return {**mapping(templates[name], f"assertionTemplates.{name}"), **own}


_EVALUATORS = {
    "Equals": ("value",),
    "EqualsExpected": (),
    "Contains": ("value", "case_sensitive", "as_strings"),
    "IsInstance": ("type_name",),
    "MaxDuration": ("seconds",),
    "LLMJudge": ("rubric", "model"),
}
"""The evaluators that have a counterpart, with their arguments; the first may stand without its name."""

_SHAPES = {
    "dict": "object",
    "list": "array",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
}


def assertions_of_evaluators(
    value: JsonValue, place: str, note: Note, expected: JsonValue
) -> list[Assertion]:
    """Reads a list of evaluators for a case with this expected output. Raises `Misfit`."""
    found: list[Assertion] = []
    for at, one in enumerate(items(value, place)):
        where = f"{place}[{at}]"
        name, arguments = _named(one, where)
        if name not in _EVALUATORS:
            note(said := f"{where}: the evaluator {name[:60]!r} is not understood")
            found.append(Assertion(type=UNRUN, value=_literal(said), metric=name[:60]))
            continue
        note_others(arguments, _EVALUATORS[name], where, note)
        if (assertion := _evaluator(name, arguments, expected, where, note)) is not None:
            found.append(assertion)
    return found


def _named(one: JsonValue, place: str) -> tuple[str, Record]:
    """Returns the name and the arguments by their names."""
    if isinstance(one, str):
        return one, {}
    if not isinstance(one, dict) or len(one) != 1:
        raise Misfit(f"{place} must be a name, or a name with arguments")
    name, arguments = next(iter(one.items()))
    if isinstance(arguments, list) and len(arguments) == 1:
        arguments = arguments[0]
    if isinstance(arguments, dict):
        return name, arguments
    return name, {next(iter(_EVALUATORS.get(name, ())), ""): arguments}


def _evaluator(
    name: str, arguments: Record, expected: JsonValue, place: str, note: Note
) -> Assertion | None:
    given = arguments.get(next(iter(_EVALUATORS[name]), ""))
    found: Assertion | None = None
    match name:
        case "Equals":
            found = Assertion(type="equals", value=_literal(given))
        case "EqualsExpected":
            if expected is not None:
                found = Assertion(type="equals", value=_literal(expected))
        case "Contains":
            kind = "icontains" if arguments.get("case_sensitive") is False else "contains"
            found = Assertion(type=kind, value=_literal(given))
        case "MaxDuration":
            seconds = number(given, f"{place}.seconds")
            if seconds is None:
                note(f"{place}: MaxDuration needs a number of seconds")
            else:
                found = Assertion(type="latency", threshold=seconds * 1000)
        case "IsInstance":
            shape = text(given, f"{place}.type_name")
            if shape in _SHAPES:
                found = Assertion(type="is-json", value={"type": _SHAPES[shape]})
            else:
                said = "an output is text, and only JSON's types are checked"
                note(said := f"{place}: IsInstance {shape[:60]!r}: {said}")
                if shape != "str":
                    found = Assertion(type=UNRUN, value=_literal(said), metric=name)
        case _:
            found = Assertion(
                type="llm-rubric",
                value=_literal(text(given, f"{place}.rubric")),
                judge=text(model, f"{place}.model") if (model := arguments.get("model")) else None,
            )
    return found


def _literal(value: JsonValue) -> JsonValue:
    """Returns a value whose text holds no placeholder."""
    return value.replace("{{", "{{{{") if isinstance(value, str) else value
