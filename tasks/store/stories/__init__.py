"""Stories and threads in the store: assigned with every batch, settled at the end of a run, logged."""
