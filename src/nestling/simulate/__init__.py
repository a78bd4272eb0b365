"""Populations: true values that make data."""
