"""The synthetic cohort: PET/CT, contours, clinical and pathology values of patients who never lived."""
