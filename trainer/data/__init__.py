"""Training data: what others wrote, our own lines, builders of both stages, and batches.

release, neutral, annotations, layouts ─► sample.Sample ─► checks, splits ─► encode ─► batches
"""
