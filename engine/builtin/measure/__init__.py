"""One module a measurement: pictures in, numbers out."""
