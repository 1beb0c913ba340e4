"""Cambrian evolves neural networks for an analyst's own data."""
