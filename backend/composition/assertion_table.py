"""The types of assertions for the reference: what each takes and means."""

from collections.abc import Sequence

from services.assertions.checks import type_table
from services.assertions.type_table import UNSUPPORTED


def assertion_types() -> Sequence[tuple[str, str, str, str]]:
    """Return each type's name, value, threshold and meaning."""
    return [(name, kind.value, kind.threshold, kind.meaning) for name, kind in type_table().items()]


def unsupported_types() -> Sequence[tuple[str, str]]:
    """Return each type of promptfoo that Candor does not check, with what to do instead."""
    return list(UNSUPPORTED.items())
