"""DICOMweb (PS3.18) over the de-identified instances that an import keeps: QIDO-RS and WADO-RS, reading only."""
