"""The event that every recorded run begins with."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic_ai import CustomEvent


@dataclass(kw_only=True)
class RunBegun(CustomEvent, abstract=True):
    """The run is prepared and has an id; nothing was asked of the model yet."""

    @property
    def labels(self) -> Mapping[str, str]:
        """The ids on each of its log lines."""
        raise NotImplementedError
