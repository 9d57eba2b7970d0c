"""The thread that trains, and the messages it understands. No Qt."""
