"""The settings on the left: data, network, training. Each card shows the problem and asks for edits."""
