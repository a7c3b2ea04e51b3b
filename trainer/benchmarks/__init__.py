"""The benchmarks: one module a benchmark."""
