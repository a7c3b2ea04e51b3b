"""What a family of models must tell: how it is recognised, spoken to, shown a photo, and run.

`families/` holds one adapter each. `decode/` runs any of them, `quantise/` loads them; neither
knows a family by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray
from torch import Tensor
from transformers import GenerationConfig, PreTrainedModel
from transformers.cache_utils import Cache

from engine.dialogue.notation import Notation
from engine.dialogue.speaker import Turn
from engine.stop import Stop
from engine.vocabulary import Size

Rgb = NDArray[Any]
"""Height × width × 3, uint8, upright sRGB."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Where the parts of a model lie: dotted module names as `named_modules` gives them.

    The order matters nowhere; a part that a family lacks is empty. A name may lie inside another
    (a connector inside the tower): a module belongs to the part with the longest name that it
    is or lies in.
    """

    language: tuple[str, ...]
    vision: tuple[str, ...]
    connector: tuple[str, ...]
    embeddings: tuple[str, ...]
    head: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A checkpoint folder, understood but not loaded.

    `folders` are those that its files come from, the adapter's first; `notes` say in words what
    was filled in, converted or passed over.
    """

    folder: Path
    folders: tuple[Path, ...]
    config: Any
    generation: GenerationConfig
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pixels:
    """A photo as a family's vision tower takes it, on the CPU in fp32, and the tokens it becomes.

    `seen` is the picture's size for the model: what a notation in pixels counts. `frame` is where
    the whole photo lies in that picture (left, top, right, bottom, in fractions of the picture):
    inside it where the photo was padded, reaching out of it where the photo was cut.
    """

    inputs: Mapping[str, Tensor]
    tokens: int
    seen: Size
    frame: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A photo after the vision tower and the connector.

    `features` is (image tokens, hidden); `deeper` has what some families add to their first
    layers (each (image tokens, hidden)); `grid` is (rows, columns) of image tokens where positions
    depend on it; `shift` is what the positions after the photo are more than the tokens before.
    """

    features: Tensor
    deeper: tuple[Tensor, ...] = ()
    grid: tuple[int, int] | None = None
    shift: int = 0


@dataclass(frozen=True, slots=True)
class Inputs:
    """Tokens as a language model takes them: embeddings (rows, tokens, hidden), positions
    ((rows, tokens), or with leading axes where a family has several), and where the image is
    ((rows, tokens) of true and false). `deeper` is what some families add to their first layers at
    the image: each (image tokens of all rows, hidden).
    """

    embeddings: Tensor
    positions: Tensor
    image: Tensor | None = None
    deeper: tuple[Tensor, ...] = ()


class Processor(Protocol):
    """A checkpoint's words and pictures. Knows no weights."""

    notation: Notation
    stop_ids: frozenset[int]

    def pixels(self, rgb: Rgb) -> Pixels:
        """The photo as the vision tower takes it, equal to the upstream processor's."""
        ...

    def prompt(self, history: Sequence[Turn], question: str, pixels: Pixels | None) -> list[int]:
        """Ids up to where the answer begins, image tokens expanded; turn one has the photo."""
        ...

    def training(
        self, history: Sequence[Turn], pixels: Pixels | None
    ) -> tuple[list[int], list[bool]]:
        """A whole conversation's ids, image tokens expanded, and which of them count in the loss.

        The same pieces as `prompt`'s; the photo is in the first turn.
        """
        ...

    def encode(self, text: str) -> list[int]:
        """The ids of a piece of an answer, tags of boxes as the model writes them."""
        ...

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids, tags of boxes kept, other special tokens dropped."""
        ...


class Runner(Protocol):
    """A loaded model of a family, run in the one way that decoding needs. Inference mode."""

    model: PreTrainedModel

    @property
    def frozen_context(self) -> int | None:
        """Tokens up to which a prefix may be shared; None where it always may (no dynamic NTK)."""
        ...

    @property
    def recurrent(self) -> bool:
        """True where layers keep a running state instead of keys and values: such a cache can be
        copied and grown, but not cut back, and no attention can look at a part of it.
        """
        ...

    def encode_image(self, pixels: Pixels, stop: Stop) -> Encoded | None:
        """The photo through the vision tower; None when stopped, asked between its blocks."""
        ...

    def inputs(self, ids: Tensor, encoded: Encoded | None, *, start: int = 0) -> Inputs:
        """Embeddings and positions of ids (rows, tokens) that stand `start` tokens into a sequence
        whose photo is `encoded`. Ids with image tokens are whole prompts and have start 0.
        """
        ...

    def part(self, inputs: Inputs, start: int, end: int) -> Inputs:
        """The tokens from start to end, for prefilling in chunks."""
        ...

    def logits(self, inputs: Inputs, cache: Cache, *, total: int, last_only: bool = True) -> Tensor:
        """Run the language model, growing the cache: fp32 logits (rows, 1 or tokens, vocabulary).

        `total` is the length in tokens of the sequence that the caller means to reach, which a
        family with dynamic NTK needs at prefill.
        """
        ...


class Family(Protocol):
    """One kind of model."""

    name: str
    title: str

    def recognises(self, config: Mapping[str, Any]) -> bool: ...

    def read(self, folder: Path, *, base: Path | None = None) -> Source:
        """Everything of a checkpoint but its weights. CheckpointError names what is wrong."""
        ...

    def parts(self, config: Any) -> Parts: ...

    def build(self, config: Any) -> PreTrainedModel:
        """The model without its weights, in eval mode: parameters and saved buffers on the meta
        device in the config's dtype, tables that no checkpoint carries filled on the CPU.
        """
        ...

    def tensors(self, source: Source) -> Iterator[tuple[str, Tensor]]:
        """Every weight under `build`'s name for it, one at a time, on the CPU, in its dtype on
        disk, an adapter merged. Tied weights come once or twice. CheckpointError as it goes.
        """
        ...

    def processor(self, source: Source) -> Processor: ...

    def forward_inputs(
        self, config: Any, ids: Tensor, pixels: Sequence[Pixels]
    ) -> dict[str, Tensor]:
        """What the model's own forward takes beside ids (rows, tokens) of whole conversations and
        their attention mask: the photos' tensors, one photo a row, and what else it needs of them.
        """
        ...

    def runner(self, model: PreTrainedModel, processor: Processor) -> Runner: ...
