"""The page of a benchmark's run: leaderboard, levels, curves, costs, examples, and how it was measured.

Promises: strict and canonical stand side by side, every average with its interval or its count of
tasks; no score is blended of others; what limits the figures stands above them. Leaves to others: the
frame and the charts.
"""

from collections.abc import Callable, Iterator, Sequence

from backend.reports import page_frame
from backend.reports.charts import Series, Spot, join_charts, line_chart, spot_chart
from backend.reports.leaderboard_words import beside, cautions, figure, reach, share
from backend.reports.markup import Html, join, tag
from backend.reports.page_frame import Column
from backend.reports.verdict_words import dollars
from backend.version import VERSION
from use_cases.benchmark.benchmark_runs import BenchmarkRun, PinnedContestant, PinnedTask
from use_cases.benchmark.example_edits import EditOutcome, ExampleEdit
from use_cases.benchmark.leaderboard import LEVELS, Leaderboard, LeaderboardRow
from use_cases.benchmark.manage_benchmarks import SCORER_VERSION
from use_cases.benchmark.model import Dimension
from use_cases.kernel.statistics.figures import Statistic, counted
from use_cases.playground.model import Interval

_TONES: dict[EditOutcome, page_frame.Tone] = {
    EditOutcome.REPAIRED: "good",
    EditOutcome.MISSED: "mixed",
    EditOutcome.DAMAGED: "bad",
}
_LETTERS = {EditOutcome.REPAIRED: "R", EditOutcome.MISSED: "M", EditOutcome.DAMAGED: "D"}
_EXPLAINED = (
    (
        "Error reduction",
        "the share of the errors that are gone, net of new ones. To do nothing is 0.",
    ),
    (
        "F1",
        "of repairs: precision is the share of edits that put the truth, recall of errors repaired.",
    ),
    (
        "Beside the first",
        "the difference of error reduction, task by task (paired bootstrap, Holm's adjustment).",
    ),
    ("Corruption", "the share of right cells that are wrong afterwards."),
    ("Drift", "the mean distance of the columns' distributions from the truth's: 0 is the same."),
    (
        "Auditability",
        "the F1 of claimed against real changes. A list of edits is 1 by construction.",
    ),
    ("Reliability", "the likeness (Jaccard) of the edits of repeats. One repeat says nothing."),
    ("Completed", "results that did not fail. A failed one counts as doing nothing."),
)


def leaderboard_page(board: Leaderboard, examples: Sequence[ExampleEdit]) -> Iterator[str]:
    """Yield the page in pieces."""
    page = _Page(board)
    yield page_frame.page_start(f"Benchmark: {board.run.name}", page.header())
    yield page.leaderboard()
    yield page.dimensions()
    yield page.costs()
    yield page.examples(examples)
    yield page.measured()
    yield page_frame.page_end()


class _Page:
    def __init__(self, board: Leaderboard) -> None:
        self._board = board
        self._run = board.run
        self._numbers = {name: place for place, name in enumerate(board.contestants, 1)}

    def header(self) -> Html:
        run, notes = self._run, list(cautions(self._board))
        about = " · ".join(
            [
                counted(len(run.tasks), "task"),
                counted(len(run.contestants), "contestant"),
                counted(self._board.done, "result"),
                f"{run.ended_at or run.created_at:%d %B %Y, %H:%M} UTC",
            ]
        )
        return join(
            tag("h1", f"Who cleans without breaking? {run.name}"),
            tag("p", about, class_="soft"),
            tag("ul", *(tag("li", each) for each in notes), class_="caution") if notes else "",
        )

    def leaderboard(self) -> Html:
        rows = self._rows(None)
        means = [_mean(row, "error_reduction").value or 0.0 for row in rows]
        ends = [end for row in rows for end in _mean(row, "error_reduction").interval or ()]
        low = max(-1.0, min([0.0, *means, *ends]))
        columns: Sequence[Column[LeaderboardRow]] = (
            Column("Contestant", self._name, is_number=False),
            Column(
                join("Error reduction", page_frame.scale((f"{low:.0%}", "", "100%"))),
                lambda row: _reduction(row, low),
                is_number=False,
            ),
            Column("Beside the first", self._beside, is_number=False),
            *_score_columns(),
            Column("Reliability", lambda row: _average(row.reliability_score)),
            Column("Completed", lambda row: share(row.completion_rate.value)),
            Column("Tasks", lambda row: f"{row.tasks:,}"),
        )
        return page_frame.section(
            "Leaderboard",
            tag("p", _ORDER, class_="soft"),
            page_frame.table("Leaderboard", rows, columns),
            page_frame.facts(_EXPLAINED),
        )

    def dimensions(self) -> Html:
        parts = [self._dimension(each) for each in Dimension if self._rows(each)]
        return page_frame.section("Dimensions and levels", *parts)

    def _dimension(self, dimension: Dimension) -> Html:
        columns: Sequence[Column[LeaderboardRow]] = (
            Column("Contestant", self._name, is_number=False),
            Column("Level", _level, is_number=False),
            Column("Error reduction", lambda row: _pair(row, "error_reduction", share)),
            *_score_columns(),
            Column("Tasks", lambda row: f"{row.tasks:,}"),
        )
        whole = self._rows(dimension)
        levels = [
            row
            for row in self._board.rows
            if row.dimension is dimension and row.difficulty is not None
        ]
        return join(
            tag("h3", dimension.value.capitalize()),
            self._curves(dimension),
            page_frame.table(dimension.value, whole, columns),
            tag(
                "details",
                tag("summary", f"{dimension.value.capitalize()} by level"),
                page_frame.table(f"{dimension.value} by level", levels, columns),
            )
            if levels
            else "",
        )

    def _curves(self, dimension: Dimension) -> Html:
        def series(metric: str) -> Sequence[Series]:
            found = [
                (name, [self._board.row(name, dimension, level) for level in LEVELS])
                for name in self._board.contestants
            ]
            return [
                Series(
                    self._numbers[name],
                    name,
                    [None if row is None else _mean(row, metric).value for row in rows],
                )
                for name, rows in found
                if any(rows)
            ]

        steps = [level.value for level in LEVELS]
        charts = [
            line_chart(
                title,
                steps,
                lines,
                lambda value: f"{value:.3g}" if value < 0.01 else f"{value:.0%}",
            )
            for title, metric in (("Recall", "recall"), ("Corruption", "corruption_rate"))
            for lines in [series(metric)]
            if any(value is not None for line in lines for value in line.values[1:])
        ]
        return join_charts(*charts) if charts else Html("")

    def costs(self) -> Html:
        rows = self._rows(None)
        spots = [
            Spot(self._numbers[row.contestant], row.contestant, float(row.cost) / row.results, up)
            for row in rows
            for up in [_mean(row, "error_reduction").value]
            if row.cost is not None and up is not None
        ]
        columns: Sequence[Column[LeaderboardRow]] = (
            Column("Contestant", self._name, is_number=False),
            Column("Cost", lambda row: "unknown" if row.cost is None else dollars(row.cost)),
            Column("Calls", lambda row: f"{row.calls:,}"),
            Column("Tokens in", lambda row: _count(row.input_tokens)),
            Column("Tokens out", lambda row: _count(row.output_tokens)),
            Column("Median for a table", lambda row: f"{row.latency_ms:,} ms"),
            Column("Rejected edits", lambda row: f"{row.rejected:,}"),
            Column("Failed", lambda row: f"{row.failed:,}"),
        )
        chart = (
            join_charts(
                spot_chart(
                    "Error reduction against cost",
                    spots,
                    across="US dollars for a table",
                    show_across=lambda value: f"${value:.7f}".rstrip("0").rstrip("."),
                    show_up=lambda value: f"{value:.0%}",
                )
            )
            if any(spot.across for spot in spots)
            else tag("p", "No contestant cost anything.", class_="soft")
        )
        title = "Cost and quality"
        return page_frame.section(title, chart, page_frame.table(title, rows, columns))

    def examples(self, examples: Sequence[ExampleEdit]) -> Html:
        if not examples:
            return Html("")
        order = list(EditOutcome)
        ranked = sorted(
            examples, key=lambda each: (self._numbers[each.contestant], order.index(each.outcome))
        )
        columns: Sequence[Column[ExampleEdit]] = (
            Column("Contestant", lambda each: self._named(each.contestant), is_number=False),
            Column("", _outcome, is_number=False),
            Column("Column", lambda each: each.column or "the whole row", is_number=False),
            Column("Dirty", lambda each: _text(each, each.dirty), is_number=False),
            Column("Output", lambda each: _text(each, each.output), is_number=False),
            Column("Truth", lambda each: _text(each, each.clean), is_number=False),
            Column("Reason given", lambda each: each.reason, is_number=False),
            Column("Task and row", _where, is_number=False),
        )
        legend = "R repaired an error, M changed it to another wrong text, D damaged a right cell."
        return page_frame.section(
            "Edits to look at",
            tag("p", legend, class_="soft"),
            page_frame.table("Edits", ranked, columns),
        )

    def measured(self) -> Html:
        run = self._run
        return page_frame.section(
            "How it was measured",
            page_frame.facts(_facts(run)),
            tag("p", _RULES, class_="soft"),
            tag("h3", "Contestants"),
            page_frame.table("Contestants", list(run.contestants), _CONTESTANTS),
            tag("h3", "Tasks"),
            page_frame.table("Tasks", list(run.tasks), _TASKS),
        )

    def _beside(self, row: LeaderboardRow) -> Html:
        found = self._board.comparisons.get(row.contestant)
        difference, interval, verdict = beside(found) if found else ("", "", "")
        if not difference:
            return Html("")
        between = f"{difference} points" + (f", {interval}" if interval else "")
        return join(tag("strong", verdict), Html("<br>"), tag("small", between))

    def _rows(self, dimension: Dimension | None) -> Sequence[LeaderboardRow]:
        found = (self._board.row(name, dimension) for name in self._board.contestants)
        return [row for row in found if row is not None]

    def _name(self, row: LeaderboardRow) -> Html:
        return self._named(row.contestant)

    def _named(self, name: str) -> Html:
        return join(page_frame.badge(self._numbers[name]), name)


_ORDER = (
    "Averages over tasks, canonical above strict, with 95% intervals. The order is that of the "
    "canonical error reduction; no score is blended of others. Tasks without errors count only below."
)
_RULES = (
    "Strict: two cells are the same when their texts are, without surrounding white space. Canonical: "
    "also when they stand for one value of the column's kind (99% and 99, yes and TRUE, one date in two "
    "forms, two words for a missing value). A task counts once, with the mean of its repeats; intervals "
    "are Student's over tasks, or Wilson's where nearly all tasks have the same score."
)
_CONTESTANTS: Sequence[Column[PinnedContestant]] = (
    Column("Name", lambda each: each.name, is_number=False),
    Column("Kind", lambda each: "model" if each.is_model else "rule", is_number=False),
    Column("Repeats", lambda each: f"{each.repeats:,}"),
)
_TASKS: Sequence[Column[PinnedTask]] = (
    Column("Task", lambda each: each.task_id, is_number=False),
    Column("Version", lambda each: f"{each.version}"),
    Column("Rows", lambda each: f"{each.rows:,}"),
    Column("Columns", lambda each: f"{each.columns:,}"),
    Column("Seed", lambda each: "" if each.seed is None else f"{each.seed}"),
    Column("Seen by models", lambda each: "probably" if each.known else "", is_number=False),
    Column("SHA-256", lambda each: tag("code", each.sha256[:16]), is_number=False),
)


def _score_columns() -> Sequence[Column[LeaderboardRow]]:
    wanted: Sequence[tuple[str, str, Callable[[float | None], str]]] = (
        ("F1", "f1", figure),
        ("Precision", "precision", figure),
        ("Recall", "recall", figure),
        ("Corruption", "corruption_rate", share),
        ("Drift", "drift_score", figure),
        ("Auditability", "auditability_score", figure),
    )
    return [
        Column(title, lambda row, metric=metric, show=show: _pair(row, metric, show))
        for title, metric, show in wanted
    ]


def _mean(row: LeaderboardRow, metric: str) -> Statistic:
    return row.canonical.macro[metric]


def _pair(row: LeaderboardRow, metric: str, show: Callable[[float | None], str]) -> Html:
    """The canonical mean with its interval, above the strict one."""
    canonical, strict = row.canonical.macro[metric], row.strict.macro[metric]
    if canonical.value is None and strict.value is None:
        return Html("")
    lines = [
        tag("strong", show(canonical.value) or "–"),
        tag("small", reach(canonical, show)),
        tag("small", f"strict {show(strict.value) or '–'}"),
    ]
    return Html("<br>".join(line for line in lines if line != "<small></small>"))


def _average(found: Statistic) -> str:
    return figure(found.value)


def _reduction(row: LeaderboardRow, low: float) -> Html:
    canonical = _mean(row, "error_reduction")
    if canonical.value is None:
        return Html("")
    mark = page_frame.interval_mark(
        canonical.value,
        Interval(*canonical.interval) if canonical.interval else None,
        span=(low, 1.0),
        tone="bad" if canonical.value < 0 else "good",
        label=f"Error reduction {share(canonical.value)}",
    )
    strict = f"strict {share(row.strict.macro['error_reduction'].value)}"
    between = reach(canonical, share)
    return join(
        mark,
        tag("strong", share(canonical.value)),
        tag("small", f" {between}; {strict}" if between else f" {strict}"),
    )


def _level(row: LeaderboardRow) -> str:
    return "" if row.difficulty is None else row.difficulty.value


def _outcome(example: ExampleEdit) -> Html:
    letter, outcome = _LETTERS[example.outcome], example.outcome
    return page_frame.cell_mark(letter, _TONES[outcome], label=outcome.value)


def _text(example: ExampleEdit, text: str) -> str:
    if example.column is None:
        return ""
    return tag("code", text) if text else tag("span", "empty", class_="soft")


def _where(example: ExampleEdit) -> Html:
    return tag("small", f"{example.task_id}, row {example.row}")


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _facts(run: BenchmarkRun) -> Sequence[tuple[str, str]]:
    moments = (("Created", run.created_at), ("Started", run.started_at), ("Ended", run.ended_at))
    return [
        ("Run", tag("code", run.run_id)),
        ("State", run.state.value),
        *((name, f"{moment:%Y-%m-%d %H:%M:%S %Z}" if moment else "") for name, moment in moments),
        ("Seed", f"{run.seed}" if run.folder is None else ""),
        ("Tables", "the sample tables" if run.folder is None else run.folder),
        ("Budget", dollars(run.budget)),
        ("Spent", dollars(run.spent)),
        ("Scores", f"version {SCORER_VERSION}"),
        ("Candor", VERSION),
    ]
