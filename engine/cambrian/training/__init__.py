"""Lanes of networks, optimizers, schedules, losses and metrics."""
