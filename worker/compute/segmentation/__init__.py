"""nnU-Net v2 on PET/CT: training in a process of its own, out-of-fold masks, and the ensemble's prediction."""
