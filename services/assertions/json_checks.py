"""Checks that the output is JSON, or contains it, by a JSON Schema where one is given.

Semantics are promptfoo 0.123.1's (`src/assertions/json.ts`, MIT).
"""

from services.assertions.json_schema import fault_finder, schema_of
from services.assertions.observation import Observation, quoted
from services.assertions.strict_json import NotJson, objects_in, parse
from use_cases.kernel.targets import TargetOutput
from use_cases.playground.model import Assertion


def is_json(assertion: Assertion, output: TargetOutput) -> Observation:
    """The whole text is JSON, and fits the schema."""
    schema = schema_of(assertion.value)
    should = "be JSON" if schema is None else "be JSON that fits the schema"
    fault_of = fault_finder(schema)
    try:
        value = parse(output.text)
    except NotJson:
        return Observation(False, should, f"It is {quoted(output.text)}.")
    fault = fault_of(value)
    return Observation(fault is None, should, fault or "")


def contains_json(assertion: Assertion, output: TargetOutput) -> Observation:
    """The text contains a JSON object, one of which fits the schema."""
    schema = schema_of(assertion.value)
    should = "contain JSON" if schema is None else "contain JSON that fits the schema"
    fault_of = fault_finder(schema)
    seen = "It contains none."
    for found in objects_in(output.text):
        fault = fault_of(found)
        if fault is None:
            return Observation(True, should)
        seen = fault
    return Observation(False, should, seen)
