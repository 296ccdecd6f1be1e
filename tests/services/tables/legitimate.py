"""Questions that a person could well ask, and what the answer is."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from use_cases.kernel.model import Scalar

Answer = Sequence[Sequence[Scalar]]


def _questions() -> dict[str, tuple[str, Answer]]:
    """Read the statements, by name."""
    text = Path(__file__).with_suffix(".sql").read_text()
    pieces = re.split(r"\n\n-- \? (.+?): (\[\[.+\]\])\n", text[:-1])[1:]
    return {
        name: (sql, [tuple(row) for row in cast("Answer", json.loads(rows))])
        for name, rows, sql in zip(*[iter(pieces)] * 3, strict=True)
    }


LEGITIMATE = _questions()
