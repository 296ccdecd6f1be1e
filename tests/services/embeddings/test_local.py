"""The local model: the reference's numbers, a cache that can be raced and mended, honest failures."""

import asyncio
import errno
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from services.embeddings import encoder, local
from services.embeddings.local import LocalEmbedder
from services.embeddings.weights import MODEL, SHA256
from tests.services.embeddings import reference
from tests.thoroughness import sample
from use_cases.knowledge.errors import EmbedderUnavailable

pytestmark = pytest.mark.anyio

SENTENCES = [
    "hello world",
    "What is the password rotation policy?",
    "Passwords must be rotated every 90 days, and keys every year; see § 4.2 (café, naïve).",
    "x",
    "kubeProxyDown fires when no kube-proxy target was seen for 15 minutes. " * 12,
    "日本語のテキスト and some English",
]
FIRST_COMPONENTS = {
    "hello world": [-0.034477, 0.031023, 0.006735, 0.026109],
}


def with_weights(models: Path) -> Path:
    """A folder of models with the installed weights and no graph."""
    folder = models / MODEL
    folder.mkdir(parents=True)
    for name in SHA256:
        (folder / name).symlink_to(reference.installed().folder / name)
    return models


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_weights(tmp_path_factory.mktemp("models"))


async def test_vectors_agree_with_the_reference(cache: Path) -> None:
    weights = reference.weights()
    tokenizer = Tokenizer.from_buffer(reference.installed().read("tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    vectors = await LocalEmbedder(cache).embed_documents(SENTENCES)
    for sentence, vector in sample(list(zip(SENTENCES, vectors, strict=True)), 3):
        expected = reference.embed(tokenizer.encode_batch([sentence])[0].ids, weights)
        assert np.abs(np.frombuffer(vector, "<f4") - expected).max() <= 1e-5


async def test_a_question_has_the_vector_of_its_text_also_when_it_comes_again(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "_QUERIES", 2)
    embedder = LocalEmbedder(cache)
    texts = [*SENTENCES[:3], "\ud800"]
    (first, *others) = [await embedder.embed_documents([text]) for text in texts]
    for text, expected in zip([texts[0], *texts], [first, first, *others], strict=True):
        assert [await embedder.embed_query(text)] == expected
    assert [await embedder.embed_query(texts[0])] == first


async def test_known_components_stay_what_they_are(cache: Path) -> None:
    for sentence, components in FIRST_COMPONENTS.items():
        vector = np.frombuffer(await LocalEmbedder(cache).embed_query(sentence), "<f4")
        assert np.abs(vector[: len(components)] - components).max() <= 1e-5


async def test_only_the_first_256_tokens_count(cache: Path) -> None:
    embedder = LocalEmbedder(cache)
    long = "word " * 254
    assert await embedder.embed_query(long) == await embedder.embed_query(long + "zebra " * 500)


async def test_the_identity_is_the_model(cache: Path) -> None:
    embedder = LocalEmbedder(cache)
    assert (embedder.id, embedder.dimensions) == ("local:all-MiniLM-L6-v2", 384)


async def test_the_graph_is_cached_beside_the_weights_and_nothing_else(cache: Path) -> None:
    await LocalEmbedder(cache).embed_query("x")
    names = sorted(file.name for file in (cache / MODEL).iterdir())
    assert names == ["graph-3.ort", "model.safetensors", "tokenizer.json"]


@pytest.mark.exhaustive
async def test_a_damaged_cache_is_built_again(tmp_path: Path) -> None:
    graph = with_weights(tmp_path) / MODEL / "graph-3.ort"
    graph.write_bytes(b"not a graph")
    assert len(await LocalEmbedder(tmp_path).embed_query("x")) == 4 * 384
    assert graph.stat().st_size > 80_000_000


async def test_questions_may_be_asked_at_once(cache: Path) -> None:
    embedder = LocalEmbedder(cache)
    vectors = await asyncio.gather(*(embedder.embed_query("same") for _ in range(8)))
    assert len(set(vectors)) == 1


async def test_missing_weights_are_said(tmp_path: Path) -> None:
    with pytest.raises(EmbedderUnavailable, match="not installed") as caught:
        await LocalEmbedder(tmp_path).embed_query("x")
    assert "candor models install" in caught.value.hint


async def test_changed_weights_are_refused(tmp_path: Path) -> None:
    weights = with_weights(tmp_path) / MODEL / "model.safetensors"
    weights.unlink()
    weights.write_bytes(b"other weights")
    embedder = LocalEmbedder(tmp_path)
    with pytest.raises(EmbedderUnavailable, match=r"model\.safetensors is not the file"):
        await embedder.embed_query("x")
    weights.unlink()
    with pytest.raises(EmbedderUnavailable, match="cannot be read"):
        await embedder.embed_query("x")
    assert not weights.with_name("graph-3.ort").exists()


async def test_a_graph_that_cannot_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: bytes, __: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(encoder, "write_graph", fail)
    with pytest.raises(EmbedderUnavailable, match=r"cannot be written: No space"):
        await LocalEmbedder(with_weights(tmp_path)).embed_query("x")


def test_importing_the_module_loads_no_library() -> None:
    script = (
        "import sys, services.embeddings.local as local, pathlib;"
        "local.LocalEmbedder(pathlib.Path('nowhere'));"
        "heavy = {'numpy', 'onnxruntime', 'tokenizers', 'safetensors'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    root = Path(local.__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=root
    )
    assert run.stdout == "[]\n"
