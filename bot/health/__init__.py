"""What a host may ask of the running program over HTTP: is it alive, is it ready, what are its numbers."""
