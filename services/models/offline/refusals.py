"""Recognises attempts to make the assistant reveal or drop its instructions.

A rule of thumb for a model-less answerer, not a security boundary: the offline answerer has no
secret to reveal and only ever quotes documents. Questions *about* keys, prompts or rules pass: an
attempt is recognised by its grammar (an order to the assistant, or its own set-up as the object), not by
its nouns. The rules are `services/rules/files/refusals.yaml`: English, and the plain forms in German,
French and Spanish.
"""

import re
from functools import cache

from use_cases.kernel.text.prompt_injection import readings
from use_cases.kernel.text.rules import rule_set


def asks_to_break_rules(text: str) -> bool:
    """True if a message tries to change the assistant's role or to learn how it is set up."""
    return any(pattern.search(reading) for reading in readings(text) for pattern in _patterns())


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    rules = rule_set("refusals")
    return tuple(
        re.compile(rules.pattern(rule.pattern), re.IGNORECASE | re.DOTALL) for rule in rules.rules
    )
