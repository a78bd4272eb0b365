"""Figures: one picture per file."""
