"""The variants of an evaluation as a matrix: each prompt with each model.

Promises: what the caller names replaces what the plan has, and the rest of the plan stays; a variant's
name leaves out what all variants have in common.
"""

from collections.abc import Sequence
from dataclasses import replace

from use_cases.playground.errors import PlanInvalid
from use_cases.playground.model import Plan, TargetKind, Variant

_BETWEEN = " · "


def with_matrix(
    plan: Plan,
    *,
    prompts: Sequence[str] = (),
    models: Sequence[str] = (),
    target: TargetKind | None = None,
    baseline: str | None = None,
) -> Plan:
    """Returns the plan with these prompts (`chat.answer@7`), models, target and baseline.

    A baseline may also be the prompt or the model of exactly one variant. Raises `PlanInvalid`.
    """
    rows = _rows(plan, prompts, target)
    variants = _product(rows, models) if models or prompts else rows
    if not variants:
        raise PlanInvalid(
            "The evaluation names neither a prompt nor another target.",
            hint="Name one: a stored prompt such as chat.answer@7, or the target chat or advice.",
        )
    names = [each.name for each in variants]
    if baseline is not None:
        plan = replace(plan, baseline=_baseline(variants, baseline))
    elif plan.baseline not in names:
        plan = replace(plan, baseline=None)
    return replace(plan, variants=variants)


def _rows(plan: Plan, prompts: Sequence[str], target: TargetKind | None) -> Sequence[Variant]:
    if prompts:
        kind = target or (plan.variants[0].target if plan.variants else TargetKind.PROMPT)
        return [Variant(name=each, target=kind, prompt_ref=each) for each in prompts]
    if plan.variants:
        return [replace(each, target=target or each.target) for each in plan.variants]
    if target is not None and target is not TargetKind.PROMPT:
        return [Variant(name=target.value, target=target)]
    return ()


def _product(rows: Sequence[Variant], models: Sequence[str]) -> Sequence[Variant]:
    different = {(row.target, row.prompt_ref, _digest(row)): row for row in reversed(rows)}
    prompts = list(reversed(different.values()))
    found: list[Variant] = []
    for row in prompts:
        for model in models or [row.model]:
            parts = [row.name.partition(_BETWEEN)[0]] if len(prompts) > 1 or not model else []
            parts += [model] if model and (len(models) > 1 or not parts) else []
            found.append(replace(row, name=_BETWEEN.join(parts), model=model))
    return found


def _digest(row: Variant) -> str:
    return row.prompt.digest if row.prompt else ""


def _baseline(variants: Sequence[Variant], wanted: str) -> str:
    named = [each for each in variants if each.name == wanted] or [
        each for each in variants if wanted in (each.model, each.prompt_ref)
    ]
    if len(named) != 1:
        names = ", ".join(each.name for each in variants)
        raise PlanInvalid(f"The baseline {wanted!r} must be one of: {names}.")
    return named[0].name
