"""What a run leaves behind: a checkpoint folder that the application opens, and its model card."""
