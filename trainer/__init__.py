"""Both training stages, the data factory and the benchmarks. The app never imports it."""
