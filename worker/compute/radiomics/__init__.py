"""Radiomic features of the tumour and of brown fat, by PyRadiomics, on a crop that gives the whole image's values."""
