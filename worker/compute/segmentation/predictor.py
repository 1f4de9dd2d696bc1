"""nnU-Net's sliding-window predictor with mirroring, loaded from a PETRA model folder without unpickling classes."""

import itertools
import json
from pathlib import Path

import torch
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer
from nnunetv2.utilities.label_handling.label_handling import determine_num_input_channels
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager

from worker.compute.segmentation.manifest import CHECKPOINT_FILE
from worker.compute.segmentation.settings import SegmentationSettings


class PetraPredictor(nnUNetPredictor):
    """On a CPU the mirrored copies of a tile are one batch: the same values (instance norm), and several times faster.

    torch's CPU convolution of a single tile takes a slow path, so an unmirrored tile costs more than two.
    """

    @torch.inference_mode()
    def _internal_maybe_mirror_and_predict(self, x: torch.Tensor) -> torch.Tensor:
        axes = self.allowed_mirroring_axes if self.use_mirroring else None
        if not axes or self.device.type != "cpu":
            return super()._internal_maybe_mirror_and_predict(x)
        spatial = [axis + 2 for axis in axes]
        flips = [flip for count in range(len(spatial) + 1) for flip in itertools.combinations(spatial, count)]
        logits = self.network(torch.cat([torch.flip(x, flip) for flip in flips]))
        restored = [torch.flip(logits[k : k + 1], flip) for k, flip in enumerate(flips)]
        return torch.stack(restored).mean(dim=0)


def choose_device(name: str) -> torch.device:
    """``auto`` takes the GPU where there is one."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def load_predictor(model_dir: Path, folds: list[int], settings: SegmentationSettings) -> PetraPredictor:
    """A predictor that averages the logits of ``folds``; the caller has verified the folder's manifest."""
    device = choose_device(settings.device)
    plans = PlansManager(json.loads((model_dir / "plans.json").read_text()))
    dataset = json.loads((model_dir / "dataset.json").read_text())
    checkpoints = [
        torch.load(model_dir / f"fold_{fold}" / CHECKPOINT_FILE, map_location="cpu", weights_only=True)
        for fold in folds
    ]
    configuration = plans.get_configuration(checkpoints[0]["configuration"])
    network = nnUNetTrainer.build_network_architecture(
        configuration.network_arch_class_name,
        configuration.network_arch_init_kwargs,
        configuration.network_arch_init_kwargs_req_import,
        determine_num_input_channels(plans, configuration, dataset),
        plans.get_label_manager(dataset).num_segmentation_heads,
        enable_deep_supervision=False,
    ).to(device)
    if device.type == "cpu":
        network = network.to(memory_format=torch.channels_last_3d)
    allowed = set(checkpoints[0]["mirroring_axes"] or ())
    axes = tuple(axis for axis in settings.mirrored_axes if axis in allowed)
    predictor = PetraPredictor(
        tile_step_size=settings.tile_step_size,
        use_mirroring=bool(axes),
        perform_everything_on_device=device.type == "cuda",
        device=device,
        allow_tqdm=False,
    )
    weights = [checkpoint["network_weights"] for checkpoint in checkpoints]
    network.load_state_dict(weights[0])
    predictor.manual_initialization(network, plans, configuration, weights, dataset, "PetraTrainer", axes or None)
    return predictor
