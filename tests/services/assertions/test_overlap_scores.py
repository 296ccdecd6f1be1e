"""BLEU, GLEU and ROUGE by hand."""

import math

import pytest

from services.assertions.measurement_checks import bleu, gleu, google_rouge, google_rouge_l, rouge_n


def test_bleu_multiplies_the_precisions_of_all_orders() -> None:
    # "the dog sat on the mat" shares 5 of 6 words, 3 of 5 pairs, 2 of 4 triples, 1 of 3 quadruples.
    expected = (5 / 6 * 3 / 5 * 2 / 4 * 1 / 3) ** 0.25
    assert bleu("The dog sat on the mat", ["the cat sat on the mat"]) == pytest.approx(expected)


def test_bleu_of_a_short_text_uses_the_orders_it_has_and_its_brevity() -> None:
    assert bleu("cat", ["cat"]) == 1.0
    assert bleu("the cat", ["the cat sat"]) == pytest.approx(math.exp(1 - 3 / 2))
    assert bleu("a b", ["a c"]) == pytest.approx((0.5 * 1e-7) ** 0.5)
    assert bleu(" \n", ["a"]) == 0.0


def test_bleu_takes_the_nearest_length_and_the_best_reference() -> None:
    assert bleu("a b", ["a b c", "b"]) == pytest.approx(1.0)
    assert bleu("a b c", ["a b c", "z"]) == 1.0


def test_gleu_is_the_lesser_of_precision_and_recall() -> None:
    # "the cat sat" against "the cat sat on the mat": 3 + 2 + 1 of 6 + 5 + 4 + 3 n-grams.
    assert gleu("The cat sat.", ["the cat sat on the mat..."]) == pytest.approx(6 / 18)
    assert gleu("a b", ["x", "a b"]) == 1.0
    assert gleu("...", ["..."]) == 0.0
    assert gleu("a a", ["a b"], 1) == pytest.approx(0.5)


def test_rouge_n_counts_the_tokens_of_the_penn_treebank() -> None:
    # ca | n't | stop | . against ca | n't | .
    assert rouge_n("Can't stop.", ["can't."]) == pytest.approx(2 * 3 / 7)
    assert rouge_n('"Yes," he said.', ['"yes," he said.']) == 1.0
    assert rouge_n("", ["x"]) == 0.0
    assert rouge_n("the the", ["the"]) == pytest.approx(2 / 3)


def test_googles_rouge_counts_words_of_letters_and_digits() -> None:
    assert google_rouge(1, "The cat, sat!", ["the cat"]) == pytest.approx(4 / 5)
    assert google_rouge(2, "the cat sat", ["a dog", "the cat ran"]) == pytest.approx(1 / 2)
    assert google_rouge_l("the big cat sat", ["the cat sat down"]) == pytest.approx(6 / 8)
    assert google_rouge_l("", ["x"]) == 0.0
