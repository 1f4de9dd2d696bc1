"""The Transformer classifier over radiomic features: preparation, network, training, experiment, files."""
