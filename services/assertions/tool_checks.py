"""Checks of the tools that the model called.

Semantics are promptfoo 0.123.1's (`src/assertions/{openai,functionToolCall,toolCallF1,trajectory}.ts`,
MIT). The recorded calls are checked; where there are none, those that the text holds as JSON in the
forms of OpenAI, Anthropic and Google.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice

from pydantic import JsonValue

from services.assertions.json_checks import UnreadableJson, fault_finder, parse
from services.assertions.observation import (
    Observation,
    Unable,
    as_number,
    is_same,
    js_text,
    listed,
    quoted,
    strings_of,
)
from use_cases.kernel.targets import TargetOutput
from use_cases.playground.model import Assertion

_MCP = re.compile(r"MCP Tool (Result|Error)(?: \(([^)]+)\))?")
_LINE = re.compile(r"(?m)^[ \t]*(?:(?P<fence>`{3,}|~{3,})[^\n]*|[{\[])")
_REST = re.compile(r"[^\S\n]*(?:\n|\Z)")
_CALL_TYPES = ("tool_use", "function_call")
_MOST_CALLS = 10_000
_MOST_FAILURES = 100


@dataclass(frozen=True, slots=True)
class Call:
    """A call: its tool and its arguments, as JSON or as the text that is none."""

    name: str
    arguments: JsonValue


def f1_of_calls(assertion: Assertion, output: TargetOutput) -> Observation:
    """Checks that the F1 of the names of called tools against those of the value is at least the
    threshold.
    """
    expected, called = set(strings_of(assertion)), {call.name for call in _calls(output)}
    score = 2 * len(expected & called) / (len(expected) + len(called))
    threshold = 1.0 if assertion.threshold is None else assertion.threshold
    return Observation(
        score >= threshold,
        f"call {listed(sorted(expected))} with an F1 of at least {threshold:g}",
        f"It called {listed(sorted(called))}: {score:.3f}.",
        score=score,
        unlike=score,
    )


def is_valid_call(assertion: Assertion, output: TargetOutput) -> Observation:
    """Checks that every called tool is one of the tools of the value (or of config), with fitting
    arguments.
    """
    should = "be valid tool calls"
    if not output.tool_calls and (reply := _MCP.search(output.text)):
        failed = "MCP Tool Error" in output.text
        return Observation(not failed, should, f"The MCP tool {reply[2] or ''} answered.")
    calls = _calls(output)
    tools = dict(_tools(assertion.value or assertion.config.get("tools")))
    faults = (_call_fault(call, tools) for call in calls)
    fault = next(filter(None, faults), None) if calls else f"It is {quoted(output.text)}."
    return Observation(fault is None, should, fault or "")


def _call_fault(call: Call, tools: Mapping[str, JsonValue]) -> str | None:
    if call.name not in tools:
        return f"There is no tool {quoted(call.name)}."
    if isinstance(call.arguments, str):
        return f"The arguments of {quoted(call.name)} are no JSON."
    fault = fault_finder(tools[call.name])(call.arguments)
    return fault and f"The arguments of {quoted(call.name)} do not fit: {fault}"


def uses_tool(assertion: Assertion, output: TargetOutput) -> Observation:
    """Checks that all tools of the value were called; or one from `min` to `max` times. `*` stands for
    any.
    """
    names = [call.name for call in _calls(output)]
    seen = f"It called {listed(names)}."
    match assertion.value:
        case str() | [_, *_] as value if all(isinstance(one, str) for one in value):
            patterns = [value] if isinstance(value, str) else [js_text(one) for one in value]
            found = [any(_is_like(name, one) for name in names) for one in patterns]
            return Observation(all(found), f"call {listed(patterns)}", seen, absent=not any(found))
        case dict() as value if pattern := value.get("pattern") or value.get("name"):
            low, high = as_number(value.get("min", 1)), as_number(value.get("max"))
            count = sum(_is_like(name, js_text(pattern)) for name in names)
            holds = count >= (low or 0) and (high is None or count <= high)
            bounds = f"at least {low or 0:g}" + ("" if high is None else f", at most {high:g}")
            return Observation(holds, f"call {quoted(pattern)} {bounds} times", seen)
        case _:
            raise Unable("Its value must name a tool, or tools, or have name or pattern.")


def uses_tools_in_order(assertion: Assertion, output: TargetOutput) -> Observation:
    """Checks that the tools of the value were called in this order; with `mode: exact`, and no others."""
    value = assertion.value
    steps = value.get("steps") if isinstance(value, dict) else value
    exact = isinstance(value, dict) and value.get("mode") == "exact"
    if not isinstance(steps, list) or not steps:
        raise Unable("Its value must be a list of tools, or have steps.")
    patterns = [_pattern(step) for step in steps]
    names = [call.name for call in _calls(output)]
    if exact:
        holds = len(names) == len(patterns) and all(map(_is_like, names, patterns))
    else:
        rest = iter(names)
        holds = all(any(_is_like(name, pattern) for name in rest) for pattern in patterns)
    order = "exactly" if exact else "in this order"
    return Observation(holds, f"call {listed(patterns)} {order}", f"It called {listed(names)}.")


def uses_arguments(assertion: Assertion, output: TargetOutput) -> Observation:
    """Checks that a tool was called with the arguments of the value; with `mode: exact`, and no others."""
    value = assertion.value
    if not isinstance(value, dict) or not ("args" in value or "arguments" in value):
        raise Unable("Its value must have name and args.")
    pattern, expected = _pattern(value), value.get("args", value.get("arguments"))
    fits: Callable[[JsonValue, JsonValue], bool] = (
        is_same if value.get("mode") == "exact" else _includes
    )
    found = [call.arguments for call in _calls(output) if _is_like(call.name, pattern)]
    return Observation(
        any(fits(arguments, expected) for arguments in found),
        f"call {quoted(pattern)} with {quoted(expected)}",
        f"It was called with {quoted(found[:3])}.",
    )


def _calls(output: TargetOutput) -> Sequence[Call]:
    if output.tool_calls:
        return [Call(call.name, _arguments(call.arguments)) for call in output.tool_calls]
    try:
        parts: Iterable[JsonValue] = [parse(output.text)]
    except UnreadableJson:
        parts = _blocks(output.text)
    return list(islice((call for part in parts for call in _calls_in(part)), _MOST_CALLS))


def _blocks(text: str) -> Iterator[JsonValue]:
    """Finds the JSON that begins a line and ends one, outside of fenced code."""
    decoder = json.JSONDecoder()
    after = failures = 0
    fence = ""
    for line in _LINE.finditer(text):
        mark = line["fence"]
        if mark and (not fence or line[0].strip() == fence):
            fence = "" if fence else mark
        if fence or mark or line.start() < after or failures > _MOST_FAILURES:
            continue
        start = line.end() - 1
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            failures += 1
            continue
        if _REST.match(text, end):
            after = end
            yield value


def _calls_in(value: JsonValue, *, listed_here: bool = False) -> Iterator[Call]:
    match value:
        case {"tool_calls": list() as calls} | {"toolCall": {"functionCalls": list() as calls}}:
            yield from (call for one in calls for call in _calls_in(one, listed_here=True))
        case {"function": {"name": str() as name, **call}} | {
            "functionCall": {"name": str() as name, **call}
        }:
            yield Call(name, _arguments(call.get("arguments", call.get("args"))))
        case {"name": str() as name, **call} if listed_here or call.get("type") in _CALL_TYPES:
            yield Call(name, _arguments(call.get("arguments", call.get("input"))))
        case list() as items:
            calls = (one for one in items if isinstance(one, dict))
            yield from (call for one in calls for call in _calls_in(one, listed_here=True))
        case _:
            pass


def _arguments(value: JsonValue) -> JsonValue:
    if not isinstance(value, str):
        return value or {}
    try:
        return parse(value)
    except UnreadableJson:
        return value


def _tools(value: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    """Lists the tools of OpenAI's, Anthropic's or Google's form with the schemas of their arguments."""
    for tool in value if isinstance(value, list) else ():
        match tool:
            case {"function": {"name": str() as name, **fields}}:
                yield name, fields.get("parameters")
            case {"functionDeclarations": list() as declared}:
                yield from _tools(declared)
            case {"name": str() as name, **fields}:
                yield name, fields.get("parameters", fields.get("input_schema"))
            case _:
                raise Unable(f"A tool has no name: {quoted(tool)}.")


def _pattern(step: JsonValue) -> str:
    found = (step.get("pattern") or step.get("name")) if isinstance(step, dict) else step
    if not isinstance(found, str) or not found:
        raise Unable("Each tool must be a name or a pattern.")
    return found


def _is_like(name: str, pattern: str) -> bool:
    # promptfoo knows * and ? alone.
    return fnmatchcase(name.lower(), pattern.lower().replace("[", "[[]"))


def _includes(actual: JsonValue, expected: JsonValue) -> bool:
    """Returns whether all of an expected object is in the actual one; lists are compared whole."""
    if isinstance(expected, Mapping):
        return isinstance(actual, Mapping) and all(
            key in actual and _includes(actual[key], part) for key, part in expected.items()
        )
    if isinstance(expected, list):
        return (
            isinstance(actual, list)
            and len(actual) == len(expected)
            and all(map(_includes, actual, expected))
        )
    return is_same(actual, expected)
