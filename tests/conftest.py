"""What every test gets: Qt without a screen, and a data folder of its own."""

import os

import hypothesis

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# One thread a process: tiny tensors gain nothing from more, and other tests run beside these.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# No test asserts a time, hypothesis's own ones neither: the machines are shared.
hypothesis.settings.register_profile("shared", deadline=None)
hypothesis.settings.load_profile("shared")
