"""De-identification by DICOM PS3.15 Annex E: dates modified, patient characteristics and SUV factors kept."""

from worker.compute.deidentify.dataset import acquisition_month, deidentify_dataset
from worker.compute.deidentify.pseudonyms import Pseudonymiser
from worker.compute.deidentify.tree import FileOutcome, deidentify_files, deidentify_tree

__all__ = [
    "FileOutcome",
    "Pseudonymiser",
    "acquisition_month",
    "deidentify_dataset",
    "deidentify_files",
    "deidentify_tree",
]
