"""``make demo``: PETRA with everything it needs, in the foreground of one terminal."""
