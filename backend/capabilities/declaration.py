"""The declaration of a capability. It names modules by their paths, so that reading it imports none of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the program: its `app` (`module`, or `module:name`), and the first line of its help.

    `candor --help` lists commands by `place`.
    """

    place: int
    module: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """One capability, as the doors, the settings and the composition root read it."""

    commands: Mapping[str, Command] = field(default_factory=dict[str, Command])
    """By name."""
    routes: tuple[str, ...] = ()
    """Modules that have a `router`, in the order of the OpenAPI document."""
    scopes: tuple[str, ...] = ()
    """What an API key may be used for here."""
    settings: tuple[str, ...] = ()
    """Groups of settings, as `module:name`, in the order of the reference."""
    compositions: Mapping[str, str] = field(default_factory=dict[str, str])
    """Its parts, as `module:name`, by the name that they have in the container."""


def imported(path: str) -> Any:
    """Import the object that `module:name` names."""
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)
