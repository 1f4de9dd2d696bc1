"""The one error of the private services: a sentence for the person at the terminal."""


class ServicesError(RuntimeError):
    """A private service cannot run; the message says what is wrong and what to do."""
