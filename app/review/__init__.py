"""The review desk: records that people judge, by keys, beside their photos."""
