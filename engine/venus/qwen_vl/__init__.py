"""Qwen-VL-Chat, the model family of Venus-Q, written anew for today's transformers.

The released checkpoints come with code for transformers 4.32 only; these rooms do what that code
did, without running any code from a checkpoint. Import from the rooms themselves: this module
stays empty so that writing a prompt does not load torch.

- words: `tokenizer`, `chat`, `labels`; pictures: `image_processor`
- the model: `configuration`, `rope`, `language`, `vision`, `images`, `model`, `stopping`
- folders: `weights`, `adapter`, `loading`, `errors`
- the proof: `fixture`, `parity_cases`, `parity_texts`, `parity`
"""
