"""Counting is tested on records that went through the importer, with the shipped configuration."""

from tests.tracker.conftest import metadata, tromso, units, world

__all__ = ["metadata", "tromso", "units", "world"]
