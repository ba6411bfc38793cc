"""Short scripted uses of the API: each yields exchanges and judges nothing."""
