"""Reading, profiling, splitting and encoding tables; no torch."""
