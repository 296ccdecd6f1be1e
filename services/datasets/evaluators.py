"""The evaluators of a pydantic-evals dataset as assertions.

`Equals`, `EqualsExpected`, `Contains`, `IsInstance`, `MaxDuration` and `LLMJudge` have a counterpart;
others, and arguments that change what these mean, are noted, and the others' cases not judged.
"""

from pydantic import JsonValue

from services.datasets.file_values import Misfit, Note, Record, items, note_others, number, text
from use_cases.playground.model import UNRUN, Assertion

_ARGUMENTS = {
    "Equals": ("value",),
    "EqualsExpected": (),
    "Contains": ("value", "case_sensitive", "as_strings"),
    "IsInstance": ("type_name",),
    "MaxDuration": ("seconds",),
    "LLMJudge": ("rubric", "model"),
}
"""The arguments that are understood; the first may stand without its name."""

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
        if name not in _ARGUMENTS:
            note(said := f"{where}: the evaluator {name[:60]!r} is not understood")
            found.append(Assertion(type=UNRUN, value=_literal(said), metric=name[:60]))
            continue
        note_others(arguments, _ARGUMENTS[name], where, note)
        if (assertion := _assertion(name, arguments, expected, where, note)) is not None:
            found.append(assertion)
    return found


def _named(one: JsonValue, place: str) -> tuple[str, Record]:
    """Return the name and the arguments by their names."""
    if isinstance(one, str):
        return one, {}
    if not isinstance(one, dict) or len(one) != 1:
        raise Misfit(f"{place} must be a name, or a name with arguments")
    name, arguments = next(iter(one.items()))
    if isinstance(arguments, list) and len(arguments) == 1:
        arguments = arguments[0]
    if isinstance(arguments, dict):
        return name, arguments
    return name, {next(iter(_ARGUMENTS.get(name, ())), ""): arguments}


def _assertion(
    name: str, arguments: Record, expected: JsonValue, place: str, note: Note
) -> Assertion | None:
    given = arguments.get(next(iter(_ARGUMENTS[name]), ""))
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
    """Return a value whose text holds no placeholder."""
    return value.replace("{{", "{{{{") if isinstance(value, str) else value
