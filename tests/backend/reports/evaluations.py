"""Evaluations for the tests of reports: any number of cases, two or more variants."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from backend.reports.case_rows import Form
from use_cases.kernel.citations.sources import Quote, Source, SourceKind
from use_cases.kernel.jobs.model import Job, JobState
from use_cases.kernel.model import DateOrigin, DocumentRef, Span
from use_cases.kernel.prompts.content import PromptContent, PromptMessage, Role
from use_cases.kernel.targets import TargetOutput
from use_cases.playground.model import (
    Assertion,
    AssertionResult,
    Case,
    Cell,
    Comparison,
    Evaluation,
    EvaluationSummary,
    Finding,
    Grade,
    Interval,
    MetricTotal,
    Plan,
    Variant,
    VariantTotal,
    Verdict,
)

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PROMPT = PromptContent(
    [PromptMessage(Role.SYSTEM, "Answer briefly."), PromptMessage(Role.USER, "{{question}}")],
    settings={"temperature": 0},
)
SHORT = Variant(
    name="short", prompt=PROMPT, prompt_version="chat.answer@7", model="openai:gpt-4.1-mini"
)
LONG = Variant(name="long", prompt_version="chat.answer@6", model="anthropic:claude-haiku-4-5")
SOURCE = Source(
    number=1,
    kind=SourceKind.PASSAGE,
    document=DocumentRef(
        "d1", 1, "handbook.md", "Handbook", "policies", date(2026, 1, 1), DateOrigin.FILE
    ),
    section="Passwords",
    page=None,
    quotes=(Quote(Span(0, 5), Span(0, 9), "every 90 days", 0.9, weak=False),),
)


def plan(*variants: Variant, repeats: int = 1) -> Plan:
    return Plan(
        name="Handbook answers",
        variants=variants or (LONG, SHORT),
        assertions=[
            Assertion(type="contains", value="90 days", required=True),
            Assertion(type="llm-rubric", value="is polite", metric="tone", threshold=0.5),
        ],
        repeats=repeats,
        description="Whether short answers are as good.",
    )


def planned(known: EvaluationSummary, other: Plan) -> EvaluationSummary:
    """The summary of a run with another plan."""
    spec = replace(known.run.spec, plan=other)
    return replace(known, run=replace(known.run, spec=spec))


def total(variant: str, **changes: object) -> VariantTotal:
    known = VariantTotal(
        variant=variant,
        planned=4,
        passed=2,
        failed=1,
        unchecked=0,
        errors=1,
        pass_rate=2 / 3,
        pass_interval=Interval(0.2077, 0.9385, method="wilson"),
        worst_rate=0.5,
        mean_score=0.7,
        score_interval=Interval(0.4, 0.9),
        metrics=[
            MetricTotal(name="contains", passed=2, failed=1, errors=1, mean_score=2 / 3),
            MetricTotal(
                name="tone", passed=3, failed=0, errors=1, mean_score=0.9, interval=Interval(0.8, 1)
            ),
        ],
        cost=Decimal("0.0421"),
        judge_cost=Decimal("0.002"),
        calls=4,
        input_tokens=400,
        output_tokens=120,
        latency_p50=640,
        latency_p95=1_830,
    )
    return replace(known, **changes)


def summary(
    finding: Finding = Finding.BETTER, *, of: Plan | None = None, **changes: object
) -> EvaluationSummary:
    shown = of or plan()
    compared = Comparison(
        variant="short",
        baseline="long",
        metric="",
        finding=finding,
        cases=200,
        difference=0.13,
        interval=Interval(0.051, 0.203),
        p=0.0019,
        better_cases=31,
        worse_cases=5,
        needed=140 if finding is Finding.NO_DIFFERENCE_SHOWN else None,
        detectable=0.09,
    )
    run = Job(
        job_id="eval_01",
        kind="evaluation",
        user_id="anna",
        name=shown.name,
        spec=Evaluation(
            plan=shown,
            dataset_id="ds_01",
            dataset_version=3,
            dataset_digest="ab" * 32,
            cases=4,
        ),
        state=JobState.COMPLETED,
        created_at=NOON,
        started_at=NOON,
        ended_at=NOON + timedelta(minutes=3),
    )
    known = EvaluationSummary(
        run=run,
        cases=4,
        planned=8,
        done=8,
        errors=2,
        totals=[total(variant.name) for variant in shown.variants],
        comparisons=[
            compared,
            replace(compared, metric="tone", finding=Finding.NO_DIFFERENCE_SHOWN, p=0.4),
        ]
        if len(shown.variants) > 1
        else [],
    )
    return replace(known, **changes)


def cell(
    case: str = "rotation",
    variant: str = "short",
    verdict: Verdict = Verdict.PASSED,
    *,
    text: str = "Passwords rotate every 90 days. [1]",
    repeat: int = 0,
    reason: str = "",
    error: str | None = None,
    question: str = "How often do passwords rotate?",
) -> Cell:
    results = (
        AssertionResult(
            type="contains",
            verdict=verdict,
            score=float(verdict is Verdict.PASSED),
            reason=reason,
            required=True,
        ),
        AssertionResult(
            type="llm-rubric", verdict=Verdict.PASSED, score=0.75, metric="tone", reason="Polite."
        ),
    )
    output = TargetOutput(
        text=text,
        model="openai:gpt-4.1-mini",
        prompt_version="chat.answer@7",
        latency_ms=812,
        input_tokens=104,
        output_tokens=31,
        cost=Decimal("0.00021"),
        sources=(SOURCE,),
    )
    return Cell(
        case=case,
        variant=variant,
        repeat=repeat,
        output=None if error else output,
        grade=None if error else Grade(verdict=verdict, score=0.5, reason=reason, results=results),
        error=error,
        finished_at=NOON,
        inputs=Case(
            key=case,
            variables={"question": question},
            expected="90 days",
            description="A question on passwords",
        ),
    )


def many(
    cases: int, variants: Sequence[str] = ("long", "short"), repeats: int = 1
) -> Iterator[Cell]:
    """Cells of every kind, in the order of a report."""
    verdicts = (Verdict.PASSED, Verdict.PASSED, Verdict.FAILED, Verdict.PASSED, Verdict.UNCHECKED)
    for number in range(cases):
        for place, variant in enumerate(variants):
            for repeat in range(repeats):
                drawn = (number * 7 + place * 3 + repeat * number) % 11
                yield cell(
                    f"case-{number}",
                    variant,
                    verdicts[drawn % 5],
                    text=f"In case {number} {variant} says: passwords rotate every {30 * (drawn + 1)} days. "
                    + "The handbook states it in its chapter on accounts. " * (1 + drawn),
                    repeat=repeat,
                    reason=f"Expected output to contain “90 days” ({drawn})",
                    error="model_unavailable: The model did not answer in 60 seconds."
                    if drawn == 10
                    else None,
                    question=f"Question {number}: how often do passwords rotate?",
                )


def render(form: Form, cells: Iterable[Cell]) -> Iterator[str]:
    """The whole text of a form, as `stream` gives it."""
    yield from form.begin()
    for cell in cells:
        yield from form.add(cell)
    yield from form.end()
