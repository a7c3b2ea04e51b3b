"""The training loop: accelerate, explicit and short; checkpoints, resume, evaluation."""
