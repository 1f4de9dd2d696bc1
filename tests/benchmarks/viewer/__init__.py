"""The viewer's speed against named peers in the same browser, server and run: ``make bench ARGS="--only viewer"``."""
