"""A teacher, a verifier and a judge behind one scripted server, photos and comments for them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openai_server import OpenAIServer, Reply, Request, Says
from PIL import Image

ROOT = Path(__file__).parents[2]

GOOD_DRAFT = {"impression": "Pleasing.", "analysis": "Soft light.", "guidance": "Step closer."}


@dataclass
class Lab:
    """Answers by model: `teacher` drafts, `verifier` accepts. `faults` are used up first, one a
    chat, in order; `verdicts` are used up before acceptance. Prompts read 100 tokens, answers 10.
    """

    faults: list[Reply] = field(default_factory=list)
    verdicts: list[Mapping[str, Any]] = field(default_factory=list)
    draft: Mapping[str, Any] = field(default_factory=lambda: GOOD_DRAFT)
    every: int = 1
    """A fault comes with each so manieth chat."""
    _chats: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, request: Request) -> Reply:
        with self._lock:
            self._chats += 1
            if self.faults and self._chats % self.every == 0:
                return self.faults.pop(0)
            if request.body["model"] == "verifier":
                verdict = self.verdicts.pop(0) if self.verdicts else {"verdict": "accept"}
                return says(verdict)
            return says(self.draft)


def says(data: Any) -> Says:
    """JSON data as one streamed piece, counted as a server counts."""
    text = data if isinstance(data, str) else json.dumps(data)
    return Says(split=(text,), used=10, read=100)


def serving(server: OpenAIServer, lab: Lab) -> None:
    """Let the lab answer."""
    server.models = ["teacher", "verifier"]
    server.answer = lab


def photos(folder: Path, names: Sequence[str]) -> Path:
    """The same small photo under many names."""
    folder.mkdir(parents=True, exist_ok=True)
    first = folder / names[0]
    Image.linear_gradient("L").resize((48, 32)).convert("RGB").save(first)
    data = first.read_bytes()
    for name in names[1:]:
        (folder / name).write_bytes(data)
    return folder


def commented(folder: Path, count: int) -> Path:
    """`comments.jsonl` beside so many photos, each with comments of its own."""
    names = [f"{number:04}.jpg" for number in range(count)]
    photos(folder, names)
    lines = (json.dumps({"photo": name, "comments": [f"comment {name}", "nice"]}) for name in names)
    file = folder / "comments.jsonl"
    file.write_text("".join(f"{line}\n" for line in lines))
    return file


def start(arguments: Sequence[str]) -> subprocess.Popen[str]:
    """`venus-trainer` in a process of its own, without the keys of whoever runs the tests."""
    hidden = ("VENUS_API_KEY", "OPENAI_API_KEY")
    environment = {name: each for name, each in os.environ.items() if name not in hidden}
    environment["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    return subprocess.Popen(
        [sys.executable, "-m", "trainer.cli", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def asked(server: OpenAIServer) -> Counter[str]:
    """How often each request was answered to its end, by all that it says."""
    return Counter(
        json.dumps(each.body, sort_keys=True) for each in server.chats if each.answered.is_set()
    )
