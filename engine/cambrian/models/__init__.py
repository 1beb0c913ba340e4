"""The network of each family, built from a genome."""
