"""Strategies that propose genomes and learn from outcomes; the only home of DEAP."""
