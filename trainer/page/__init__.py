"""Self-contained pages of a run: plain HTML, curves as SVG, photos inlined."""
