"""What libraries say in passing that nobody who reads it here can act on."""

from __future__ import annotations

import logging
import warnings

from transformers.utils import logging as transformers_logging


def quiet() -> None:
    """Silence it in this process; errors are still told."""
    # Of an optional kernel that it would fetch from a hub: we never load code from one.
    logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)
    # Of the device that it finds, where transformers imports it only to look at a model.
    logging.getLogger("DeepSpeed").addFilter(_not_of_its_device)
    # A bar for each file written, across our own.
    transformers_logging.disable_progress_bar()
    # Checkpoints of one process; what libraries use of each other although it is deprecated.
    warnings.filterwarnings("ignore", message=r"torch\.distributed is disabled", module="torch")
    warnings.filterwarnings("ignore", message=r"`torch\.distributed\.", module="torch")
    warnings.filterwarnings("ignore", message=r"`torch\.jit\.script", module="torch")
    warnings.filterwarnings("ignore", message="`is_gradient_checkpointing` is deprecated")


def _not_of_its_device(record: logging.LogRecord) -> bool:
    return record.filename != "real_accelerator.py"
