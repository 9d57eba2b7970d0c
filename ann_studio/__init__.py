"""ANN Studio: see how an artificial neural network learns."""

__version__ = "0.1.0"
