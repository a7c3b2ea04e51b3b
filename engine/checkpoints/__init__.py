"""Checkpoints on this machine: which there are to download, which are here, and whether whole.

No torch and no Qt. Only `hub.py` ever opens a connection, and only while something is downloaded;
nothing here is called when a checkpoint is loaded. Reading order: `catalogue`, `recognise`,
`store`, `download`, `verify`.
"""
