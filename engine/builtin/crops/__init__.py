"""From a photo to crops: where the eye goes, which boxes keep it, and why."""
