"""Qwen-VL as a transformers model: words and pictures in, logits out, and `generate`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from transformers import DynamicCache, PreTrainedModel
from transformers import initialization as init
from transformers.cache_utils import Cache
from transformers.generation.utils import GenerationMixin
from transformers.masking_utils import create_causal_mask
from transformers.modeling_outputs import BaseModelOutputWithPast, CausalLMOutputWithPast

from engine.venus.qwen_vl.configuration import QwenVLConfig
from engine.venus.qwen_vl.images import images_per_row, put_images
from engine.venus.qwen_vl.language import Block, Placing, RMSNorm
from engine.venus.qwen_vl.rope import (
    Alphas,
    logn_factors,
    ntk_alpha,
    positions_from_mask,
    rotary_angles,
)
from engine.venus.qwen_vl.vision import CrossAttention, Resampler, VisionTower


class QwenVLPreTrainedModel(PreTrainedModel):
    """What the two models below share: how weights are named, begun and placed."""

    config_class = QwenVLConfig
    config: QwenVLConfig  # pyright: ignore[reportIncompatibleVariableOverride]
    base_model_prefix = "transformer"
    main_input_name = "input_ids"
    supports_gradient_checkpointing = True
    _no_split_modules = ["Block", "VisionBlock", "Resampler"]  # noqa: RUF012  (its habit)
    _skip_keys_device_placement = ["past_key_values"]  # noqa: RUF012
    _supports_sdpa = True
    _supports_attention_backend = True
    _can_compile_fullgraph = True

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        spread = self.config.initializer_range
        bias = getattr(module, "bias", None)
        if isinstance(bias, Tensor):
            init.zeros_(bias)
        if isinstance(module, nn.Linear | nn.Embedding | nn.Conv2d):
            init.normal_(module.weight, std=spread)
        elif isinstance(module, nn.LayerNorm | RMSNorm):
            init.ones_(module.weight)
        elif isinstance(module, CrossAttention):
            init.normal_(module.in_proj_weight, std=spread)
            init.zeros_(module.in_proj_bias)
        elif isinstance(module, Resampler):
            init.normal_(module.query, std=spread)
            init.normal_(module.pos_embed, std=spread)
        elif isinstance(module, VisionTower):
            init.normal_(module.positional_embedding, std=spread)
            init.normal_(module.proj, std=spread)


class QwenVLModel(QwenVLPreTrainedModel):
    """The language model without its head, and the vision tower that it sees with."""

    def __init__(self, config: QwenVLConfig) -> None:
        super().__init__(config)
        self.wte = nn.Embedding(config.vocab_size, config.hidden_size)
        self.h = nn.ModuleList(Block(config, index) for index in range(config.num_hidden_layers))
        self.ln_f = RMSNorm(config.hidden_size, eps=config.layer_norm_epsilon)
        self.visual = VisionTower(config.vision)
        self.gradient_checkpointing = False
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        return self.wte

    def set_input_embeddings(self, value: nn.Module) -> None:
        self.wte = value

    def alphas_for(self, positions: Tensor, cache: Cache | None) -> Alphas:
        """The NTK alphas of a call: frozen at the first call of a cache, one for each row.

        Training stretches nothing. Waits for the device, once a prefill.
        """
        if self.training or not self.config.use_dynamic_ntk:
            return (1.0,)
        if cache is not None and int(cache.get_seq_length()) > 0:
            return self.frozen_alphas(cache)
        lengths = (positions.amax(-1) + 1).tolist()
        found = tuple(ntk_alpha(n, seq_length=self.config.seq_length) for n in lengths)
        return found[:1] if len(set(found)) == 1 else found

    def frozen_alphas(self, cache: Cache) -> Alphas:
        """The alphas that a filled cache was made with. Raises ValueError if none are noted."""
        alphas = getattr(cache, "ntk_alphas", None)
        if alphas is None:
            raise ValueError(
                "this cache was filled elsewhere: pass the ntk_alphas it was made with"
            )
        return alphas

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        position_ids: Tensor | None = None,
        past_key_values: Cache | None = None,
        inputs_embeds: Tensor | None = None,
        pixel_values: Tensor | None = None,
        image_features: Tensor | None = None,
        ntk_alphas: Alphas | None = None,
        use_cache: bool | None = None,
        output_hidden_states: bool | None = None,
    ) -> BaseModelOutputWithPast:
        """Hidden states after the last norm; see `QwenVLForCausalLM.forward` for the arguments."""
        use_cache = self.config.use_cache if use_cache is None else use_cache
        if self.training and self.gradient_checkpointing:
            use_cache = False
        if use_cache and past_key_values is None:
            past_key_values = DynamicCache(config=self.config)
        filled = 0 if past_key_values is None else past_key_values.get_seq_length()
        if inputs_embeds is None:
            if input_ids is None:
                raise ValueError("input_ids or inputs_embeds must be given")
            if pixel_values is not None and image_features is None:
                image_features = self.visual(pixel_values)
            inputs_embeds = put_images(
                self.wte(input_ids), input_ids, image_features, vision=self.config.vision
            )
        tokens = inputs_embeds.shape[1]
        if position_ids is None and attention_mask is not None and attention_mask.ndim == 2:
            position_ids = positions_from_mask(attention_mask)[:, -tokens:]
        elif position_ids is None:
            position_ids = (torch.arange(tokens, device=inputs_embeds.device) + filled)[None]
        if ntk_alphas is None:
            ntk_alphas = self.alphas_for(position_ids, past_key_values)
        if past_key_values is not None:
            past_key_values.ntk_alphas = ntk_alphas  # pyright: ignore[reportAttributeAccessIssue]

        mask = create_causal_mask(
            config=self.config,
            inputs_embeds=inputs_embeds,
            attention_mask=attention_mask,
            past_key_values=past_key_values,
        )
        placing = self._placing(position_ids, ntk_alphas)
        states = inputs_embeds
        every_state: list[Tensor] = []
        for block in self.h:
            if output_hidden_states:
                every_state.append(states)
            states = block(states, placing=placing, mask=mask, cache=past_key_values)
        states = self.ln_f(states)
        return BaseModelOutputWithPast(
            last_hidden_state=states,
            past_key_values=past_key_values,
            hidden_states=(*every_state, states) if output_hidden_states else None,
        )

    def _placing(self, positions: Tensor, alphas: Alphas) -> Placing:
        config = self.config
        cosines, sines = rotary_angles(
            positions, dim=config.kv_channels, base=config.rotary_emb_base, alphas=alphas
        )
        factors = None
        if config.use_logn_attn and not self.training:
            factors = logn_factors(positions, seq_length=config.seq_length)
        return Placing(cosines, sines, factors)


class QwenVLForCausalLM(QwenVLPreTrainedModel, GenerationMixin):
    """Qwen-VL with its head: logits, loss and `generate`. Parameters carry the release's names."""

    def __init__(self, config: QwenVLConfig) -> None:
        super().__init__(config)
        self.transformer = QwenVLModel(config)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        self.post_init()

    def get_input_embeddings(self) -> nn.Module:
        return self.transformer.wte

    def set_input_embeddings(self, value: nn.Module) -> None:
        self.transformer.wte = value

    def get_output_embeddings(self) -> nn.Module:
        return self.lm_head

    def image_features(self, pixel_values: Tensor) -> Tensor:
        """(images, 3, size, size) → (images, image tokens, hidden): encode a photo only once."""
        return self.transformer.visual(pixel_values)

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        position_ids: Tensor | None = None,
        past_key_values: Cache | None = None,
        inputs_embeds: Tensor | None = None,
        pixel_values: Tensor | None = None,
        image_features: Tensor | None = None,
        ntk_alphas: Alphas | None = None,
        labels: Tensor | None = None,
        use_cache: bool | None = None,
        output_hidden_states: bool | None = None,
        logits_to_keep: int | Tensor = 0,
        **kwargs: Any,
    ) -> CausalLMOutputWithPast:
        """Logits (rows, tokens, vocabulary) for input_ids (rows, tokens), and the loss of labels.

        - `pixel_values` (images, 3, size, size) or `image_features` (images, image tokens,
          hidden), in the order in which their spans stand in the rows.
        - `attention_mask` (rows, cached + new tokens) of 0 and 1.
        - `position_ids` (rows or 1, tokens). Left out, they skip the padding that the mask
          names; the original counted padding: pass an arange to do as it did.
        - `ntk_alphas` are worked out at the first call of a cache and frozen with it; pass those
          of the whole length when a long prompt is prefilled in chunks.
        - `logits_to_keep`: only the last so many tokens (0: all), or their indices.

        Raises ValueError when image spans and images do not match.
        """
        out = self.transformer(
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=past_key_values,
            inputs_embeds=inputs_embeds,
            pixel_values=pixel_values,
            image_features=image_features,
            ntk_alphas=ntk_alphas,
            use_cache=use_cache,
            output_hidden_states=output_hidden_states,
        )
        kept = slice(-logits_to_keep, None) if isinstance(logits_to_keep, int) else logits_to_keep
        logits = self.lm_head(out.last_hidden_state[:, kept])
        loss = None
        if labels is not None:
            loss = self.loss_function(
                logits=logits, labels=labels, vocab_size=self.config.vocab_size, **kwargs
            )
        return CausalLMOutputWithPast(
            loss=loss,
            logits=logits,
            past_key_values=out.past_key_values,
            hidden_states=out.hidden_states,
        )

    def generate(self, *args: Any, **kwargs: Any) -> Any:
        """As in transformers; positions skip the padding of a mask unless they are given."""
        # Its own stubs ask for attributes that no model has before it is dispatched.
        return super().generate(*args, **kwargs)  # pyright: ignore[reportAttributeAccessIssue]

    def prepare_inputs_for_generation(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, input_ids: Any, inputs_embeds: Any = None, **kwargs: Any
    ) -> dict[str, Any]:
        """One step's inputs: images only at the first; later alphas come from the cache."""
        inputs = super().prepare_inputs_for_generation(  # pyright: ignore[reportAttributeAccessIssue]
            input_ids, inputs_embeds=inputs_embeds, **kwargs
        )
        cache = inputs.get("past_key_values")
        if cache is not None and not kwargs.get("is_first_iteration"):
            inputs["ntk_alphas"] = self.transformer.frozen_alphas(cache)
            inputs.pop("pixel_values", None)
            inputs.pop("image_features", None)
        return inputs

    def _expand_inputs_for_generation(
        self,
        expand_size: int = 1,
        is_encoder_decoder: bool = False,
        input_ids: Any = None,
        **kwargs: Any,
    ) -> tuple[Any, dict[str, Any]]:
        """Repeat each row `expand_size` times, its images with it (there may be several a row)."""
        images = {name: kwargs.pop(name, None) for name in ("pixel_values", "image_features")}
        expanded, rest = super()._expand_inputs_for_generation(  # pyright: ignore[reportAttributeAccessIssue]
            expand_size, is_encoder_decoder, input_ids, **kwargs
        )
        for name, value in images.items():
            if value is not None and input_ids is not None and expand_size > 1:
                rows = value.split(images_per_row(input_ids, vision=self.config.vision))
                value = torch.cat([row for row in rows for _ in range(expand_size)])
            if value is not None:
                rest[name] = value
        return expanded, rest


def register_auto_classes() -> None:
    """Let transformers' Auto classes open Qwen-VL folders; Venus itself never needs them."""
    from transformers import AutoConfig, AutoModelForCausalLM

    AutoConfig.register("qwen", QwenVLConfig, exist_ok=True)
    AutoModelForCausalLM.register(QwenVLConfig, QwenVLForCausalLM, exist_ok=True)
