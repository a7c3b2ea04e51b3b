"""Qt without widgets: the engine client, image loading, the session controller."""
