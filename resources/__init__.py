"""What ships with Venus: samples, icons, translations."""
