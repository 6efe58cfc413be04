"""Synthetic examples: the demo's outbreak, its users, and the mapping of a real line list."""
