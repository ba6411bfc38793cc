"""What stories of several areas use: values, ids, reading lists, the clock of the target."""
