"""Compares our prompts, labels and answers with the original's texts, for `parity`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from engine.dialogue.speaker import Turn
from engine.venus.qwen_vl.chat import answer_text, prompt_ids, stop_ids
from engine.venus.qwen_vl.fixture import Fixture
from engine.venus.qwen_vl.labels import conversation_example
from engine.venus.qwen_vl.parity_cases import Difference, unequal_tokens
from engine.venus.qwen_vl.stopping import StopSequences
from engine.venus.qwen_vl.tokenizer import QwenTokenizer


def compare_texts(fixture: Fixture) -> Iterator[Difference]:
    """Every entry of cases.json that is understood (see `understood`)."""
    tokenizer = fixture.tokenizer
    if tokenizer is None:
        yield Difference("texts", "no tokenizer file for cases.json", 1, 0)
        return
    chat = next((name for name, entry in fixture.texts.items() if _is_prompt(entry)), None)
    for name, entry in fixture.texts.items():
        if _is_prompt(entry):
            yield from _compare_prompt(fixture, tokenizer, name, entry)
        elif isinstance(entry, list):
            yield from _compare_labels(fixture, tokenizer, name, entry)
        elif isinstance(entry, dict) and "stop_words_ids" in entry and chat:
            ids = _ids(tokenizer, fixture.texts[entry.get("case", chat)])
            yield _compare_stopping(fixture, name, ids, entry)
        elif isinstance(entry, str) and chat:
            ids = _ids(tokenizer, fixture.texts[chat])
            asked = fixture.cases.get(f"case_{chat}", {}).get("generated")
            length = len(tokenizer.encode(entry)) + 1 if asked is None else asked.shape[1]
            answer = _original_text(tokenizer, _chat(fixture, tokenizer, ids, length=length))
            yield Difference(name, "answer's text", float(answer != entry), 0)


def understood(entry: Any) -> bool:
    """False for an entry of cases.json that is not compared, such as how bf16 fared."""
    return isinstance(entry, list | str) or _is_prompt(entry) or "stop_words_ids" in entry


def _is_prompt(entry: Any) -> bool:
    return isinstance(entry, dict) and "query" in entry


def _ids(tokenizer: QwenTokenizer, entry: dict[str, Any]) -> list[int]:
    history = [Turn(query, answer) for query, answer in entry.get("history") or ()]
    return prompt_ids(tokenizer, entry["query"], history=history)


def _compare_prompt(
    fixture: Fixture, tokenizer: QwenTokenizer, name: str, entry: dict[str, Any]
) -> Iterator[Difference]:
    ids = _ids(tokenizer, entry)
    case = fixture.cases.get(f"case_{name}", {})
    if "input_ids" in case:
        yield _unequal(name, "prompt's tokens", ids, case["input_ids"][0])
    if "n_tokens" in entry:
        yield Difference(name, "number of tokens", abs(len(ids) - entry["n_tokens"]), 0)
    if "raw_text" in entry:
        raw = unicodedata.normalize("NFC", entry["raw_text"])
        yield Difference(name, "prompt's text", float(tokenizer.decode(ids) != raw), 0)
    if "response_text" in entry and "generated" in case:
        answer = _original_text(tokenizer, case["generated"][0].tolist())
        yield Difference(name, "answer's text", float(answer != entry["response_text"]), 0)


def _original_text(tokenizer: QwenTokenizer, ids: list[int]) -> str:
    """The answer as the original read it: one that found no end lost its last token."""
    ended = any(token in stop_ids(tokenizer) for token in ids)
    return answer_text(tokenizer, ids if ended else ids[:-1])


def _compare_labels(
    fixture: Fixture, tokenizer: QwenTokenizer, name: str, turns: list[dict[str, str]]
) -> Iterator[Difference]:
    stems = [f"case_{stem}" for stem in (name, name.removesuffix("_conversation"))]
    case = next((fixture.cases[stem] for stem in stems if stem in fixture.cases), {})
    if not {"input_ids", "labels"} <= set(case):
        yield Difference(name, "no labels to compare with", 1, 0)
        return
    example = conversation_example(tokenizer, turns, length=case["input_ids"].shape[1])
    yield _unequal(name, "training tokens", example.input_ids, case["input_ids"][0])
    yield _unequal(name, "labels", example.labels, case["labels"][0])
    if "attention_mask" in case:
        yield _unequal(name, "training mask", example.attention_mask, case["attention_mask"][0])


@torch.no_grad()
def _compare_stopping(
    fixture: Fixture, name: str, ids: list[int], entry: dict[str, Any]
) -> Difference:
    """The original forced an end token after a stop word; we stop at the word itself."""
    expected = list(entry["generated"])
    while expected and expected[-1] == fixture.end_id:
        expected.pop()
    row = torch.tensor([ids])
    stopper = StopSequences(entry["stop_words_ids"], prompt_length=len(ids))
    made = fixture.model.generate(
        row,
        attention_mask=torch.ones_like(row),
        pixel_values=fixture.pixels(row.numpy()),
        do_sample=False,
        max_new_tokens=max(64, len(expected) + 16),
        eos_token_id=fixture.end_id,
        pad_token_id=fixture.end_id,
        stopping_criteria=[stopper],
    )
    return _unequal(name, "tokens up to the stop", made[0, len(ids) :].tolist(), expected)


@torch.no_grad()
def _chat(fixture: Fixture, tokenizer: QwenTokenizer, ids: list[int], *, length: int) -> list[int]:
    """The greedy answer, of at most `length` tokens."""
    row = torch.tensor([ids])
    made = fixture.model.generate(
        row,
        attention_mask=torch.ones_like(row),
        pixel_values=fixture.pixels(row.numpy()),
        do_sample=False,
        max_new_tokens=length,
        eos_token_id=stop_ids(tokenizer),
        pad_token_id=tokenizer.pad_id,
    )
    return made[0, len(ids) :].tolist()


def _unequal(case: str, what: str, ours: Any, wanted: Any) -> Difference:
    first, second = np.atleast_2d(np.asarray(ours)), np.atleast_2d(np.asarray(wanted))
    return Difference(case, what, float(unequal_tokens(first, second)), 0)
