"""The one base of the exceptions that this package raises on purpose."""


class ConformanceError(Exception):
    """Something that a caller of the package may want to catch; each kind is a subclass beside its code."""
