"""Benches: what the built-in engine reaches on real photos. Development only, never packaged."""
