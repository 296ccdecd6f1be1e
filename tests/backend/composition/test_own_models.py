"""Models in folders, set by EMBEDDING_MODEL and RERANKER, behind the search."""

from pathlib import Path

import pytest

from backend.composition.container import Container
from backend.doctor import databases, providers
from backend.doctor.findings import Level
from backend.doctor.health import check_health
from backend.settings.settings import Settings
from tests.services.embeddings import folders

pytestmark = pytest.mark.anyio

RULES = {
    "canteen.md": b"The canteen opens at noon.",
    "passwords.md": b"Passwords are changed every 90 days.",
}


async def stored(candor: Container) -> None:
    for name, content in RULES.items():
        await candor.knowledge.upload.run(name, content)
    async for _ in candor.knowledge.complete_vectors.stream():
        pass


async def test_both_order_the_results_and_the_doctor_tries_them(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path / "var",
        embedding_model=f"local:{folders.embedder(tmp_path / 'small-e5')}",
        reranker=f"local:{folders.cross_encoder(tmp_path / 'ranker')}",
    )
    async with Container(settings) as candor:
        await stored(candor)
        found = await candor.knowledge.search.search("how often passwords")
        assert found.notices == []
        assert found.hits[0].passage.text.startswith("Passwords")
        assert found.hits[0].vector is not None
        assert found.hits[0].rerank is not None
        assert (await databases.index(candor)).detail.startswith("2 vectors from local:small-e5@")
        for check in (providers.embedder, providers.reranker):
            result = await check(candor)
            assert (result.level, "works" in result.detail) == (Level.OK, True)
        local = await candor.knowledge.local_search.search("how often passwords")
        assert local.hits[0].tokens is not None
        assert candor.knowledge.embed_texts is not None
        assert (await check_health(candor)).embedder == "local:small-e5"
    # The same folder pools another way: other vectors, which never mix with these.
    folders.embedder(
        tmp_path / "small-e5", described={"1_Pooling/config.json": {"pooling_mode": "cls"}}
    )
    async with Container(settings) as candor:
        assert (await databases.index(candor)).hint.startswith("Run `candor reindex`")
        assert candor.knowledge.token_embedder is None


async def test_a_folder_that_is_gone_leaves_full_text(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "var", embedding_model=f"local:{tmp_path / 'nowhere'}")
    async with Container(settings) as candor:
        await candor.knowledge.upload.run("canteen.md", RULES["canteen.md"])
        found = await candor.knowledge.search.search("canteen")
        assert "noon" in found.hits[0].passage.text
        result = await providers.embedder(candor)
        assert (result.level, "candor models check" in result.hint) == (Level.FAIL, True)
        report = await check_health(candor)
        assert str(tmp_path) not in report.model_dump_json()


@pytest.mark.parametrize("name", ["local", "cohere:rerank-v3.5", "local:"])
def test_a_reranker_is_a_folder(name: str) -> None:
    with pytest.raises(ValueError, match="must be local:/folder"):
        Settings(reranker=name)


def test_offline_keeps_the_models_of_this_machine() -> None:
    kept = Settings(embedding_model="local:/srv/e5", reranker="local:/srv/ranker").offline()
    assert (kept.embedding_model, kept.reranker) == ("local:/srv/e5", "local:/srv/ranker")
