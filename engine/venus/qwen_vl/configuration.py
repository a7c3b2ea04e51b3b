"""The numbers that describe a Qwen-VL checkpoint: its config.json, checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from transformers import PretrainedConfig

RELEASED_VISUAL: Final[dict[str, Any]] = {
    "heads": 16,
    "image_size": 448,
    "image_start_id": 151857,
    "layers": 48,
    "mlp_ratio": 4.9231,
    "output_dim": 4096,
    "patch_size": 14,
    "width": 1664,
}
"""The `visual` block of Qwen-VL-Chat and of the released Venus-Q."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionConfig:
    """The `visual` block of config.json; lengths in pixels or in features."""

    heads: int
    image_size: int
    image_start_id: int
    layers: int
    mlp_ratio: float
    output_dim: int
    patch_size: int
    width: int
    n_queries: int = 256

    @property
    def grid(self) -> int:
        """Patches along one side of the image."""
        return self.image_size // self.patch_size

    @property
    def image_end_id(self) -> int:
        return self.image_start_id + 1

    @property
    def image_pad_id(self) -> int:
        return self.image_start_id + 2


class QwenVLConfig(PretrainedConfig):
    """Qwen-VL's config.json in the release's own words; the defaults are the released sizes.

    Raises ValueError for a text-only Qwen (no `visual` block; it shares the name `qwen`) and for
    settings that no released checkpoint uses and that this implementation does not have.
    """

    model_type = "qwen"
    keys_to_ignore_at_inference = ["past_key_values"]  # noqa: RUF012  (transformers' habit)

    vocab_size: int = 151936
    hidden_size: int = 4096
    num_hidden_layers: int = 32
    num_attention_heads: int = 32
    kv_channels: int = 128
    intermediate_size: int = 22016
    layer_norm_epsilon: float = 1e-6
    rotary_emb_base: int | float = 10000
    rotary_pct: float = 1.0
    seq_length: int = 2048
    max_position_embeddings: int = 8192
    use_dynamic_ntk: bool = True
    use_logn_attn: bool = True
    scale_attn_weights: bool = True
    no_bias: bool = True
    initializer_range: float = 0.02
    attn_dropout_prob: float = 0.0
    emb_dropout_prob: float = 0.0
    use_cache: bool = True
    tie_word_embeddings: bool = False
    visual: dict[str, Any] = field(default_factory=lambda: dict(RELEASED_VISUAL))

    def __post_init__(self, **kwargs: Any) -> None:
        # Names of the code that came with the checkpoint: we run our own.
        kwargs.pop("auto_map", None)
        super().__post_init__(**kwargs)
        self._refuse_what_is_not_built()

    @classmethod
    def from_dict(cls, config_dict: dict[str, Any], **kwargs: Any) -> Any:
        """As in transformers, but a text-only Qwen is refused instead of given an eye."""
        if not is_qwen_vl(config_dict):
            raise ValueError("not a Qwen-VL: its config has no `visual` block (a text-only Qwen?)")
        return super().from_dict(config_dict, **kwargs)

    def _refuse_what_is_not_built(self) -> None:
        wanted = {
            "rotary_pct": 1.0,
            "scale_attn_weights": True,
            "no_bias": True,
            "tie_word_embeddings": False,
            "attn_dropout_prob": 0.0,
            "emb_dropout_prob": 0.0,
        }
        other = {
            name: getattr(self, name) for name in wanted if getattr(self, name) != wanted[name]
        }
        if other:
            raise ValueError(
                "no released Qwen-VL sets these, and they are not built: "
                + ", ".join(f"{name} = {value}" for name, value in other.items())
            )
        vision = self.vision
        if vision.output_dim != self.hidden_size:
            raise ValueError(
                f"visual.output_dim ({vision.output_dim}) must equal hidden_size"
                f" ({self.hidden_size}): image features replace embeddings"
            )
        if round(vision.n_queries**0.5) ** 2 != vision.n_queries:
            raise ValueError(f"visual.n_queries must be a square number, not {vision.n_queries}")

    @property
    def vision(self) -> VisionConfig:
        """The `visual` block as a checked value."""
        known = set(VisionConfig.__dataclass_fields__)
        return VisionConfig(**{name: value for name, value in self.visual.items() if name in known})

    @property
    def image_tokens(self) -> int:
        """Tokens between the two tags of an image."""
        return self.vision.n_queries

    @property
    def projection_size(self) -> int:
        """Width of the queries of all heads together."""
        return self.kv_channels * self.num_attention_heads


def is_qwen_vl(config: dict[str, Any]) -> bool:
    """True if this config.json belongs to a Qwen-VL, not to a text-only Qwen of the same name."""
    return config.get("model_type") == "qwen" and isinstance(config.get("visual"), dict)
