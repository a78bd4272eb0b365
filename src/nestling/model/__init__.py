"""Formulas, equations, parameters and model matrices."""
