"""The lifecycle search: walks over several deployments, beside a model that predicts every answer."""
