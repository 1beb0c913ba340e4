"""The composition root: an experiment becomes a run; the only package that knows all parts."""
