"""The chat templates that families are known to use, for checkpoints that came without one."""

from __future__ import annotations

from typing import Final

_CHATML: Final = (
    "{%- for message in messages %}"
    "SYSTEM"
    "{{- '<|im_start|>' + message.role + '\\n' }}"
    "{%- if message.content is string %}{{- message.content }}"
    "{%- else %}{%- for part in message.content %}"
    "{%- if part.type == 'image' %}{{- 'PHOTO' }}{%- else %}{{- part.text }}{%- endif %}"
    "{%- endfor %}{%- endif %}"
    "{{- '<|im_end|>\\n' }}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)


def chatml(photo: str, *, system: str = "") -> str:
    """Turns between `<|im_start|>` and `<|im_end|>`; `photo` stands for a photo, `system` opens."""
    opening = ""
    if system:
        opening = (
            "{%- if loop.first and message.role != 'system' %}"
            f"{{{{- '<|im_start|>system\\n{system}<|im_end|>\\n' }}}}"
            "{%- endif %}"
        )
    return _CHATML.replace("PHOTO", photo).replace("SYSTEM", opening)


QWEN2_5_VL: Final = chatml(
    "<|vision_start|><|image_pad|><|vision_end|>", system="You are a helpful assistant."
)
QWEN3_VL: Final = chatml("<|vision_start|><|image_pad|><|vision_end|>")
INTERNVL: Final = chatml("<IMG_CONTEXT>\\n")

LLAVA: Final = (
    "{%- for message in messages %}"
    "{%- if message.role != 'system' %}{{- message.role | upper + ': ' }}{%- endif %}"
    "{%- for part in message.content %}"
    "{%- if part.type == 'image' %}{{- '<image>\\n' }}{%- endif %}"
    "{%- endfor %}"
    "{%- for part in message.content %}"
    "{%- if part.type == 'text' %}{{- part.text + ' ' }}{%- endif %}"
    "{%- endfor %}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}{{- 'ASSISTANT:' }}{%- endif %}"
)
"""LLaVA-1.5 as the hub's own conversions have it: no system's words, no token between turns."""

VICUNA: Final = (
    "{{- 'A chat between a curious human and an artificial intelligence assistant. The assistant"
    " gives helpful, detailed, and polite answers to the human\\'s questions.' }}"
    "{%- for message in messages %}"
    "{%- if message.role == 'user' %}{{- ' USER: ' if loop.first else 'USER: ' }}"
    "{%- else %}{{- ' ASSISTANT: ' }}{%- endif %}"
    "{%- if message.content is string %}{{- message.content }}"
    "{%- else %}{%- for part in message.content %}"
    "{%- if part.type == 'image' %}{{- '<image>\\n' }}{%- else %}{{- part.text }}{%- endif %}"
    "{%- endfor %}{%- endif %}"
    "{%- if message.role == 'assistant' %}{{- '</s>' }}{%- endif %}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}{{- ' ASSISTANT:' }}{%- endif %}"
)
"""LLaVA-1.5 as its own code talks (its `vicuna_v1` conversation), and what was trained with it."""
