"""``python -m ann_studio`` is the command line."""

from ann_studio.cli import main

main()
