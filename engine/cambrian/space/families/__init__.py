"""The genes of each family of networks."""
