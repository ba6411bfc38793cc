"""What a run would ask of a target, told without asking it anything."""
