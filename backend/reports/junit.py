"""An evaluation as JUnit XML, which every CI system reads.

Promises: one `testsuite` a variant and one `testcase` a cell; a failed check is a `failure`, a check
or a call that could not be done an `error`, a cell without a check `skipped`; the counts are those of
the cells that follow; well-formed XML 1.0 for any text. The elements are those of the Ant task that
the format comes from (testsuites, testsuite, testcase; times in seconds).
"""

import re
import zlib
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from backend.reports.case_rows import verdict_of
from backend.reports.exports import Form
from use_cases.kernel.text.storable_text import whole
from use_cases.playground.model import Cell, Redaction, Summary, Verdict
from use_cases.playground.redaction import WHOLE, redact_cell

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MOST = 4_000


class _Suite:
    """The cells of one variant, compressed until it is their turn, and their counts."""

    def __init__(self) -> None:
        self.verdicts = dict.fromkeys(Verdict, 0)
        self.milliseconds = 0
        self._texts: list[bytes] = []

    def add(self, cell: Cell, text: str) -> None:
        """Keep the text of a cell."""
        self.verdicts[verdict_of(cell)] += 1
        self.milliseconds += _milliseconds(cell)
        self._texts.append(zlib.compress(text.encode(), 1))

    def texts(self) -> Iterator[str]:
        """Yield what was kept."""
        for compressed in self._texts:
            yield zlib.decompress(compressed).decode()


class JUnitExport(Form):
    """The form of an evaluation as JUnit XML. Cells come by case and leave by variant."""

    def __init__(self, summary: Summary, redaction: Redaction = WHOLE) -> None:
        self._name = summary.run.spec.plan.name
        self._redaction = redaction
        self._suites = {variant.name: _Suite() for variant in summary.run.spec.plan.variants}

    def begin(self) -> Iterator[str]:
        """Yield the beginning of the document."""
        yield '<?xml version="1.0" encoding="UTF-8"?>\n'
        yield f"<testsuites name={_attribute(self._name)}>\n"

    def add(self, cell: Cell) -> Iterator[str]:
        """Keep the cell for its suite."""
        self._suites[cell.variant].add(cell, _test_case(redact_cell(cell, self._redaction)))
        yield from ()

    def end(self) -> Iterator[str]:
        """Yield every suite, and the end of the document."""
        for name, suite in self._suites.items():
            counts = suite.verdicts
            yield (
                f'<testsuite name={_attribute(name)} tests="{sum(counts.values())}" '
                f'failures="{counts[Verdict.FAILED]}" errors="{counts[Verdict.ERROR]}" '
                f'skipped="{counts[Verdict.UNCHECKED]}" time="{suite.milliseconds / 1000:.3f}">\n'
            )
            yield from suite.texts()
            yield "</testsuite>\n"
        yield "</testsuites>\n"


def _test_case(cell: Cell) -> str:
    case = cell.inputs.name if cell.inputs else cell.case
    name = case if case == cell.case else f"{case[:200]} ({cell.case[:40]})"
    name = f"{name} #{cell.repeat + 1}" if cell.repeat else name
    opened = (
        f"<testcase classname={_attribute(cell.variant)} name={_attribute(name)} "
        f'time="{_milliseconds(cell) / 1000:.3f}"'
    )
    found = _finding(cell)
    return f"{opened}>{found}</testcase>\n" if found else f"{opened}/>\n"


def _finding(cell: Cell) -> str:
    verdict = verdict_of(cell)
    if verdict is Verdict.PASSED:
        return ""
    if verdict is Verdict.UNCHECKED:
        return '<skipped message="nothing to check"/>'
    element = "error" if verdict is Verdict.ERROR else "failure"
    reasons = [
        f"{result.name}: {result.reason}"
        for result in (cell.grade.results if cell.grade else ())
        if result.verdict is verdict and cell.error is None
    ]
    message = cell.error or (cell.grade.reason if cell.grade else "") or verdict.value
    kind = cell.error.partition(":")[0] if cell.error else _first_type(cell, verdict)
    body = "\n".join(reasons)[:_MOST]
    return (
        f"<{element} message={_attribute(message[:_MOST])} type={_attribute(kind)}>"
        f"{escape(_clean(body))}</{element}>"
    )


def _first_type(cell: Cell, verdict: Verdict) -> str:
    results = cell.grade.results if cell.grade else ()
    return next((one.code or one.type for one in results if one.verdict is verdict), verdict.value)


def _milliseconds(cell: Cell) -> int:
    return (cell.output.latency_ms or 0) if cell.output else 0


def _attribute(text: str) -> str:
    return quoteattr(_clean(text), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _clean(text: str) -> str:
    """Return the text without the characters that XML 1.0 forbids (section 2.2)."""
    return _FORBIDDEN.sub("", whole(text))
