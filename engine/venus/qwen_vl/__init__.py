"""Qwen-VL-Chat, the model family of Venus-Q, written anew for today's transformers.

The released checkpoints come with code for transformers 4.32 only; these rooms do what that code
did, without running any code from a checkpoint. Import from the rooms themselves: this module
stays empty so that reading a prompt or a box does not load torch.
"""
