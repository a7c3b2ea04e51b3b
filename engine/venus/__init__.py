"""The local multimodal engine: the only rooms of the engine that may load torch."""
