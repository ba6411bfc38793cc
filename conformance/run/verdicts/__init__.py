"""How the end of a judgement becomes a verdict."""
