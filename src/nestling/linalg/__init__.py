"""Triangles, blocks and determinants, on arrays."""
