"""Plots that draw the values handed to them."""
