"""The suite: a folder for each area of the API with its requirements, stories and judgements side by side."""
