"""Reads sets of rules (`use_cases/kernel/text/rules.py`) from the YAML files beside this module."""

from pathlib import Path
from typing import Any, cast

import yaml

from use_cases.kernel.text.rules import RuleSet, WrittenRule

FOLDER = Path(__file__).parent / "files"


def read_rules(name: str) -> RuleSet:
    """Reads the set with this name: `small_talk` is in `files/small_talk.yaml`.

    A field that no rule has is a TypeError.
    """
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    # The loader in C, where PyYAML has it, takes a tenth of the time; both build plain values.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found = cast("dict[str, Any]", yaml.load(text, Loader=loader))  # noqa: S506
    rules = tuple(WrittenRule(**_frozen(rule)) for rule in found.pop("rules"))
    return RuleSet(rules, **found)


def _frozen(rule: dict[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(cast("list[str]", value)) if isinstance(value, list) else value
        for name, value in rule.items()
    }
