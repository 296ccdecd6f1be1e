"""Reads prompts whose materials stand between fences."""


def blocks_of(prompt: str) -> dict[str, str]:
    """The blocks of a prompt, as a reader finds them who knows its code."""
    first, _, rest = prompt.partition("\n")
    code = first.removeprefix("The code of this message is ").removesuffix(".")
    blocks: dict[str, str] = {}
    for piece in rest.split(f"{code} BEGIN ")[1:]:
        name, _, inner = piece.partition("\n")
        text, _, _ = inner.partition(f"\n{code} END {name}")
        blocks[name] = text
    return blocks


def outside_of(prompt: str) -> str:
    """What a prompt says outside of its blocks."""
    first, _, rest = prompt.partition("\n")
    code = first.removeprefix("The code of this message is ").removesuffix(".")
    pieces = rest.split(f"{code} BEGIN ")
    after = [piece.split(f"\n{code} END ", 1)[1].partition("\n")[2] for piece in pieces[1:]]
    return first + "".join([pieces[0], *after])
