"""What can be wrong with a checkpoint, as one error that says which file and what to do."""

from __future__ import annotations


class CheckpointError(ValueError):
    """A checkpoint cannot be used. The message names what is wrong, where, and the way out."""
