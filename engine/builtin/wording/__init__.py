"""How the built-in engine says what it measured."""
