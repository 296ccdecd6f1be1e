"""The form of a case in JSON: the one that is stored, that files hold, and that digests name.

It is promptfoo's form of a test (`vars`, `assert`, …) with `id` and `expected`; empty fields are left
out. Promises: `case_of(record_of(case))` equals the case, and two cases with the same content have the
same digest, whatever the order of their names. Leaves to others: what files may write beside this form
(`services.datasets.case_forms`).
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, cast

from pydantic import JsonValue

from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.text.plain_text import storable
from use_cases.playground.model import Assertion, Case


def record_of(case: Case) -> dict[str, JsonValue]:
    """Returns a case as an object."""
    record: dict[str, JsonValue] = {
        "id": case.key,
        "description": case.description or None,
        "vars": dict(case.variables),
        "expected": case.expected,
        "assert": [_assertion_record(each) for each in case.assertions] or None,
        "threshold": case.threshold,
        "metadata": dict(case.metadata) or None,
    }
    return {name: value for name, value in record.items() if value is not None}


def case_of(record: Mapping[str, JsonValue]) -> Case:
    """Returns the case that `record_of` made the object from."""
    found = cast("Mapping[str, Any]", record)
    return Case(
        key=found["id"],
        variables=found["vars"],
        expected=found.get("expected"),
        assertions=_assertions(found.get("assert", ())),
        threshold=found.get("threshold"),
        description=found.get("description", ""),
        metadata=found.get("metadata", {}),
    )


def text_of(case: Case) -> str:
    """Returns its JSON as text that every database can hold. Raises `InvalidInput` for infinity and
    not-a-number, which JSON lacks.
    """
    written = _dump(record_of(case))
    if written != storable(written):  # half a surrogate pair, which only an escape can hold
        written = json.dumps(record_of(case), separators=(",", ":"))
    return written


def digest_of(case: Case) -> str:
    """Returns the SHA-256 of its canonical JSON, in hexadecimal: keys sorted, no blanks, UTF-8."""
    canonical = _dump(record_of(case), sort_keys=True)
    return sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def _dump(record: Mapping[str, JsonValue], *, sort_keys: bool = False) -> str:
    try:
        return json.dumps(
            record, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=sort_keys
        )
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"The case {str(record['id'])[:60]!r} is no JSON: {error}.") from error


def _assertion_record(assertion: Assertion) -> dict[str, JsonValue]:
    record: dict[str, JsonValue] = {
        "type": assertion.type,
        "value": assertion.value,
        "threshold": assertion.threshold,
        "weight": None if assertion.weight == 1 else assertion.weight,
        "required": assertion.required or None,
        "metric": assertion.metric,
        "judge": assertion.judge,
        "config": dict(assertion.config) or None,
        "assert": [_assertion_record(each) for each in assertion.assertions] or None,
    }
    return {name: value for name, value in record.items() if value is not None}


def _assertions(records: Sequence[Mapping[str, Any]]) -> Sequence[Assertion]:
    return tuple(
        Assertion(
            **{name: value for name, value in record.items() if name != "assert"},
            assertions=_assertions(record.get("assert", ())),
        )
        for record in records
    )
