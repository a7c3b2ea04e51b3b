"""Compares our numbers with the original's, case by case, for `parity`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from engine.venus.qwen_vl.fixture import Arrays, Fixture
from engine.venus.qwen_vl.vision import stretch_table

STATES: Final = 3e-5
"""Absolute, for pixels, features, hidden states and logits in fp32."""
LOSSES: Final = 1e-5
GRADIENTS: Final = 1e-5
"""Relative: norms reach 10."""

ANSWERED: Final = frozenset(
    (
        *("final_hidden", "hidden_states", "argmax_all", "generated", "last_logits"),
        *("last_logits_stride16", "last_top64_ids"),
    )
)
"""The arrays of a prompt and its answer; each may be there or not."""
COMPARED: Final = ANSWERED | {
    *("input_ids", "attention_mask", "labels", "loss", "grad_names", "grad_norms", "ntk_alpha"),
    *("last_top64_logits", "gen_top5_ids", "gen_top5_logits"),
}
"""The arrays of a case that are looked at; others are named in the table."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The largest difference of one thing in one case; `limit` 0 counts what is unequal."""

    case: str
    what: str
    worst: float
    limit: float

    @property
    def passed(self) -> bool:
        """False for a NaN too."""
        return self.worst <= self.limit


def counted_positions(count: int, *, rows: int = 1) -> Tensor:
    """The original's positions: the index in the sequence, padding counted."""
    return torch.arange(count)[None].expand(rows, -1)


# ── the eye ──────────────────────────────────────────────────────────────────────────────────────


@torch.no_grad()
def compare_visual(fixture: Fixture) -> Iterator[Difference]:
    """Pixels, features, and for the first picture the stages between."""
    wanted = fixture.visual
    processor = fixture.processor
    seen = [
        processor.resize(Image.open(file))
        for file in sorted((fixture.folder / "images").iterdir())
        if file.suffix.lower() in (".png", ".jpg", ".jpeg", ".bmp", ".webp")
    ]
    for number in range(sum(name.startswith("resized_u8_") for name in wanted)):
        case = f"visual {number}"
        resized = wanted[f"resized_u8_{number}"]
        # The arrays do not name their file: it is the one that looks most like them.
        ours = min(seen, key=lambda one: int((one != resized).sum()))
        yield Difference(case, "resized pixels", float((ours != resized).sum()), 0)
        pixels = processor.normalise(ours)
        moments = {
            "mean": pixels.mean((1, 2)),
            "std": pixels.std((1, 2)),
            "min": pixels.min((1, 2)),
            "max": pixels.max((1, 2)),
            "corner": pixels[:, :8, :8],
        }
        for name, value in moments.items():
            if f"pixel_{name}_{number}" in wanted:
                yield _largest(case, f"pixel {name}", value, wanted[f"pixel_{name}_{number}"])
        features, stages = _stages(fixture, torch.from_numpy(pixels)[None])
        if f"features_{number}" in wanted:
            yield _largest(case, "features", features, wanted[f"features_{number}"])
        for name, value in stages.items() if number == 0 else ():
            if name in wanted:
                yield _largest(case, name, value, wanted[name])


def _stages(fixture: Fixture, pixels: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """The features of one picture, and what passed by on the way, in the fixture's names."""
    tower = fixture.model.transformer.visual
    stages: dict[str, Tensor] = {}

    def keep(name: str, module: torch.nn.Module) -> torch.utils.hooks.RemovableHandle:
        def hook(_module: torch.nn.Module, _inputs: object, output: Tensor) -> None:
            stages[name] = output[0]

        return module.register_forward_hook(hook)

    watched = {
        "im0_conv_rows": tower.conv1,
        "im0_ln_pre_rows": tower.ln_pre,
        "im0_vit_out_rows": tower.transformer,
        "im0_resampler_out": tower.attn_pool,
    }
    handles = [keep(name, module) for name, module in watched.items()]
    features = tower(pixels)[0]
    for handle in handles:
        handle.remove()
    stages["im0_conv_rows"] = stages["im0_conv_rows"].flatten(1).T
    blocks = stages["im0_vit_out_rows"]
    rows = len(fixture.visual.get("im0_vit_out_rows", blocks))
    stages["im0_vit_out_rows"] = blocks[:: len(blocks) // rows]
    stages["pos_interp_rows"] = stretch_table(tower.positional_embedding, grid=tower.grid)
    stages["resampler_kpos_interp_rows"] = stretch_table(tower.attn_pool.pos_embed, grid=tower.grid)
    return features, stages


# ── prompts and answers ──────────────────────────────────────────────────────────────────────────


@torch.no_grad()
def compare_answer(fixture: Fixture, case: str, wanted: Arrays) -> Iterator[Difference]:
    """Hidden states and logits of a prompt, then its greedy answer. Padding is not compared."""
    model, ids = fixture.model, torch.from_numpy(wanted["input_ids"]).long()
    count = ids.shape[1]
    mask = torch.from_numpy(wanted.get("attention_mask", np.ones(ids.shape))).long()
    pixels = fixture.pixels(wanted["input_ids"])
    out = model(
        input_ids=ids,
        attention_mask=mask if "attention_mask" in wanted else None,
        position_ids=counted_positions(count),
        pixel_values=pixels,
        output_hidden_states=True,
        logits_to_keep=1,
    )
    if "ntk_alpha" in wanted:
        alphas = set(out.past_key_values.ntk_alphas)
        yield Difference(case, "NTK alpha", float(alphas != {float(wanted["ntk_alpha"])}), 0)
    *before, final = out.hidden_states
    real = mask.bool().numpy()
    if "final_hidden" in wanted:
        kept = wanted["final_hidden"].shape[1]
        yield _largest(
            case, "final hidden", final[:, -kept:], wanted["final_hidden"], where=real[:, -kept:]
        )
    if "hidden_states" in wanted:
        inputs = torch.cat(before)[: len(wanted["hidden_states"])]
        yield _largest(case, "hidden states", inputs, wanted["hidden_states"])
    if "argmax_all" in wanted:
        # In parts: all logits of 2,500 tokens would fill 1.5 GB.
        parts = [model.lm_head(part).argmax(-1).numpy() for part in final.split(256, dim=1)]
        unequal = (np.concatenate(parts, axis=1) != wanted["argmax_all"]) & real
        yield Difference(case, "argmax everywhere", float(unequal.sum()), 0)
    yield from _compare_last_logits(case, out.logits[:, -1], wanted)
    if "generated" in wanted:
        yield from _compare_generated(fixture, case, wanted, pixels=pixels, mask=mask)


def _compare_last_logits(case: str, logits: Tensor, wanted: Arrays) -> Iterator[Difference]:
    if "last_logits" in wanted:
        yield _largest(case, "logits", logits, wanted["last_logits"])
    if "last_logits_stride16" in wanted:
        yield _largest(case, "logits", logits[:, ::16], wanted["last_logits_stride16"])
    if "last_top64_ids" in wanted:
        ids = torch.from_numpy(wanted["last_top64_ids"]).long()
        yield _largest(case, "top logits", logits.gather(-1, ids), wanted["last_top64_logits"])


def _compare_generated(
    fixture: Fixture, case: str, wanted: Arrays, *, pixels: Tensor | None, mask: Tensor
) -> Iterator[Difference]:
    ids = torch.from_numpy(wanted["input_ids"]).long()
    expected = wanted["generated"]
    made = fixture.model.generate(
        ids,
        attention_mask=mask,
        position_ids=counted_positions(ids.shape[1], rows=len(ids)),
        pixel_values=pixels,
        do_sample=False,
        max_new_tokens=expected.shape[1],
        eos_token_id=fixture.end_id,
        pad_token_id=fixture.end_id,
        output_logits=True,
        return_dict_in_generate=True,
    )
    answers = made.sequences[:, ids.shape[1] :].numpy()
    yield Difference(case, "greedy tokens", float(unequal_tokens(answers, expected)), 0)
    if "gen_top5_ids" in wanted:
        steps = torch.stack(made.logits, dim=1)
        top = torch.from_numpy(wanted["gen_top5_ids"]).long()[:, : steps.shape[1]]
        reference = wanted["gen_top5_logits"][:, : steps.shape[1]]
        yield _largest(case, "logits while decoding", steps.gather(-1, top), reference)


def unequal_tokens(ours: np.ndarray, expected: np.ndarray) -> int:
    """How many places of two (rows, tokens) differ; a missing token is a difference."""
    shared = min(ours.shape[1], expected.shape[1])
    missing = abs(ours.shape[1] - expected.shape[1]) * len(expected)
    return int((ours[:, :shared] != expected[:, :shared]).sum()) + missing


# ── training ─────────────────────────────────────────────────────────────────────────────────────


def compare_training(fixture: Fixture, case: str, wanted: Arrays) -> Iterator[Difference]:
    """Loss, logits and the norm of every gradient, in train mode."""
    model, ids = fixture.model, torch.from_numpy(wanted["input_ids"]).long()
    mask = wanted.get("attention_mask")
    model.train()
    try:
        out = model(
            input_ids=ids,
            attention_mask=None if mask is None else torch.from_numpy(mask).long(),
            position_ids=counted_positions(ids.shape[1]),
            pixel_values=fixture.pixels(wanted["input_ids"]),
            labels=torch.from_numpy(wanted["labels"]).long(),
            use_cache=False,
        )
        yield Difference(case, "loss", abs(out.loss.item() - float(wanted["loss"])), LOSSES)
        yield from _compare_last_logits(case, out.logits[:, -1].detach(), wanted)
        out.loss.backward()
        norms = {
            name: _norms(parameter.grad)
            for name, parameter in model.named_parameters()
            if parameter.requires_grad
        }
    finally:
        model.zero_grad(set_to_none=True)
        model.eval()
    expected = dict(zip(wanted["grad_names"].tolist(), wanted["grad_norms"].tolist(), strict=True))
    worst = max(
        min(abs(ours - norm) / (norm or 1.0) for ours in norms.get(name, (float("inf"),)))
        for name, norm in expected.items()
    )
    yield Difference(case, "gradient norms (relative)", worst, GRADIENTS)
    others = sorted(set(norms) ^ set(expected))
    yield Difference(case, "gradients of other names", float(len(others)), 0)


def _norms(gradient: Tensor | None) -> tuple[float, float]:
    """The norm summed up in fp32 and in fp64; 0 where nothing took part (the eye, in a text).

    The original summed in fp32, which on the matrices of the vocabulary is off by up to 3e-4 of
    the true norm in a way that depends on the processor: either sum may be the one that agrees.
    """
    if gradient is None:
        return 0.0, 0.0
    return gradient.norm().item(), gradient.double().norm().item()


def _largest(
    case: str,
    what: str,
    ours: Tensor | np.ndarray,
    wanted: np.ndarray,
    *,
    where: np.ndarray | None = None,
) -> Difference:
    values = ours.numpy() if isinstance(ours, Tensor) else ours
    # Some arrays hold only the first rows.
    if values.ndim == wanted.ndim == 2 and what.endswith("_rows"):
        values = values[: len(wanted)]
    if values.shape != wanted.shape:
        return Difference(case, f"{what}: {values.shape}, not {wanted.shape}", float("inf"), STATES)
    apart = np.abs(values.astype(np.float64) - wanted)
    if where is not None:
        apart = apart[where]
    return Difference(case, what, float(apart.max()), STATES)
