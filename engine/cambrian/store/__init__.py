"""The run's database; the only home of sqlite-utils."""
