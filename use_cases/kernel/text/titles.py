"""A chat's title, made of its first message."""

import regex

LONGEST_TITLE = 80
"""In characters (code points)."""


def title_of(text: str) -> str:
    """The text on one line, cut to 80 characters between two graphemes.

    A grapheme is what a reader takes for one character: an emoji of several code points, or a
    letter with its accents (Unicode Standard Annex 29).
    """
    line = " ".join(text.split())
    if len(line) <= LONGEST_TITLE:
        return line
    end = 0
    for grapheme in regex.finditer(r"\X", line):
        # One grapheme may be longer than a title; then it is cut like anything else.
        if grapheme.end() > LONGEST_TITLE:
            break
        end = grapheme.end()
    return line[: end or LONGEST_TITLE].rstrip()
