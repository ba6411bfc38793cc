"""Bytes to and from the target: one connection, requests alone or in a burst, proxies and certificates."""
