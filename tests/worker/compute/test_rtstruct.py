"""Regions on a grid by position: contours, holes, other spacings and orientations, segments and labels."""

import highdicom as hd
import numpy as np
import pytest
from pydicom.sr.codedict import codes
from pydicom.uid import generate_uid

from tests.reference_data import reference_path
from tests.worker.compute.made_dicom import FRAME_UID, image, save, save_all, structure_set
from worker.compute.dicom import read_series, read_volume
from worker.compute.errors import EmptyMask, FrameOfReferenceMismatch, GeometryMismatch, UnreadableInput
from worker.compute.geometry import index_to_lps
from worker.compute.nifti import write_nifti
from worker.compute.rtstruct import list_rois, rasterise_roi
from worker.compute.types import Geometry, Volume

GRID = Geometry(
    size_xyz=(40, 30, 10),
    spacing_mm=(1.0, 1.0, 3.0),
    origin_lps_mm=(-20.0, -15.0, 0.0),
    frame_of_reference_uid=FRAME_UID,
)


def square(z_mm: float, low: float, high: float) -> np.ndarray:
    return np.array([[low, low, z_mm], [high, low, z_mm], [high, high, z_mm], [low, high, z_mm]])


def circle(z_mm: float, radius_mm: float, points: int = 200) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return np.stack([radius_mm * np.cos(angle), radius_mm * np.sin(angle), np.full(points, z_mm)], axis=1)


def mask_of(tmp_path, contours, reference=GRID) -> Volume:
    path = save(structure_set({"GTV": contours, "empty": []}), tmp_path / "rs.dcm")
    return rasterise_roi(path, reference, "GTV")


def test_edges_on_voxel_centres_count_once(tmp_path):
    mask = mask_of(tmp_path, [square(z, -5, 5) for z in (3, 6)])
    assert mask.array_zyx.sum(axis=(1, 2)).tolist() == [0, 100, 100, 0, 0, 0, 0, 0, 0, 0]
    assert mask.array_zyx.dtype == np.uint8 and mask.metadata["warnings"] == []


def test_an_inner_contour_is_a_hole(tmp_path):
    contours = [c for z in (3, 6, 9) for c in (square(z, -8, 8), square(z, -4, 4))]
    path = save(structure_set({"GTV": contours}), tmp_path / "rs.dcm")
    assert rasterise_roi(path, GRID, "GTV").array_zyx.sum() == 3 * (256 - 64)
    (roi,) = list_rois(path)
    assert roi.contour_count == 6 and roi.volume_ml == pytest.approx(3 * 3 * 192 / 1000)


def test_a_keyhole_is_a_hole(tmp_path):
    outer, inner = square(3, -8, 8), square(3, -4, 4)
    keyhole = np.vstack([outer, outer[:1], inner[::-1], inner[-1:]])
    assert mask_of(tmp_path, [keyhole]).array_zyx.sum() == 256 - 64


def test_the_same_contour_twice_does_not_cancel(tmp_path):
    mask = mask_of(tmp_path, [square(3, -5, 5), square(3, -5, 5)])
    assert mask.array_zyx.sum() == 100 and "repeat" in mask.metadata["warnings"][0]


def test_contours_between_slices_go_to_the_nearest(tmp_path):
    mask = mask_of(tmp_path, [square(z + 1.0, -5, 5) for z in (3, 6, 9)])
    assert np.flatnonzero(mask.array_zyx.any(axis=(1, 2))).tolist() == [1, 2, 3]


@pytest.mark.parametrize("spacing_z", [1.0, 1.5, 3.0, 5.0])
def test_volume_is_right_on_finer_and_coarser_grids(tmp_path, spacing_z):
    reference = Geometry(
        size_xyz=(100, 100, int(60 / spacing_z)), spacing_mm=(0.5, 0.5, spacing_z), origin_lps_mm=(-25, -25, -0.3)
    )
    contours = [circle(z, 15) for z in np.arange(12, 42, 3.0)]
    mask = mask_of(tmp_path, contours, reference)
    volume_ml = mask.array_zyx.sum() * reference.voxel_volume_ml
    assert volume_ml == pytest.approx(np.pi * 225 * 30 / 1000, rel=0.01)


def test_an_oblique_reference(tmp_path):
    turned = Geometry(
        size_xyz=(60, 60, 5),
        spacing_mm=(1, 1, 3),
        origin_lps_mm=(0, -42, 0),
        direction=(0.7071067811865476, -0.7071067811865476, 0, 0.7071067811865476, 0.7071067811865476, 0, 0, 0, 1),
    )
    mask = mask_of(tmp_path, [circle(z, 10) for z in (3, 6)], turned)
    assert mask.array_zyx.sum() == pytest.approx(2 * np.pi * 100, rel=0.02)
    places = index_to_lps(turned, np.argwhere(mask.array_zyx)[:, ::-1])
    assert np.allclose(places.mean(axis=0), [0, 0, 4.5], atol=0.1)


def test_contours_on_tilted_planes_are_refused(tmp_path):
    tilted = square(3, -8, 8)
    tilted[:, 2] += tilted[:, 0]
    with pytest.raises(GeometryMismatch, match="tilted"):
        mask_of(tmp_path, [tilted])


def test_what_lies_outside_is_said(tmp_path):
    with pytest.raises(GeometryMismatch, match="outside the series"):
        mask_of(tmp_path, [square(300, -5, 5)])
    with pytest.raises(GeometryMismatch, match="outside the series"):
        mask_of(tmp_path, [square(3, 500, 505)])
    part = mask_of(tmp_path, [square(z, 10, 30) for z in (-6, -3, 0, 3)])
    assert any("2 of 4 contours" in warning and "left out" in warning for warning in part.metadata["warnings"])
    assert any("cut there" in warning for warning in part.metadata["warnings"])


def test_gaps_between_contours_stay_empty_and_are_said(tmp_path):
    mask = mask_of(tmp_path, [square(z, -5, 5) for z in (3, 6, 18, 21)])
    assert np.flatnonzero(mask.array_zyx.any(axis=(1, 2))).tolist() == [1, 2, 6, 7]
    assert "without a contour" in mask.metadata["warnings"][0]


def test_a_wide_gap_among_few_planes_does_not_thicken_them(tmp_path):
    mask = mask_of(tmp_path, [square(z, -5, 5) for z in (6, 9, 18)])
    assert np.flatnonzero(mask.array_zyx.any(axis=(1, 2))).tolist() == [2, 3, 6]
    assert "without a contour" in mask.metadata["warnings"][0]


def test_a_number_is_never_taken_for_a_name(tmp_path):
    path = save(structure_set({"2": [square(3, -5, 5)], "node": [square(3, -9, 9)]}), tmp_path / "rs.dcm")
    assert rasterise_roi(path, GRID, "2").array_zyx.sum() == 100
    assert rasterise_roi(path, GRID, 2).array_zyx.sum() == 324


def test_names(tmp_path):
    path = save(structure_set({"GTV": [square(3, -5, 5)], "Edema ": [square(3, -9, 9)]}), tmp_path / "rs.dcm")
    assert rasterise_roi(path, GRID, "edema").array_zyx.sum() == 324
    assert rasterise_roi(path, GRID, "1").array_zyx.sum() == 100
    with pytest.raises(UnreadableInput, match=r"'GTV' \(number 1\), 'Edema' \(number 2\)"):
        rasterise_roi(path, GRID, "liver")


def test_empty_tiny_and_foreign_regions_are_refused(tmp_path):
    with pytest.raises(EmptyMask, match="no closed contour"):
        rasterise_roi(save(structure_set({"GTV": []}), tmp_path / "a.dcm"), GRID, "GTV")
    with pytest.raises(EmptyMask, match="smaller than a voxel"):
        mask_of(tmp_path, [square(3, 0.2, 0.4)])
    foreign = save(structure_set({"GTV": [square(3, -5, 5)]}, frame_uid="1.9"), tmp_path / "b.dcm")
    with pytest.raises(FrameOfReferenceMismatch, match=r"1\.9"):
        rasterise_roi(foreign, GRID, "GTV")


def test_files_that_hold_no_region_are_refused(tmp_path):
    (tmp_path / "text.dcm").write_text("x")
    damaged = structure_set({"GTV": [square(3, -5, 5)]})
    damaged.ROIContourSequence[0].ContourSequence[0].ContourData = [0.0] * 10
    for path in (tmp_path / "absent.dcm", tmp_path / "text.dcm", save(image(0), tmp_path / "ct.dcm")):
        with pytest.raises(UnreadableInput):
            rasterise_roi(path, GRID, "GTV")
    with pytest.raises(UnreadableInput, match="damaged coordinates"):
        rasterise_roi(save(damaged, tmp_path / "damaged.dcm"), GRID, "GTV")


def segmentation(folder, tmp_path):
    """Two segments on the middle two of four slices, by highdicom."""
    datasets = list(read_series(folder).datasets)[1:3]
    pixels = np.zeros((2, 6, 8, 2), np.uint8)
    pixels[:, 1:3, 2:6, 0], pixels[1, 4, 4, 1] = 1, 1
    segments = [
        hd.seg.SegmentDescription(
            segment_number=n,
            segment_label=label,
            segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
            segmented_property_type=codes.SCT.Neoplasm,
            algorithm_type="MANUAL",
        )
        for n, label in ((1, "tumour"), (2, "node"))
    ]
    seg = hd.seg.Segmentation(
        datasets, pixels, "BINARY", segments, generate_uid(), 1, generate_uid(), 1, "PETRA", "test", "1", "0"
    )
    return save(seg, tmp_path / "seg.dcm")


def test_segments_of_a_dicom_seg(tmp_path):
    slices = [image(z) for z in (0, 4, 8, 12)]
    for dataset in slices:
        dataset.PatientID = dataset.PatientName = dataset.PatientBirthDate = dataset.PatientSex = ""
        dataset.StudyDate = dataset.StudyTime = dataset.AccessionNumber = dataset.StudyID = dataset.InstanceNumber = (
            None
        )
        dataset.ReferringPhysicianName = ""
    folder = save_all(slices, tmp_path / "ct")
    path = segmentation(folder, tmp_path)
    assert [(roi.number, roi.name) for roi in list_rois(path)] == [(1, "tumour"), (2, "node")]
    reference = read_volume(folder).geometry
    tumour = rasterise_roi(path, reference, "tumour").array_zyx
    assert tumour[1:3, 1:3, 2:6].all() and tumour.sum() == 16
    assert np.argwhere(rasterise_roi(path, reference, "node").array_zyx).tolist() == [[2, 4, 4]]
    with pytest.raises(UnreadableInput, match="'tumour'"):
        rasterise_roi(path, reference, "liver")


def test_labels_of_a_nifti_mask(tmp_path):
    labels = np.zeros(GRID.shape_zyx, np.int16)
    labels[2, 3:6, 4:9], labels[5, 1, 1] = 1, 4
    write_nifti(Volume(array_zyx=labels, geometry=GRID), tmp_path / "m.nii.gz")
    assert [(roi.name, roi.volume_ml) for roi in list_rois(tmp_path / "m.nii.gz")] == [("1", 0.045), ("4", 0.003)]
    assert rasterise_roi(tmp_path / "m.nii.gz", GRID, "1").array_zyx.sum() == 15
    with pytest.raises(UnreadableInput, match="'4'"):
        rasterise_roi(tmp_path / "m.nii.gz", GRID, "2")
    write_nifti(Volume(array_zyx=labels + 0.25, geometry=GRID), tmp_path / "f.nii.gz")
    with pytest.raises(UnreadableInput, match="fractions"):
        rasterise_roi(tmp_path / "f.nii.gz", GRID, "1")


@pytest.mark.parametrize(
    ("patient", "ct_roi", "pet_file", "pet_roi"),
    [("STS_001", "GTV_Mass_CT", "1-1.dcm", "GTV_Mass"), ("STS_019", "GTV_Mass_CT", "RS.dcm", "GTV_Mass_PET")],
)
def test_real_contours_agree_with_planimetry(patient, ct_roi, pet_file, pet_roi):
    ct_path = reference_path("petct", patient, "CT", "mask", "RS.dcm")
    pet_path = reference_path("petct", patient, "PET", "mask", pet_file)
    on_ct = {roi.name: roi.volume_ml for roi in list_rois(ct_path)}[ct_roi]
    on_pet = {roi.name: roi.volume_ml for roi in list_rois(pet_path)}[pet_roi]
    assert on_ct == pytest.approx(on_pet, rel=0.004)
    ct = read_series(reference_path("petct", patient, "CT", "image")).geometry
    voxels = [
        int(rasterise_roi(path, ct, roi).array_zyx.sum()) for path, roi in ((ct_path, ct_roi), (pet_path, pet_roi))
    ]
    assert voxels[0] == pytest.approx(voxels[1], rel=0.01)
    assert voxels[0] * ct.voxel_volume_ml == pytest.approx(on_ct, rel=0.003)


@pytest.mark.parametrize(
    ("sequence", "keyword"),
    [("ROIContourSequence", "ReferencedROINumber"), ("StructureSetROISequence", "ROINumber")],
)
def test_a_region_without_its_number_is_refused_in_a_sentence(sequence, keyword, tmp_path):
    dataset = structure_set({"GTV": [square(3, -5, 5)]})
    del dataset[sequence][0][keyword]
    with pytest.raises(UnreadableInput, match=f"no usable {keyword}"):
        rasterise_roi(save(dataset, tmp_path / "rs.dcm"), GRID, "GTV")
