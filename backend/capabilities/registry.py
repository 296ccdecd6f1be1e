"""All capabilities. A new one is added here; `docs/how-to/add-a-capability.md` is the whole list."""

from collections.abc import Mapping

from backend.capabilities.advice import ADVICE
from backend.capabilities.benchmark import BENCHMARK
from backend.capabilities.chat import CHAT
from backend.capabilities.conversations import CONVERSATIONS
from backend.capabilities.declaration import Capability, Command
from backend.capabilities.kernel import KERNEL
from backend.capabilities.knowledge import KNOWLEDGE
from backend.capabilities.playground import PLAYGROUND
from backend.capabilities.server import SERVER

CAPABILITIES: tuple[Capability, ...] = (
    KERNEL,
    KNOWLEDGE,
    CHAT,
    ADVICE,
    PLAYGROUND,
    BENCHMARK,
    CONVERSATIONS,
    SERVER,
)
"""In the order of the OpenAPI document and of the settings' reference."""


def commands() -> Mapping[str, Command]:
    """Every command by name, in the order of `candor --help`."""
    found = [pair for one in CAPABILITIES for pair in one.commands.items()]
    return dict(sorted(found, key=lambda pair: pair[1].place))
