"""Content words: what counts as the same word, and what does not count."""

import pytest

from use_cases.kernel.text.words import content, is_number


@pytest.mark.parametrize(
    ("text", "stems"),
    [
        ("Rotated passwords' rotation", ["rotat", "password", "rotat"]),
        ("the and of what's", []),
        ("Café CAFÉ", ["cafe", "cafe"]),
        ("1,000 litres, 4.5 %", ["1000", "litr", "4.5"]),
        ("KubeProxyDown", ["kubeproxydown", "kube", "proxi"]),
        ("MTTR", ["mttr"]),
        ("", []),
    ],
)
def test_words_are_reduced_to_what_they_share(text: str, stems: list[str]) -> None:
    assert content(text) == stems


def test_figures_are_told_from_words() -> None:
    assert [is_number(w) for w in ("90", "4.5", "15%", "r448a", "")] == [
        True,
        True,
        True,
        False,
        False,
    ]
