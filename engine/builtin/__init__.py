"""The built-in engine: it measures the photo and says only what it measured."""
