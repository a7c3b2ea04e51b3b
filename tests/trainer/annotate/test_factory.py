"""The factory's two commands on a scripted lab: what becomes a record, what is kept aside."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest
from filelock import FileLock
from lab import GOOD_DRAFT, Lab, asked, commented, photos, says, start
from openai_server import OpenAIServer, Status
from PIL import Image
from tiny_checkpoints import make

from engine.review.records import Check, Kind, Record, read_records
from trainer.annotate import rationale, refine
from trainer.cli import main

CORRECTED = {**GOOD_DRAFT, "analysis": "Hard light."}


def who(server: OpenAIServer) -> list[str]:
    return [
        *("--teacher", server.url, "--teacher-model", "teacher", "--teacher-prices", "1,10"),
        *("--verifier", server.url, "--verifier-model", "verifier"),
    ]


def refined(server: OpenAIServer, comments: Path, out: Path, *more: str) -> int:
    one_by_one = ("--at-once", "1")
    return main(
        ["annotate", "refine", str(comments), "--out", str(out), *who(server), *one_by_one, *more]
    )


def records(out: Path) -> tuple[Record, ...]:
    return read_records(out / "records.jsonl").records


def aside(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "aside.jsonl").read_text().splitlines()]


# ── refine ───────────────────────────────────────────────────────────────────────────────────────


def test_accepted_corrected_and_rejected_drafts_are_records_with_their_sources(
    server: OpenAIServer, lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lab.verdicts = [
        {"verdict": "accept", "reason": ""},
        {"verdict": "correct", "reason": "It is noon.", "draft": CORRECTED},
        {"verdict": "reject", "reason": "Another photo."},
    ]
    out = tmp_path / "out"
    comments = commented(tmp_path / "p", 3)
    for number in range(1, 4):  # one more each time, so that the verdicts come in their order
        assert refined(server, comments, out, "--first", str(number)) == 0
    first, second, third = records(out)
    assert [each.checked.result for each in (first, second, third)] == [
        Check.ACCEPTED,
        Check.CORRECTED,
        Check.REJECTED,
    ]
    assert first.kind is Kind.GUIDANCE
    assert first.comments == ("comment 0000.jpg", "nice")
    assert first.draft.analysis == "Soft light."
    assert second.draft.analysis == "Hard light."
    assert second.checked.first == first.draft
    assert second.checked.reason == "It is noon."
    assert third.draft == first.draft
    teacher, verifier = third.sources
    assert (teacher.role, verifier.role) == ("teacher", "verifier")
    assert verifier.model == f"verifier at 127.0.0.1:{server.port}"
    assert teacher.prompts == refine.prompts().sum
    assert (teacher.prompt_tokens, teacher.answer_tokens) == (100, 10)
    assert (out / "answers" / teacher.request[:2] / f"{teacher.request}.json").is_file()
    told = capsys.readouterr().out
    assert "3 of 3 became records: 1 accepted, 1 corrected, 1 rejected." in told
    # 100 tokens at 1 a million and 10 at 10 are 0.0002, once now and twice before.
    assert "paid now 0.0002, in all 0.0006" in told


def test_the_models_are_shown_the_photo_the_comments_and_the_draft(
    server: OpenAIServer, tmp_path: Path
) -> None:
    assert refined(server, commented(tmp_path / "p", 1), tmp_path / "out") == 0
    teacher, verifier = server.chats
    assert (teacher.body["model"], verifier.body["model"]) == ("teacher", "verifier")
    assert "1. comment 0000.jpg\n2. nice" in teacher.question
    assert teacher.pictures == verifier.pictures
    assert '"analysis": "Soft light."' in verifier.question


def test_a_malformed_answer_is_asked_for_again_with_the_reason(
    server: OpenAIServer, lab: Lab, tmp_path: Path
) -> None:
    lab.faults = [says({"analysis": "a"}), says("no"), says(GOOD_DRAFT)]
    assert refined(server, commented(tmp_path / "p", 1), tmp_path / "out") == 0
    third = server.chats[2].body["messages"]
    assert [each["role"] for each in third] == ["user", "assistant", "user", "assistant", "user"]
    assert "lacks guidance, impression" in third[2]["content"]
    assert third[3]["content"] == "no"
    assert "not one JSON object" in third[4]["content"]
    assert len(records(tmp_path / "out")[0].sources) == 4


@pytest.mark.parametrize(
    ("faults", "step", "reason"),
    [
        ([says("one"), says("two")], "teacher", "not one JSON object"),
        ([says({**GOOD_DRAFT, "guidance": " "})] * 2, "teacher", "may not be empty"),
        ([says(GOOD_DRAFT), says({"verdict": "yes"}), says({"verdict": "reject"})], "verifier",
         "needs a reason"),
        ([says(GOOD_DRAFT), *[says({"verdict": "correct", "reason": "x"})] * 2], "verifier",
         "comes with a draft"),
        ([says(GOOD_DRAFT), *[says({"verdict": "accept", "draft": GOOD_DRAFT})] * 2], "verifier",
         "comes with a draft"),
    ],
)  # fmt: skip
def test_what_stays_malformed_is_kept_aside_with_its_raw_answers(
    server: OpenAIServer, lab: Lab, tmp_path: Path, faults: list, step: str, reason: str
) -> None:
    lab.faults = list(faults)
    out = tmp_path / "out"
    comments = commented(tmp_path / "p", 1)
    assert refined(server, comments, out, "--tries", "2") == 1
    assert records(out) == ()
    (kept,) = aside(out)
    assert (kept["photo"], kept["step"]) == ("0000.jpg", step)
    assert reason in kept["reason"]
    assert kept["answers"] == [each.text or "".join(each.split) for each in faults[-2:]]
    # More tries go on from there: the answers so far are not paid for again.
    chats = len(server.chats)
    assert refined(server, comments, out, "--tries", "3") == 0
    assert len(records(out)) == 1
    assert len(server.chats) == chats + (2 if step == "teacher" else 1)


def test_photos_that_cannot_be_read_are_kept_aside_and_cost_nothing(
    server: OpenAIServer, tmp_path: Path
) -> None:
    comments = commented(tmp_path / "p", 3)
    (tmp_path / "p" / "0000.jpg").unlink()
    (tmp_path / "p" / "0001.jpg").write_bytes(b"no picture")
    assert refined(server, comments, tmp_path / "out") == 1
    assert [each["photo"] for each in aside(tmp_path / "out")] == ["0000.jpg", "0001.jpg"]
    assert {each["step"] for each in aside(tmp_path / "out")} == {"photo"}
    assert len(server.chats) == 2


def test_a_refused_key_ends_the_run_keeps_what_came_and_says_how_to_go_on(
    server: OpenAIServer, lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    comments = commented(tmp_path / "p", 4)
    assert refined(server, comments, tmp_path / "out", "--first", "2") == 0
    lab.faults = [Status(401, "no more")]
    assert refined(server, comments, tmp_path / "out") == 1
    told = capsys.readouterr()
    assert "wants a key" in told.err
    assert "Go on, without paying twice, with: venus-trainer" in told.out
    assert [each.photo for each in records(tmp_path / "out")[:2]] == ["0000.jpg", "0001.jpg"]
    assert refined(server, comments, tmp_path / "out") == 0
    assert max(asked(server).values()) == 1


def test_records_of_an_earlier_run_stay_when_a_later_one_does_not_come_to_them(
    server: OpenAIServer, lab: Lab, tmp_path: Path
) -> None:
    comments = commented(tmp_path / "p", 3)
    assert refined(server, comments, tmp_path / "out") == 0
    lab.faults = [Status(401, "no")]
    assert refined(server, comments, tmp_path / "out", "--seed", "5") == 1
    assert sorted(each.photo for each in records(tmp_path / "out")) == [
        "0000.jpg",
        "0001.jpg",
        "0002.jpg",
    ]


def test_a_dry_run_shows_prompts_counts_what_is_kept_and_asks_nobody(
    server: OpenAIServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    comments = commented(tmp_path / "p", 5)
    assert refined(server, comments, tmp_path / "out", "--first", "2") == 0
    before = len(server.requests)
    capsys.readouterr()
    assert refined(server, comments, tmp_path / "out", "--dry-run") == 0
    told = capsys.readouterr().out
    assert len(server.requests) == before
    assert "1. comment 0002.jpg" in told
    assert "1. comment 0003.jpg" not in told
    assert "5 records, 5 photos: at least 10 requests" in told
    assert "first answer is kept already for 2" in told


def test_a_labs_own_prompts_are_used_and_told_by_their_sum(
    server: OpenAIServer, tmp_path: Path
) -> None:
    own = tmp_path / "own.toml"
    own.write_text('teacher = "Own {comments}"\nverifier = "{draft}"\nagain = "{reason}"\n')
    comments = commented(tmp_path / "p", 1)
    assert refined(server, comments, tmp_path / "out", "--prompts", str(own)) == 0
    assert server.chats[0].question == "Own 1. comment 0000.jpg\n2. nice"
    sums = {each.prompts for each in records(tmp_path / "out")[0].sources}
    assert sums == {refine.prompts(own).sum} != {refine.prompts().sum}


def test_two_runs_in_one_folder_do_not_mix(
    server: OpenAIServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with FileLock(out / ".lock"):
        assert refined(server, commented(tmp_path / "p", 1), out) == 2
    assert "Another run is at work" in capsys.readouterr().err
    assert server.chats == []


def test_a_checkpoint_of_this_machine_as_teacher_is_asked_once_for_all_times(
    server: OpenAIServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = make("qwen_vl", tmp_path / "tiny"), tmp_path / "out"
    comments = commented(tmp_path / "p", 1)
    # The later of two equal options counts. What a random model says is no JSON.
    local = ("--teacher", str(folder), "--teacher-model", "", "--most-tokens", "6", "--tries", "1")
    assert refined(server, comments, out, *local) == 1
    (kept,) = aside(out)
    assert (kept["step"], len(kept["answers"])) == ("teacher", 1)
    capsys.readouterr()
    assert refined(server, comments, out, *local) == 1
    assert aside(out) == [kept]
    account = json.loads((out / "account.json").read_text())
    assert (account[0]["now"]["answers"], account[0]["before"]["answers"]) == (0, 1)
    assert account[0]["model"] == "tiny on this machine"
    assert server.chats == []


def test_ctrl_c_saves_what_came_and_the_next_run_goes_on(
    server: OpenAIServer, tmp_path: Path
) -> None:
    comments, out = commented(tmp_path / "p", 60), tmp_path / "out"
    command = ["annotate", "refine", str(comments), "--out", str(out), *who(server)]
    process = start(command)
    while process.poll() is None and len(server.chats) < 30:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    told = process.communicate()[0]
    assert process.returncode == 130, told
    assert "Go on, without paying twice, with: venus-trainer annotate refine" in told
    assert 0 < len(records(out)) < 60
    process = start(command)
    told = process.communicate()[0]
    assert process.returncode == 0, told
    assert len(records(out)) == 60


# ── rationale ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def flms(tmp_path: Path) -> Path:
    """One photo and one good crop in FLMS's layout."""
    folder = tmp_path / "flms"
    photos(folder / "images", ["a.jpg"])
    (folder / "json").mkdir()
    (folder / "json" / "image_crops.json").write_text(json.dumps({"a.jpg": [[6, 4, 42, 30]]}))
    return folder


def explained(server: OpenAIServer, folder: Path, out: Path, *more: str) -> int:
    command = ["annotate", "rationale", "flms", str(folder), "--out", str(out), *who(server)]
    return main([*command, "--at-once", "1", *more])


def test_a_good_and_a_bad_crop_are_drawn_in_red_and_explained(
    server: OpenAIServer, lab: Lab, flms: Path, tmp_path: Path
) -> None:
    lab.draft = {"rationale": "It balances."}
    assert explained(server, flms, tmp_path / "out") == 0
    good, bad = records(tmp_path / "out")
    assert (good.better, bad.better) == (True, False)
    assert (good.photo, good.draft.rationale) == ("images/a.jpg", "It balances.")
    assert good.box is not None
    assert tuple(good.box) == pytest.approx((6 / 48, 4 / 32, 42 / 48, 30 / 32))
    asked_of = [each for each in server.chats if each.body["model"] == "teacher"]
    assert {("better" in each.question, "worse" in each.question) for each in asked_of} == {
        (True, False),
        (False, True),
    }
    seen = next(each for each in asked_of if "explain why the crop is better" in each.question)
    picture = tmp_path / "seen.jpg"
    picture.write_bytes(seen.pictures[0])
    with Image.open(picture) as image:
        red, green, blue = image.convert("RGB").getpixel((24, 5))
    assert red > 150 > max(green, blue)


def test_a_rejected_rationale_goes_back_with_the_reason_until_it_is_accepted(
    server: OpenAIServer, lab: Lab, flms: Path, tmp_path: Path
) -> None:
    rejected = {"verdict": "reject", "reason": "There is no tree."}
    lab.faults = [
        says(each) for each in ({"rationale": "A tree."}, rejected, {"rationale": "Sky."})
    ]
    assert explained(server, flms, tmp_path / "out", "--bad", "0") == 0
    (record,) = records(tmp_path / "out")
    assert (record.checked.result, record.checked.rounds) == (Check.ACCEPTED, 2)
    assert record.draft.rationale == "Sky."
    again = server.chats[2]
    assert "There is no tree." in again.question
    assert len(again.body["messages"]) == 3
    assert [each.role for each in record.sources] == ["teacher", "verifier"] * 2


def test_a_rationale_that_is_rejected_each_time_is_a_rejected_record_after_the_last_round(
    server: OpenAIServer, lab: Lab, flms: Path, tmp_path: Path
) -> None:
    for number in range(2):
        lab.faults += [
            says({"rationale": f"Draft {number}."}),
            says({"verdict": "reject", "reason": f"Wrong {number}."}),
        ]
    assert explained(server, flms, tmp_path / "out", "--bad", "0", "--rounds", "2") == 0
    (record,) = records(tmp_path / "out")
    assert (record.checked.result, record.checked.rounds) == (Check.REJECTED, 2)
    assert (record.draft.rationale, record.checked.reason) == ("Draft 1.", "Wrong 1.")
    assert len(server.chats) == 4
    assert record.sources[0].prompts == rationale.prompts().sum


def test_a_teacher_who_repeats_a_rejected_rationale_is_not_checked_at_cost_again(
    server: OpenAIServer, lab: Lab, flms: Path, tmp_path: Path
) -> None:
    lab.draft = {"rationale": "A tree."}
    lab.verdicts = [{"verdict": "reject", "reason": "There is no tree."}]
    assert explained(server, flms, tmp_path / "out", "--bad", "0", "--rounds", "3") == 0
    (record,) = records(tmp_path / "out")
    assert (record.checked.result, record.checked.rounds) == (Check.REJECTED, 3)
    assert [each.body["model"] for each in server.chats].count("verifier") == 1


def test_a_dry_run_of_rationales_names_the_red_box(
    server: OpenAIServer, flms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explained(server, flms, tmp_path / "out", "--dry-run") == 0
    told = capsys.readouterr().out
    assert "images/a.jpg, red box at 0.125, 0.125, 0.875, 0.938" in told
    assert "2 records, 1 photos: at least 4 requests" in told
    assert server.requests == []
