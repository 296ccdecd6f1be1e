"""Models in folders, with small ones that the test makes."""

import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from services.embeddings.cross_encoder import CrossEncoder
from services.embeddings.local import LocalEmbedder
from services.embeddings.local_models import LocalModels
from services.embeddings.model_folder import ModelFolder
from tests.services.embeddings import folders
from use_cases.knowledge.check_knowledge import CheckModel
from use_cases.knowledge.errors import EmbedderUnavailable

pytestmark = pytest.mark.anyio

POOLED = {
    "1_Pooling/config.json": {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}
}
PROMPTS = {"config_sentence_transformers.json": {"prompts": {"query": "query: ", "document": ""}}}


def numbers(vector: bytes) -> list[float]:
    return list(struct.unpack(f"<{len(vector) // 4}f", vector))


def of(folder: Path, tmp_path: Path) -> LocalEmbedder:
    return LocalEmbedder(tmp_path / "models", folder)


@pytest.mark.parametrize(
    ("name", "described", "pooling", "window", "prefixes", "assumed"),
    [
        ("plain", {}, "mean", 64, ("", ""), ["pooling", "prefixes"]),
        (
            "multilingual-e5-small",
            {},
            "mean",
            64,
            ("query: ", "passage: "),
            ["pooling", "prefixes"],
        ),
        ("bge", {**POOLED, **PROMPTS}, "cls", 64, ("query: ", ""), []),
        (
            "gte",
            {
                "1_Pooling/config.json": {"pooling_mode": "mean"},
                "sentence_bert_config.json": {"max_seq_length": 32},
            },
            "mean",
            32,
            ("", ""),
            ["prefixes"],
        ),
    ],
)
def test_a_folder_says_how_its_model_is_used(
    tmp_path: Path,
    name: str,
    described: Mapping[str, object],
    pooling: str,
    window: int,
    prefixes: tuple[str, str],
    assumed: list[str],
) -> None:
    facts = ModelFolder(folders.embedder(tmp_path / name, described=described)).facts()
    assert (facts.kind, facts.dimensions, facts.pooling, facts.window) == (
        "embedder",
        24,
        pooling,
        window,
    )
    assert (facts.question_prefix, facts.passage_prefix) == prefixes
    assert [one.split(" (")[0] for one in facts.assumed] == assumed


@pytest.mark.parametrize("described", [{}, POOLED], ids=["mean", "cls"])
async def test_texts_become_unit_vectors_whatever_the_graph_wants_to_know(
    tmp_path: Path, described: Mapping[str, object]
) -> None:
    whole = of(folders.embedder(tmp_path / "one", described=described), tmp_path)
    least = folders.embedder(
        tmp_path / "two", described=described, graph="onnx/model.onnx", inputs=["input_ids"]
    )
    texts = ["the canteen opens", "passwords"]
    vectors = await whole.embed_documents(texts)
    assert vectors == await of(least, tmp_path).embed_documents(texts)
    assert [len(numbers(one)) for one in vectors] == [whole.dimensions] * 2
    assert [sum(x * x for x in numbers(one)) for one in vectors] == pytest.approx([1, 1])
    # A text's vector does not depend on what it is embedded with.
    assert numbers((await whole.embed_documents(texts[1:]))[0]) == pytest.approx(
        numbers(vectors[1])
    )
    assert whole.makes_tokens is (described == {})


async def test_tokens_have_their_places_in_the_text_without_its_prefix(tmp_path: Path) -> None:
    embedder = of(folders.embedder(tmp_path / "small-e5"), tmp_path)
    text = "the canteen opens at noon"
    [made] = await embedder.embed_passages([text])
    asked = await embedder.question_words("canteen noon")
    assert asked == ["canteen", "noon"]
    [passage] = await embedder.compare_tokens("canteen noon", [made.tokens])
    assert passage is not None
    words = [text[start:end] for start, end in passage.places]
    assert {"canteen", "opens", "noon"} <= set(words) <= set(text.split())
    for word, row in zip(asked, passage.cosines, strict=True):
        assert words[row.index(max(row))] == word
    assert numbers(made.vector) == pytest.approx(
        numbers((await embedder.embed_documents([text]))[0])
    )
    assert made.vector != await embedder.embed_query(text)  # another prefix


def test_vectors_of_two_models_have_two_names(tmp_path: Path) -> None:
    ids = [
        ModelFolder(folders.embedder(tmp_path / place / "mine", described=described)).id
        for place, described in (("a", {}), ("b", POOLED), ("c", PROMPTS), ("d", {}))
    ]
    assert len(set(ids)) == 3
    assert ids[0] == ids[3]
    assert all(one.startswith("local:mine@") for one in ids)


async def test_a_cross_encoder_reads_question_and_text_together(tmp_path: Path) -> None:
    reranker = CrossEncoder(folders.cross_encoder(tmp_path / "ranker"))
    texts = ["the canteen", *["a password"] * 9, "every 90 days"]
    order = await reranker.rerank("how often", texts, top_n=3)
    assert [place for place, _ in order] == [10, 1, 2]
    assert all(0 < score < 1 for _, score in order)
    assert reranker.name == "local:ranker"
    with pytest.raises(EmbedderUnavailable, match="no cross-encoder"):
        await CrossEncoder(folders.embedder(tmp_path / "other")).rerank("x", ["y"], top_n=1)


@pytest.mark.parametrize("make", [folders.embedder, folders.cross_encoder])
async def test_three_scores_show_that_a_model_is_understood(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    make(tmp_path / "model")
    found = await CheckModel(models=LocalModels(tmp_path)).run(str(tmp_path / "model"))
    assert found.finds_it
    assert len(found.scores) == 3
    assert found.model.name == "model"


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("config.json", None, "has no config.json"),
        ("config.json", b"{}", "without hidden_size"),
        ("config.json", b"{", "config.json that is no JSON"),
        ("model.onnx", None, "has no model.onnx"),
        ("model.onnx", b"x" * 99, "cannot be run here"),
        ("tokenizer.json", None, "has no tokenizer.json"),
        ("tokenizer.json", b"{}", "tokenizer.json that cannot"),
        ("1_Pooling/config.json", b'{"pooling_mode_max_tokens": true}', "pools by max"),
    ],
)
async def test_what_a_folder_lacks_is_said(
    tmp_path: Path, file: str, content: bytes | None, said: str
) -> None:
    folder = folders.embedder(tmp_path / "model", described={"1_Pooling/config.json": {}})
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(content)
    with pytest.raises(EmbedderUnavailable, match=said) as raised:
        await CheckModel(models=LocalModels(tmp_path)).run(str(folder))
    assert "optimum-cli" in raised.value.hint


async def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(EmbedderUnavailable, match="is no folder"):
        of(tmp_path / "nowhere", tmp_path)
