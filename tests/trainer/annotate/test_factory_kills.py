"""The factory over a thousand records on a server with moods, killed again and again."""

from __future__ import annotations

import json
import time
from pathlib import Path

from lab import Lab, asked, commented, says, serving, start
from openai_server import Cuts, OpenAIServer, Raw, Status

from engine.review.records import read_records

RECORDS = 1000
AT_ONCE = 4
SLOTS = 2 * AT_ONCE
"""Requests that may be under way: the bound of the teacher and that of the verifier."""
KILLS_AT = (150, 700, 1300)
"""Answers after which the process is killed."""


def test_nothing_is_lost_and_nothing_paid_twice_over_a_thousand_records_and_three_kills(
    tmp_path: Path,
) -> None:
    comments = commented(tmp_path / "photos", RECORDS)
    out = tmp_path / "out"
    lab = Lab(every=60)
    lab.faults = [
        Status(429, headers={"Retry-After": "0"}),
        Cuts(('{"impression": "Ple',)),
        Raw(b"data: {broken\n\n"),
        Status(500, headers={"Retry-After": "0"}),
        says("Here you are: no JSON at all."),
    ]
    with OpenAIServer() as server:
        serving(server, lab)
        command = [
            "annotate", "refine", str(comments), "--out", str(out), "--at-once", str(AT_ONCE),
            "--teacher", server.url, "--teacher-model", "teacher", "--teacher-prices", "1,10",
            "--verifier", server.url, "--verifier-model", "verifier",
        ]  # fmt: skip
        for answers in KILLS_AT:
            process = start(command)
            while process.poll() is None and sum(asked_quickly(server)) < answers:
                time.sleep(0.02)
            assert process.poll() is None, process.communicate()[0]
            process.kill()
            process.communicate()
        process = start(command)
        output = process.communicate()[0]
        assert process.returncode == 0, output
        seen = asked(server)
        before = len(server.chats)

        again = start(command)
        assert again.communicate()[0].splitlines()[-1].endswith("holds the records.")
        assert again.returncode == 0
        assert len(server.chats) == before, "a finished run asks nobody"

    # Each request's answer is on the disk; only those under way at a kill were asked again.
    twice = sum(count - 1 for count in seen.values())
    assert twice <= SLOTS * len(KILLS_AT)
    assert len(seen) == 2 * RECORDS + 1  # and the malformed answer's second try
    kept = list((out / "answers").rglob("*.json"))
    assert len(kept) == len(seen)

    records = read_records(out / "records.jsonl").records
    assert [each.photo for each in records] == [f"{number:04}.jpg" for number in range(RECORDS)]
    assert (out / "aside.jsonl").read_text() == ""
    requests = {source.request for each in records for source in each.sources}
    assert requests == {each.stem for each in kept}

    teacher, verifier = json.loads((out / "account.json").read_text())
    answers = sum(side[when]["answers"] for side in (teacher, verifier) for when in WHEN)
    assert answers == len(seen)
    assert teacher["now"]["answers"] == 0  # the last run paid nothing
    tokens = teacher["before"]
    assert tokens["cost"] == (tokens["prompt_tokens"] * 1 + tokens["answer_tokens"] * 10) / 1e6


WHEN = ("now", "before")


def asked_quickly(server: OpenAIServer) -> list[int]:
    return [1 for each in server.chats if each.answered.is_set()]
