"""Questions in another language than the embedding model's: their words decide, and a doubt is said."""

from pathlib import Path

import pytest

from backend.composition.container import Container
from backend.settings.settings import Settings
from tests.backend.test_off_topic import ask, store
from use_cases.kernel.citations.sources import Outcome

pytestmark = pytest.mark.anyio

POOL = """# Piscina municipal

Los lunes está cerrada por limpieza. El abono de temporada cuesta 62 euros.
El cloro se mide cada dos horas.
"""
FARM = """# Ordnung des Hofes

Der Urlaub verfällt am 31. März. Ein Attest ist ab dem dritten Tag nötig.
"""


async def test_words_in_common_answer_and_others_are_named_or_doubted(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "piscina.md").write_text(POOL)
    (folder / "hof.md").write_text(FARM)
    async with Container(Settings(data_dir=tmp_path / "var"), offline=True) as candor:
        await store(candor, folder)
        ticket = await ask(candor, "¿Cuánto cuesta el abono de temporada?")
        assert ticket.outcome is Outcome.ANSWERED
        assert ticket.text.startswith("El abono de temporada cuesta 62 euros. [1]")
        lapse = await ask(candor, "Wann verfällt der Urlaub?")
        assert lapse.text.startswith("Der Urlaub verfällt am 31. März. [1]")
        # A word that no document has is the usual form of another verb here, and declines nothing.
        note = await ask(candor, "Ab wann brauche ich ein Attest?")
        assert note.outcome is Outcome.TENTATIVE
        assert "Ein Attest ist ab dem dritten Tag nötig. [1]" in note.text
        roof = await ask(candor, "Welche Farbe hat das Dach?")
        assert roof.outcome is Outcome.NOT_FOUND
        assert "No document speaks of “Farbe” or “Dach”." in roof.text
