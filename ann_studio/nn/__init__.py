"""Pure functions of the flat parameter vector: the book (numpy) and the engine (numba)."""
