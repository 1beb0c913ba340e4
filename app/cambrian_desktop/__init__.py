"""The desktop application: a window on runs, the engine's first client."""
