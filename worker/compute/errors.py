"""Errors that a person can act on. Every message is one sentence that says what is wrong and what to do."""


class ComputeError(Exception):
    """The data cannot be computed on; the message is shown to the person who started the work."""


class UnreadableInput(ComputeError):
    """A file is missing, truncated or not of the kind that was asked for."""


class GeometryMismatch(ComputeError):
    """Two grids that must agree do not; the message names both."""


class FrameOfReferenceMismatch(GeometryMismatch):
    """Two series have no common patient coordinate system (DICOM PS3.3 C.7.4.1)."""


class SuvRefused(ComputeError):
    """The headers do not carry what SUVbw needs."""


class EmptyMask(ComputeError):
    """A mask has no voxel where at least one is needed."""


class FeatureFailed(ComputeError):
    """A radiomic feature has no finite value; the message names the feature."""


class InsufficientData(ComputeError):
    """There are too few patients, classes or features for the analysis that was asked for."""


class RunCancelled(ComputeError):
    """The person who started the work asked to stop it."""
