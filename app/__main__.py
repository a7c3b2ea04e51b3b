"""`python -m app` is `venus`."""

import sys

from app.cli import main

sys.exit(main())
