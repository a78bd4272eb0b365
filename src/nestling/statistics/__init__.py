"""Sufficient statistics of a Gaussian multilevel model."""
