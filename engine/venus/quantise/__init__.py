"""Which part of a model is held how: the plan, its estimate, and loading by it."""
