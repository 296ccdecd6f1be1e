"""The evaluators of a pydantic-evals dataset as assertions.

`Equals`, `EqualsExpected`, `Contains`, `IsInstance`, `MaxDuration` and `LLMJudge` have a counterpart;
others, and arguments that change what these mean, are noted.
"""

from collections.abc import Callable, Mapping

from pydantic import JsonValue

from services.datasets.fields import Misfit, Note, Record, items, note_others, number, text
from use_cases.playground.model import Assertion

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
    """Read a list of evaluators for a case with this expected output. Raises `Misfit`."""
    found: list[Assertion] = []
    for at, one in enumerate(items(value, place)):
        where = f"{place}[{at}]"
        name, arguments = _named(one, where)
        build = _BUILDERS.get(name)
        if build is None:
            note(f"{where}: the evaluator {name[:60]!r} is not understood")
        elif (assertion := build(arguments, expected, where, note)) is not None:
            found.append(assertion)
    return found


def _named(one: JsonValue, place: str) -> tuple[str, Record]:
    """Return the name and the arguments; a single one without a name is under the empty name."""
    if isinstance(one, str):
        return one, {}
    if isinstance(one, dict) and len(one) == 1:
        name, arguments = next(iter(one.items()))
        if isinstance(arguments, list) and len(arguments) == 1:
            arguments = arguments[0]
        return name, arguments if isinstance(arguments, dict) else {"": arguments}
    raise Misfit(f"{place} must be a name, or a name with arguments")


def _literal(value: JsonValue) -> JsonValue:
    """Return a value whose text holds no placeholder."""
    return value.replace("{{", "{{{{") if isinstance(value, str) else value


def _equals(arguments: Record, _: JsonValue, place: str, note: Note) -> Assertion:
    note_others(arguments, ("value", ""), place, note)
    return Assertion(type="equals", value=_literal(_argument(arguments, "value")))


def _equals_expected(
    arguments: Record, expected: JsonValue, place: str, note: Note
) -> Assertion | None:
    note_others(arguments, (), place, note)
    return None if expected is None else Assertion(type="equals", value=_literal(expected))


def _contains(arguments: Record, _: JsonValue, place: str, note: Note) -> Assertion:
    note_others(arguments, ("value", "", "case_sensitive", "as_strings"), place, note)
    kind = "icontains" if arguments.get("case_sensitive") is False else "contains"
    return Assertion(type=kind, value=_literal(_argument(arguments, "value")))


def _is_instance(arguments: Record, _: JsonValue, place: str, note: Note) -> Assertion | None:
    name = text(_argument(arguments, "type_name"), f"{place}.type_name")
    if name not in _SHAPES:
        note(
            f"{place}: IsInstance {name[:60]!r}: an output is text, and only JSON's types are checked"
        )
        return None
    return Assertion(type="is-json", value={"type": _SHAPES[name]})


def _max_duration(arguments: Record, _: JsonValue, place: str, note: Note) -> Assertion | None:
    seconds = number(_argument(arguments, "seconds"), f"{place}.seconds")
    if seconds is None:
        note(f"{place}: MaxDuration needs a number of seconds")
        return None
    return Assertion(type="latency", threshold=seconds * 1000)


def _llm_judge(arguments: Record, _: JsonValue, place: str, note: Note) -> Assertion:
    note_others(arguments, ("rubric", "", "model"), place, note)
    model = arguments.get("model")
    return Assertion(
        type="llm-rubric",
        value=_literal(text(_argument(arguments, "rubric"), f"{place}.rubric")),
        judge=text(model, f"{place}.model") if model else None,
    )


def _argument(arguments: Record, name: str) -> JsonValue:
    return arguments[name] if name in arguments else arguments.get("")


_Build = Callable[[Record, JsonValue, str, Note], Assertion | None]
_BUILDERS: Mapping[str, _Build] = {
    "Equals": _equals,
    "EqualsExpected": _equals_expected,
    "Contains": _contains,
    "IsInstance": _is_instance,
    "MaxDuration": _max_duration,
    "LLMJudge": _llm_judge,
}
