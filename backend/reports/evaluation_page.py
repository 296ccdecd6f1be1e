"""The page of an evaluation: its verdict, totals, comparisons, costs, every case, exact versions.

Promises: the verdict stands first; every number has its interval or its count; the page grows by one
case at a time. Leaves to others: the frame, and the view of one case.
"""

from collections.abc import Iterator, Sequence

from backend.reports import page_frame
from backend.reports.calibration_words import judge_cautions, judge_finding, number, share
from backend.reports.case_rows import CaseRows
from backend.reports.case_view import CaseView, json_text, legend
from backend.reports.forms import Form
from backend.reports.markup import Html, join, tag
from backend.reports.page_frame import Column
from backend.reports.verdict_words import (
    Statement,
    between,
    cautions,
    dollars,
    percent,
    points,
    statements,
)
from backend.version import VERSION
from use_cases.kernel.statistics.figures import counted
from use_cases.playground.labelling.calibration import CalibratedRate, JudgeCalibration
from use_cases.playground.model import (
    Assertion,
    Cell,
    Comparison,
    Finding,
    Interval,
    MetricTotal,
    Plan,
    Redaction,
    Summary,
    Variant,
    VariantTotal,
)
from use_cases.playground.redaction import WHOLE, redact_cell, redact_summary

_TONES: dict[Finding | None, page_frame.Tone] = {Finding.BETTER: "good", Finding.WORSE: "bad"}
_FINDINGS = {
    Finding.BETTER: "▲ better",
    Finding.WORSE: "▼ worse",
    Finding.NO_DIFFERENCE_SHOWN: "no difference shown",
    Finding.NOT_COMPARABLE: "not comparable",
    Finding.UNFINISHED: "no verdict yet",
}


class EvaluationPage(Form):
    """The form of an evaluation as one HTML file."""

    def __init__(
        self,
        summary: Summary,
        redaction: Redaction = WHOLE,
        calibrations: Sequence[JudgeCalibration] = (),
    ) -> None:
        self._redaction = redaction
        self._calibrations = calibrations
        self._summary = redact_summary(summary, self._redaction)
        self._rows = CaseRows()
        self._view = CaseView(self._summary.run.plan, self._redaction)

    def begin(self) -> Iterator[str]:
        """Yield the page up to the first case."""
        summary = self._summary
        plan = summary.run.plan
        yield page_frame.page_start(f"Evaluation: {plan.name}", _header(summary, self._redaction))
        numbers = {variant.name: number for number, variant in enumerate(plan.variants, 1)}
        yield _totals(summary, numbers)
        yield _comparisons(summary.comparisons)
        yield _metrics(summary.totals, numbers)
        yield from (_calibration(each, numbers) for each in self._calibrations)
        yield _costs(summary.totals, numbers)
        yield _cases_start(plan, summary.cases)

    def add(self, cell: Cell) -> Iterator[str]:
        """Yield the case before this cell, where it begins another."""
        row = self._rows.add(redact_cell(cell, self._redaction))
        if row:
            yield self._view.entry(row)

    def end(self) -> Iterator[str]:
        """Yield the last case, the versions, and the end of the page."""
        row = self._rows.end()
        if row:
            yield self._view.entry(row)
        yield join(page_frame.matrix_end(), Html("</section>\n"))
        yield _versions(self._summary)
        yield page_frame.page_end()


def _header(summary: Summary, redaction: Redaction) -> Html:
    run = summary.run
    plan = run.plan
    ended = f"{run.ended_at or run.created_at:%d %B %Y, %H:%M} UTC"
    about = " · ".join(
        [
            counted(summary.cases, "case"),
            counted(len(plan.variants), "variant"),
            *[counted(plan.repeats, "repeat")] * (plan.repeats > 1),
            ended,
        ]
    )
    left_out = [name for name in redaction.__slots__ if getattr(redaction, name)]
    notes = [*cautions(summary)]
    if left_out:
        notes.append(f"This report leaves out: {', '.join(left_out)}, and what quotes them.")
    return join(
        tag("h1", plan.name),
        tag("p", plan.description) if plan.description else "",
        tag("p", about, class_="soft"),
        *(_statement(each) for each in statements(summary)),
        tag("ul", *(tag("li", note) for note in notes), class_="caution") if notes else "",
    )


def _statement(statement: Statement) -> Html:
    tone = _TONES.get(statement.finding, "")
    return tag(
        "div",
        tag("strong", statement.headline),
        tag("p", statement.detail) if statement.detail else "",
        class_=f"verdict {tone}".rstrip(),
    )


def _named(variant: str, numbers: dict[str, int]) -> Html:
    number = numbers.get(variant)
    return join(page_frame.badge(number) if number else "", variant)


def _totals(summary: Summary, numbers: dict[str, int]) -> Html:
    baselines = {each.baseline for each in summary.comparisons}

    def name(total: VariantTotal) -> Html:
        about = tag("small", " baseline") if total.variant in baselines else ""
        return join(_named(total.variant, numbers), about)

    columns: Sequence[Column[VariantTotal]] = (
        Column("Variant", name, is_number=False),
        Column("Pass rate", lambda total: percent(total.pass_rate)),
        Column(page_frame.scale(("0%", "50%", "100%")), _interval, is_number=False),
        Column("Passed", lambda total: f"{total.passed:,}"),
        Column("Failed", lambda total: f"{total.failed:,}"),
        Column("Errors", lambda total: f"{total.errors:,}"),
        Column("Unchecked", lambda total: f"{total.unchecked:,}"),
        Column("Worst case", lambda total: percent(total.worst_rate) if total.errors else ""),
        Column("Mean score", lambda total: _score(total.mean_score, total.score_interval)),
        Column("Agreement of repeats", lambda total: percent(total.agreement)),
    )
    return page_frame.section("Totals", page_frame.table("Totals", summary.totals, columns))


def _interval(total: VariantTotal) -> Html:
    if total.pass_rate is None:
        return Html("")
    interval = total.pass_interval
    mark = page_frame.interval_mark(
        total.pass_rate,
        interval,
        tone="good",
        label=f"Pass rate {percent(total.pass_rate)}, interval {between(interval)}",
    )
    return join(mark, _reach(interval, between(interval)))


def _reach(interval: Interval | None, words: str) -> Html:
    return tag("small", f"{interval.level * 100:.4g}%: {words}") if interval else Html("")


def _score(mean: float | None, interval: Interval | None) -> str:
    reach = f" ({interval.low:.3f} to {interval.high:.3f})" if interval else ""
    return "" if mean is None else f"{mean:.3f}{reach}"


def _comparisons(comparisons: Sequence[Comparison]) -> Html:
    if not comparisons:
        return Html("")
    ends = [
        end
        for each in comparisons
        if each.interval
        for end in (each.interval.low, each.interval.high)
    ]
    ends += [each.difference for each in comparisons if each.difference is not None]
    widest = min(1.0, 1.1 * max([0.05, *map(abs, ends)]))
    scale = page_frame.scale((f"{-widest * 100:+.0f}", "0", f"{widest * 100:+.0f}"))
    columns: Sequence[Column[Comparison]] = (
        Column("Variant", _pair, is_number=False),
        Column("Metric", lambda each: each.metric or "overall", is_number=False),
        Column("Finding", _finding, is_number=False),
        Column(scale, lambda each: _difference(each, widest), is_number=False),
        Column("Difference", lambda each: _points(each.difference, "+")),
        Column("p, adjusted", lambda each: "" if each.p is None else f"{each.p:.2g}"),
        Column("Cases", lambda each: f"{each.cases:,}"),
        Column("Better", lambda each: f"{each.better_cases:,}"),
        Column("Worse", lambda each: f"{each.worse_cases:,}"),
        Column("Left out", lambda each: f"{each.excluded:,}"),
        Column("More cases needed", lambda each: _count(each.needed)),
        Column("Detectable", lambda each: _points(each.detectable)),
    )
    note = (
        "Pairs of the same cases. Findings, intervals and p are adjusted alike for all of these comparisons "
        "and for each look; “More cases needed” is for the next look, “Detectable” the smallest difference "
        "that so many cases show four times in five."
    )
    return page_frame.section(
        "Comparison with the baseline",
        page_frame.table("Comparison", comparisons, columns),
        tag("p", note, class_="soft"),
    )


def _pair(comparison: Comparison) -> Html:
    return join(comparison.variant, tag("small", f" beside {comparison.baseline}"))


def _finding(comparison: Comparison) -> str:
    words = _FINDINGS[comparison.finding]
    return tag("strong", words) if comparison.finding in _TONES else words


def _points(share: float | None, sign: str = "") -> str:
    return "" if share is None else f"{share * 100:{sign}.1f} points"


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _difference(comparison: Comparison, widest: float) -> Html:
    if comparison.difference is None:
        return Html("")
    interval = comparison.interval
    mark = page_frame.interval_mark(
        comparison.difference,
        interval,
        span=(-widest, widest),
        tone=_TONES.get(comparison.finding, ""),
        label=f"Difference {comparison.difference * 100:+.1f} points",
    )
    return join(mark, _reach(interval, points(interval) if interval else ""))


def _metrics(totals: Sequence[VariantTotal], numbers: dict[str, int]) -> Html:
    metrics = [(total.variant, metric) for total in totals for metric in total.metrics]
    if not metrics:
        return Html("")
    order = list(dict.fromkeys(metric.name for _, metric in metrics))
    metrics.sort(key=lambda each: order.index(each[1].name))
    columns: Sequence[Column[tuple[str, MetricTotal]]] = (
        Column("Metric", lambda each: each[1].name, is_number=False),
        Column("Variant", lambda each: _named(each[0], numbers), is_number=False),
        Column("Passed", lambda each: f"{each[1].passed:,}"),
        Column("Failed", lambda each: f"{each[1].failed:,}"),
        Column("Errors", lambda each: f"{each[1].errors:,}"),
        Column("Mean score", lambda each: _score(each[1].mean_score, each[1].interval)),
    )
    return page_frame.section("Metrics", page_frame.table("Metrics", metrics, columns))


def _calibration(found: JudgeCalibration, numbers: dict[str, int]) -> Html:
    agreement = found.agreement
    title = f"Judge and people: {found.metric}"
    columns: Sequence[Column[CalibratedRate]] = (
        Column("Variant", lambda each: _named(each.variant, numbers), is_number=False),
        Column("Judged", lambda each: f"{each.judged:,}"),
        Column("Labelled", lambda each: f"{each.labelled:,}"),
        Column("Pass rate by the judge", lambda each: share(each.stated)),
        Column("Corrected by labels", lambda each: share(each.corrected)),
    )
    figures = [
        ("Judge", tag("code", f"{found.judge}, question {found.judge_version}")),
        ("Labelled answers", f"{agreement.labels.n:,}"),
        ("Cohen's kappa", number(agreement.kappa)),
        ("Sensitivity", share(agreement.sensitivity)),
        ("Specificity", share(agreement.specificity)),
    ]
    return page_frame.section(
        title,
        tag("p", judge_finding(found)),
        page_frame.table(title, found.rates, columns),
        page_frame.facts(figures),
        *(tag("p", caution, class_="soft") for caution in judge_cautions(found)),
    )


def _costs(totals: Sequence[VariantTotal], numbers: dict[str, int]) -> Html:
    slowest = max((total.latency_p95 or 0 for total in totals), default=0) or 1

    def bar(total: VariantTotal) -> str:
        latency = total.latency_p95
        label = _milliseconds(latency)
        return "" if latency is None else page_frame.length_mark(latency / slowest, label=label)

    def lost(total: VariantTotal) -> str:
        calls = counted(total.lost_calls, "call")
        return f"{calls} {dollars(total.lost_cost)}".strip() if total.lost_calls else ""

    columns: Sequence[Column[VariantTotal]] = (
        Column("Variant", lambda total: _named(total.variant, numbers), is_number=False),
        Column("Median", lambda total: _milliseconds(total.latency_p50)),
        Column("95th percentile", lambda total: _milliseconds(total.latency_p95)),
        Column("", bar, is_number=False),
        Column("Calls", lambda total: f"{total.calls:,}"),
        Column("Of judges", lambda total: f"{total.judge_calls:,}"),
        Column("From cache", lambda total: f"{total.cached:,}"),
        Column("Tokens in", lambda total: _count(total.input_tokens)),
        Column("Tokens out", lambda total: _count(total.output_tokens)),
        Column("Outputs", lambda total: dollars(total.cost) or "unknown"),
        Column("Judges", lambda total: dollars(total.judge_cost)),
        Column("Saved by cache", lambda total: dollars(total.cached_cost)),
        Column("Lost", lost),
    )
    title = "Costs and latencies"
    return page_frame.section(title, page_frame.table(title, totals, columns))


def _cases_start(plan: Plan, cases: int) -> Html:
    variants, repeats = plan.variants, plan.repeats
    flags = [
        ("failed", "With a failure"),
        ("error", "With an error"),
        *[("differs", "Variants differ")] * (len(variants) > 1),
        *[("unsteady", "Repeats disagree")] * (repeats > 1),
    ]
    columns = [
        join(page_frame.badge(number), tag("span", variant.name, class_="long"))
        for number, variant in enumerate(variants, 1)
    ]
    return join(
        Html("<section>\n"),
        tag("h2", "Cases"),
        legend(repeats=repeats),
        page_frame.filters(flags, differences=len(variants) > 1),
        page_frame.matrix_head("Case", (tag("span", column) for column in columns), rows=cases),
    )


def _versions(summary: Summary) -> Html:
    run = summary.run
    plan = run.plan
    moments = (("Created", run.created_at), ("Started", run.started_at), ("Ended", run.ended_at))
    pairs = [
        ("Run", tag("code", run.run_id)),
        ("State", run.state.value),
        *((name, f"{moment:%Y-%m-%d %H:%M:%S %Z}" if moment else "") for name, moment in moments),
        ("Dataset", join(tag("code", run.dataset_id), f", version {run.dataset_version}")),
        ("SHA-256 of the dataset", tag("code", run.dataset_digest)),
        ("Repeats", f"{plan.repeats:,}"),
        ("Threshold", "" if plan.threshold is None else f"{plan.threshold:g}"),
        ("Judge", plan.judge or ""),
        ("Budget", dollars(run.budget)),
        ("Baseline", plan.baseline or plan.variants[0].name if plan.variants else ""),
        ("Candor", VERSION),
    ]
    return page_frame.section(
        "Exact versions",
        page_frame.facts(pairs),
        *(_variant(number, variant) for number, variant in enumerate(plan.variants, 1)),
        tag("h3", "Assertions for every case") if plan.assertions else "",
        page_frame.facts((one.name, _assertion(one)) for one in plan.assertions),
    )


def _variant(number: int, variant: Variant) -> Html:
    prompt = variant.prompt
    messages = (
        [(each.role.value, tag("pre", each.content)) for each in prompt.messages] if prompt else []
    )
    pairs = [
        ("Target", variant.target.value),
        (
            "Prompt",
            tag(
                "code",
                variant.prompt_version or variant.prompt_ref or ("" if prompt else "in production"),
            ),
        ),
        ("SHA-256 of the prompt", tag("code", prompt.digest) if prompt else ""),
        ("Model", tag("code", variant.model or "the default model")),
        (
            "Settings",
            tag("code", json_text(dict(prompt.settings))) if prompt and prompt.settings else "",
        ),
        ("Syntax", prompt.syntax.value if prompt else ""),
        *messages,
    ]
    return join(
        tag("h3", page_frame.badge(number), variant.name),
        page_frame.facts(pairs),
    )


def _assertion(assertion: Assertion) -> Html:
    parts = (
        assertion.type,
        assertion.threshold is not None and f"threshold {assertion.threshold:g}",
        assertion.weight != 1 and f"weight {assertion.weight:g}",
        assertion.required and "required",
        assertion.judge and f"judge {assertion.judge}",
    )
    value = "" if assertion.value is None else tag("pre", json_text(assertion.value))
    nested = page_frame.facts((one.name, _assertion(one)) for one in assertion.assertions)
    return join(
        " · ".join(part for part in parts if part), value, nested if assertion.assertions else ""
    )


def _milliseconds(latency: int | None) -> str:
    return "" if latency is None else f"{latency:,} ms"
