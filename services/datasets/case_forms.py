"""Cases as files write them.

- with `vars`: promptfoo's form (`vars`, `assert`, `description`, `metadata`, `threshold`), and `id`,
  `expected`;
- with `inputs`: pydantic-evals' form (`name`, `inputs`, `expected_output`, `metadata`, `evaluators`);
- else every field is a variable, but for `id` or `key`, `expected`, `assert` and `metadata`.

In a CSV file every column is a variable, but for `id` or `key`, `expected`, `assert` and `metadata`
(JSON) and promptfoo's columns with two underscores.

Promises: each case has a key of its own: its id, else the SHA-256 of its variables, with a counter
where several have the same.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import JsonValue

from services.datasets.assertion_forms import (
    Resolve,
    assertion_of_text,
    assertions_of,
    assertions_of_evaluators,
)
from services.datasets.file_values import (
    Misfit,
    Note,
    Record,
    fields,
    mapping,
    note_others,
    number,
    refuse,
    text,
)
from use_cases.playground.model import UNRUN, Assertion, Case

_IDS = ("id", "key")
_TEST = ("vars", "assert", "description", "metadata", "threshold", "expected", "options", *_IDS)
_EVALS = ("name", "inputs", "expected_output", "metadata", "evaluators", *_IDS)
_OWN = ("expected", "assert", "metadata", *_IDS)
_EXPECTED = re.compile(r"__expected(\d*)")
_THRESHOLD = re.compile(r"__config:__expected(\d*):threshold")
_METADATA = "__metadata:"
_LIST_END = "[]"
_SPLIT = re.compile(r"(?<!\\),")
_DETAILS = ("__description", "__metric", "__threshold")
_QUOTED_FORMULA = re.compile(r"'+[=+\-@\t\r]")


class Keys:
    """Gives each case its key. It remembers 8 bytes of each, so that a file may have millions."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._repeats: dict[str, int] = {}

    def give(self, case: Case) -> Case:
        """Returns the case with a key that no other has. Raises `Misfit` for an id used twice."""
        key = case.key or _digest(case.variables)
        while not self._is_new(key):
            if case.key:
                raise Misfit(f"the id {key[:60]!r} is used twice")
            base = key.partition("-")[0]
            self._repeats[base] = self._repeats.get(base, 1) + 1
            key = f"{base}-{self._repeats[base]}"
        return replace(case, key=key)

    def _is_new(self, key: str) -> bool:
        short = int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:8])
        if short in self._seen:
            return False
        self._seen.add(short)
        return True


def _digest(variables: Mapping[str, JsonValue]) -> str:
    form = json.dumps(variables, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(form.encode("utf-8", "surrogatepass")).hexdigest()


def case_of(
    value: JsonValue,
    place: str,
    note: Note,
    resolve: Resolve | None = None,
    templates: Mapping[str, JsonValue] | None = None,
) -> Case:
    """Reads a case; its key is empty where it has no id. Raises `Misfit`."""
    record = mapping(value, place or "a case")
    if not record:
        raise Misfit(f"{place or 'a case'} is empty")
    dot = f"{place}." if place else ""
    if "inputs" in record and "vars" not in record:
        return _case_of_evals(record, place, note)
    assertions = assertions_of(record.get("assert"), f"{dot}assert", note, resolve, templates)
    case = Case(
        key=_id(record, dot),
        expected=record.get("expected"),
        assertions=tuple(assertions),
        metadata=mapping(record.get("metadata"), f"{dot}metadata"),
    )
    if "vars" not in record and not ("assert" in record and record.keys() <= set(_TEST)):
        return replace(case, variables=_without(record, _OWN))
    note_others(record, _TEST, place, note)
    options = fields(record.get("options"), (), f"{dot}options", note)
    return replace(
        case,
        assertions=unrun_after(options, assertions),
        variables=mapping(record.get("vars"), f"{dot}vars"),
        threshold=number(record.get("threshold"), f"{dot}threshold"),
        description=str(record.get("description") or ""),
    )


def unrun_after(options: Record, assertions: Sequence[Assertion]) -> tuple[Assertion, ...]:
    """Returns the assertions, none of which can be run where `options` transform the output before."""
    if not any(options.get(name) for name in ("transform", "postprocess")):
        return tuple(assertions)
    why = "the output would be transformed by JavaScript before, which Candor does not run"
    given = assertions or [Assertion(type="transform")]
    return tuple(replace(each, type=UNRUN, value=why, metric=each.name) for each in given)


def _case_of_evals(record: Record, place: str, note: Note) -> Case:
    dot = f"{place}." if place else ""
    note_others(record, _EVALS, place, note)
    inputs, expected = record["inputs"], record.get("expected_output")
    return Case(
        key=_id(record, dot) or str(record.get("name") or ""),
        variables=inputs if isinstance(inputs, dict) else {"input": inputs},
        expected=expected,
        assertions=tuple(
            assertions_of_evaluators(record.get("evaluators"), f"{dot}evaluators", note, expected)
        ),
        description=str(record.get("name") or ""),
        metadata=mapping(record.get("metadata"), f"{dot}metadata"),
    )


def _id(record: Record, dot: str) -> str:
    name = next((name for name in _IDS if record.get(name) not in (None, "")), None)
    return text(record[name], f"{dot}{name}") if name else ""


def _without(record: Record, names: Sequence[str]) -> Record:
    return {name: value for name, value in record.items() if name not in names}


@dataclass(frozen=True, slots=True)
class Row:
    """The columns of a CSV file, each by what it means. Raises `Misfit` for an unknown `__column`."""

    header: Sequence[str]

    def __post_init__(self) -> None:
        """Refuses columns that would be skipped."""
        for name in self.header:
            threshold = _THRESHOLD.fullmatch(name)
            known = name in _DETAILS or _EXPECTED.fullmatch(name)
            if threshold is not None:
                known = f"__expected{threshold[1]}" in self.header
            if name.startswith("__") and not known and not name.startswith(_METADATA):
                raise Misfit(f"the column {name[:60]!r} is not understood")

    def case(self, cells: Sequence[str]) -> Case:
        """Reads a row; its key is empty where it has no id. Raises `Misfit`."""
        row = dict(zip(self.header, map(unquoted, cells), strict=True))
        if row.pop("", ""):
            raise Misfit("a cell stands below a column without a name")
        metric = row.get("__metric", "").strip() or None
        assertions = [
            replace(each, metric=metric) if metric else each for each in self._expected(row)
        ]
        return Case(
            key=next((row[name] for name in _IDS if row.get(name, "").strip()), ""),
            variables={
                name: cell
                for name, cell in row.items()
                if name not in _OWN and not name.startswith("__")
            },
            expected=row.get("expected") or None,
            assertions=(*assertions, *assertions_of(_json(row, "assert"), "assert", refuse)),
            threshold=number(row.get("__threshold", "").strip(), "__threshold"),
            description=row.get("__description", ""),
            metadata={**mapping(_json(row, "metadata"), "metadata"), **_metadata(row)},
        )

    def _expected(self, row: Mapping[str, str]) -> list[Assertion]:
        thresholds = {
            found[1]: number(cell.strip(), name)
            for name, cell in row.items()
            if (found := _THRESHOLD.fullmatch(name))
        }
        assertions: list[Assertion] = []
        for name, cell in row.items():
            column = _EXPECTED.fullmatch(name)
            if column and cell.strip():
                assertion = assertion_of_text(cell)
                threshold = thresholds.get(column[1])
                assertions.append(
                    assertion if threshold is None else replace(assertion, threshold=threshold)
                )
        return assertions


def unquoted(cell: str) -> str:
    """Takes the quotation mark away that keeps a spreadsheet from computing a cell."""
    return cell[1:] if cell[:1] == "'" and _QUOTED_FORMULA.match(cell) else cell


def _metadata(row: Mapping[str, str]) -> Record:
    found: Record = {}
    for name, cell in row.items():
        if not name.startswith(_METADATA) or not cell.strip():
            continue
        key = name.removeprefix(_METADATA)
        if key.endswith(_LIST_END):
            parts = [part.strip().replace("\\,", ",") for part in _SPLIT.split(cell)]
            found[key.removesuffix(_LIST_END)] = list[JsonValue](parts)
        else:
            found[key] = cell
    return found


def _json(row: Mapping[str, str], name: str) -> JsonValue:
    cell = row.get(name, "").strip()
    if not cell:
        return None
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        raise Misfit(f"the column {name!r} must hold JSON") from None
