"""The commands of ``python -m worker.compute``, one module each."""
