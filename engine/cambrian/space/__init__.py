"""Genes, the search space and genomes: pure Python and numpy."""
