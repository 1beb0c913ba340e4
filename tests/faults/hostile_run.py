"""`cambrian`, word for word, whose workers take their handlers from `hostile_jobs`."""

import functools
import sys

import cambrian.run.run as run_module
from cambrian.cli import main

run_module.Run = functools.partial(run_module.Run, handlers="hostile_jobs:HANDLERS")
sys.exit(main())
