"""From a photo and questions to events. Never imports Qt."""
