"""One running Candor: its ports, and the use cases made of them.

Promises: each part is made when it is first asked for, and once, so that a command imports and
opens only what it needs; leaving the context closes whatever was opened, in reverse order.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from backend.composition.advice import AdviceParts
from backend.composition.chat import ChatParts
from backend.composition.identity import IdentityParts

if TYPE_CHECKING:
    from backend.observability.metrics import Metrics


class Container(ChatParts, AdviceParts, IdentityParts):
    """Everything a door may call. Use it as an async context manager."""

    @cached_property
    def metrics(self) -> "Metrics":
        """The figures, from now on."""
        from backend.observability.metrics import Metrics

        metrics = Metrics()
        self.listeners.append(metrics.answers.recorded)
        self.advice_listeners.append(metrics.answers.advised)
        return metrics
