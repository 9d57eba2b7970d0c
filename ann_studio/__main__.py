"""``python -m ann_studio`` is the command line."""

from ann_studio.cli import main

# A child process imports this module again.
if __name__ == "__main__":
    main()
