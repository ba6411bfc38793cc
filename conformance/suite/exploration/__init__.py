"""Searches for what nobody wrote a scenario for: properties, the lifecycle model, races, time.

Each search talks to the target through an `Api` and judges with the functions of the contract. Heavy
libraries are imported inside the searches, so that a run without them does not pay for them.
"""
