"""The network: every selected feature is a token, a Transformer encoder mixes them, a class token is read out."""

import torch
from torch import nn

from worker.compute.classifier.settings import TrainingSettings


class RadiomicTransformer(nn.Module):
    """A feature-tokenising Transformer encoder (Gorishniy et al. 2021, arXiv:2106.11959) for one binary label.

    Token j of a patient is ``value_j * weight_j + bias_j``: the value scales a learned direction and the bias says
    which feature of which source it is. Tokens of a source that a patient lacks are masked in the attention, so
    nothing is invented for a patient without brown fat.
    """

    def __init__(self, tokens: int, settings: TrainingSettings) -> None:
        super().__init__()
        width = settings.width
        self.token_dropout = settings.token_dropout
        self.weight = nn.Parameter(torch.empty(tokens, width))
        self.bias = nn.Parameter(torch.empty(tokens, width))
        self.class_token = nn.Parameter(torch.empty(1, 1, width))
        for parameter in (self.weight, self.bias, self.class_token):
            nn.init.uniform_(parameter, -(width**-0.5), width**-0.5)
        layer = nn.TransformerEncoderLayer(
            width, settings.heads, 2 * width, settings.dropout, batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, settings.layers, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, 1)

    def embed(self, values: torch.Tensor, missing: torch.Tensor) -> torch.Tensor:
        """The deep feature vector (n, width) of each patient from token values (n, tokens) and their mask."""
        if self.training and self.token_dropout:
            missing = missing | (torch.rand_like(values) < self.token_dropout)
        tokens = values.unsqueeze(-1) * self.weight + self.bias
        sequence = torch.cat([self.class_token.expand(len(values), -1, -1), tokens], dim=1)
        # The class token is never masked, so that no attention row is empty.
        mask = torch.cat([missing.new_zeros(len(values), 1), missing], dim=1)
        return self.norm(self.encoder(sequence, src_key_padding_mask=mask)[:, 0])

    def forward(self, values: torch.Tensor, missing: torch.Tensor) -> torch.Tensor:
        """The logit (n,) of the positive class."""
        return self.head(self.embed(values, missing)).squeeze(-1)
