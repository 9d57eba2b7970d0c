"""What can be computed from a state to be looked at: decision regions, metrics."""
