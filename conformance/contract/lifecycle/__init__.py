"""The lifecycle model: what the documents let one predict of a deployment, request after request.

    model = model_of(profile)
    state = created(body)                                # what a creation with this body makes
    for outcome in model.step(state, Operation(Verb.PAUSE)):
        outcome.answer.allows(exchange.status, error_type(exchange))  # may the target answer so?
        outcome.then                                     # the state after that answer
    contradictions(state, document)                      # where a deployment in an answer denies a state
    learn(state, document)                               # take over what the documents leave to the server

Everything is pure and immutable; states compare by value. `step` returns every outcome that the documents
allow, the one they speak of first; where they are silent there are several, and the target is right with any.
A value that the model does not predict is absent from `Deployment.fields` (or `OPEN` as the status) until
`learn` takes it from an answer. A refused operation leaves the state as it was. Operations that arrive
together are explained if some order of `step`s allows all their answers and the last state does not
contradict the final read. `denied_by_answer`, `denied_by_read` and `misplaced` name the requirement that a
contradiction breaks.
"""

from conformance.contract.lifecycle.promises import deniable, denied_by_answer, denied_by_read, misplaced
from conformance.contract.lifecycle.reading import LEARNED, Contradiction, adopt, contradictions, learn
from conformance.contract.lifecycle.state import (
    ACTIVE,
    OPEN,
    PAUSED,
    DeploymentState,
    Operation,
    Verb,
    created,
)
from conformance.contract.lifecycle.steps import Model, Transition, model_of

__all__ = [
    "ACTIVE",
    "LEARNED",
    "OPEN",
    "PAUSED",
    "Contradiction",
    "DeploymentState",
    "Model",
    "Operation",
    "Transition",
    "Verb",
    "adopt",
    "contradictions",
    "created",
    "deniable",
    "denied_by_answer",
    "denied_by_read",
    "learn",
    "misplaced",
    "model_of",
]
