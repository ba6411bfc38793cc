"""What the command line can do: one module for each command, which registers its words and carries it out."""
