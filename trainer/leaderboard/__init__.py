"""Runs of benchmarks as values and files, and the page that joins them."""
