"""Worker processes and the pool that keeps them."""
