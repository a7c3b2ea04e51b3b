"""One small adapter for each family of models: words, pictures, boxes, positions."""
