"""Mutation testing of the contract and the judgements: how many small changes of them the tests notice."""
