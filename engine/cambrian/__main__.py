"""`python -m cambrian`: the command line."""

import multiprocessing
import sys

if __name__ == "__main__":
    # A frozen program starts its workers as itself: this must come before any argument is parsed.
    multiprocessing.freeze_support()
    from cambrian.cli import main

    sys.exit(main())
