"""How the requests of a story are made: checked, sent, remembered and repeated."""
