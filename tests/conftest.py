"""What every test gets: Qt without a screen, and a data folder of its own."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
