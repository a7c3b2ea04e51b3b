"""How far, how fast, how long still."""

from __future__ import annotations

import pytest

from engine.checkpoints.progress import WINDOW_S, Meter, Phase, Transfer


def transfer(**named: object) -> Transfer:
    return Transfer(**{"phase": Phase.FETCHING, "file": "a.bin", **named})  # type: ignore[arg-type]


def test_the_speed_is_that_of_the_last_seconds() -> None:
    meter = Meter()
    assert meter.mark(100.0, 5_000) == 0.0  # what was there before is not speed
    assert meter.mark(101.0, 6_000) == 1_000
    assert meter.mark(102.0, 9_000) == 2_000
    for second in range(1, 20):
        slow = meter.mark(102.0 + second, 9_000 + 10 * second)
    assert slow == pytest.approx(10)
    assert WINDOW_S < 19


def test_a_clock_that_stands_still_is_no_speed() -> None:
    meter = Meter()
    meter.mark(1.0, 0)
    assert meter.mark(1.0, 500) == 0.0


def test_bytes_that_are_thrown_away_are_no_speed() -> None:
    meter = Meter()
    meter.mark(1.0, 500)
    assert meter.mark(2.0, 0) == 0.0


def test_words_say_what_is_known() -> None:
    assert transfer(done=5, total=0).text == "Downloading a.bin"
    assert transfer(done=5_000, total=10_000).text == "Downloading a.bin: 5.0 kB of 10.0 kB"
    full = transfer(done=5_000_000, total=10_000_000, speed=1e5)
    assert full.text == "Downloading a.bin: 5.0 MB of 10.0 MB, 100.0 kB/s, 50 s left"
    assert (full.fraction, full.seconds_left) == (0.5, 50)
    assert (full.progress.fraction, full.progress.text) == (0.5, full.text)
    assert "does not answer" in transfer(phase=Phase.WAITING, file="").text
    assert "lost at a.bin" in transfer(phase=Phase.WAITING).text


def test_nothing_is_known_before_the_list_is_there() -> None:
    asking = Transfer(phase=Phase.ASKING)
    assert (asking.fraction, asking.seconds_left) == (0.0, None)
