"""Tests: they mirror the tree; `fakes` hold one in-memory implementation per port, `contracts` one suite per port."""
