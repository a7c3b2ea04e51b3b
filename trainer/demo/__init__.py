"""The whole path of the paper on a CPU in minutes: rendered scenes, a tiny model, both stages."""
