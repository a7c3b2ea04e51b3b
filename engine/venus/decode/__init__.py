"""Runs a model of any family: prefix, streaming, stopping, sampling, boxes under a grammar."""
