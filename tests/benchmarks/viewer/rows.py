"""One comparison of the viewer with a peer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One comparison; ``limit`` is the ratio that is aimed at."""

    network: str
    what: str
    viewer_ms: float
    peer: str
    peer_ms: float
    limit: float | None = None

    @property
    def ratio(self) -> float:
        return self.viewer_ms / self.peer_ms
