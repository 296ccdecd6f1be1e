"""Labels as people write them in files: one record for each, read with the errors of its fields.

Promises: a record without a label is one that nobody has labelled yet, and is skipped. Leaves to
others: the formats of files, and whether the run has such an answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

COLUMNS = (
    "place",
    "case",
    "variant",
    "repeat",
    "assertion",
    "input",
    "output",
    "criterion",
    "label",
    "note",
    "output_sha256",
)
"""The columns of the file that people fill in; `labeller` may stand beside them."""

_WORDS = {
    **dict.fromkeys(("pass", "passed", "p", "true", "1", "yes"), True),
    **dict.fromkeys(("fail", "failed", "f", "false", "0", "no"), False),
}
_LONGEST = {"labeller": 128, "note": 10_000}


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenLabel:
    """A label as it is given: of the answer at a `place`, or of a case, variant and repeat.

    `line` is its line in a file. Empty fields are not given: a run of one variant needs none, and a
    cell with one judged assertion needs no `assertion`. `output_digest` is that of the output that
    was labelled.
    """

    line: int
    passed: bool
    place: int | None = None
    case: str = ""
    variant: str = ""
    repeat: int = 0
    assertion: str = ""
    labeller: str = ""
    note: str = ""
    output_digest: str = ""


def read_label(line: int, record: Mapping[str, JsonValue]) -> GivenLabel | str | None:
    """Return the label of a record, a sentence that says why it has none, or None where it is empty."""
    word = _text(record.get("label")).strip().lower()
    if not word:
        return None
    if word not in _WORDS:
        return f"the label is {word[:40]!r}; it is pass or fail."
    numbers: dict[str, int | None] = {}
    for name in ("place", "repeat"):
        written = _text(record.get(name)).strip()
        if written and not (written.isascii() and written.isdigit() and len(written) < 10):
            return f"{name} is {written[:40]!r}, which is no number from 0."
        numbers[name] = int(written) if written else None
    case = _text(record.get("case"))
    if numbers["place"] is None and not case:
        return "it names neither a place nor a case."
    for name, most in _LONGEST.items():
        if len(_text(record.get(name))) > most:
            return f"{name} is longer than {most:,} characters."
    return GivenLabel(
        line=line,
        passed=_WORDS[word],
        place=numbers["place"],
        case=case,
        variant=_text(record.get("variant")),
        repeat=numbers["repeat"] or 0,
        assertion=_text(record.get("assertion")).strip(),
        labeller=_text(record.get("labeller")).strip(),
        note=_text(record.get("note")),
        output_digest=_text(record.get("output_sha256")).strip().lower(),
    )


def _text(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
