"""One view a file: each shows a frame and emits commands, and knows no other view."""
