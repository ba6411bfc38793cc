"""Several runs side by side: what differs, how they went on, which target keeps what."""
