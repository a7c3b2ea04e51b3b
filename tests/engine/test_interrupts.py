"""Signals, sent to a real process."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import sys, time
from engine.interrupts import Stopping
with Stopping("Stopping.") as stop:
    print("ready", flush=True)
    while not stop():
        time.sleep(0.01)
    print("told", flush=True)
    for line in sys.stdin:
        break
    print("whole", flush=True)
sys.exit(stop.status)
"""


@pytest.fixture
def started():
    process = subprocess.Popen(
        [sys.executable, "-c", CODE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_lets_what_is_under_way_become_whole(
    started: subprocess.Popen[str], number: signal.Signals
) -> None:
    started.send_signal(number)
    assert started.stdout is not None
    assert started.stdout.readline() == "told\n"
    if number is signal.SIGINT:
        started.send_signal(signal.SIGTERM)  # a launcher passing it on
    out, err = started.communicate("go on\n")
    assert out == "whole\n"
    assert err == "\nStopping.\n"
    assert started.returncode == 128 + number


def test_a_second_ctrl_c_ends_at_once(started: subprocess.Popen[str]) -> None:
    started.send_signal(signal.SIGINT)
    assert started.stdout is not None
    assert started.stdout.readline() == "told\n"
    started.send_signal(signal.SIGINT)
    assert started.wait() == 128 + signal.SIGINT
    assert started.stdout.read() == ""
