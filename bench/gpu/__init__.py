"""What only a GPU can show: a full-size model by each plan, its memory, its speed, its training.

    python -m bench.gpu                   on the graphics card, full size; writes docs/gpu.md
    python -m bench.gpu --size tiny --device cpu --out FILE

Nothing is downloaded: the checkpoint has the released configuration and random weights, whose
speed and memory are those of any other. The tests run the same code at tiny size on the CPU.
"""
