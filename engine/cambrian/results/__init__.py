"""Baselines, evaluation on the test part, the delivered model and its predictions."""
