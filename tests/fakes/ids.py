"""Ids that a test can foresee."""


class CountedIds:
    """Port `Ids`: `ans_000001`, `ans_000002`, …, one count for all prefixes."""

    def __init__(self) -> None:
        self._count = 0

    def new(self, prefix: str) -> str:
        """The next one."""
        self._count += 1
        return f"{prefix}_{self._count:06}"
