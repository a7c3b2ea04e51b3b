"""What every test gets: Qt without a screen, and a data folder of its own."""

import os

import hypothesis

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# No test asserts a time, hypothesis's own ones neither: the machines are shared.
hypothesis.settings.register_profile("shared", deadline=None)
hypothesis.settings.load_profile("shared")
