"""Models that are asked: a server or a checkpoint, with what is kept, counted and bounded.

asking.Asked ─► asker.Asker ─► kept.Kept, or server.Server / local.Local ─► asking.Reply
"""
