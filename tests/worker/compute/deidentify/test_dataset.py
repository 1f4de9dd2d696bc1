"""One dataset: nested and private attributes, dates wherever they stand, odd values, and the input left as it was."""

import copy

import pytest
from pydicom import DataElement, Dataset, Sequence
from pydicom.config import IGNORE

from worker.compute.deidentify import Pseudonymiser, acquisition_month, deidentify_dataset
from worker.compute.errors import ComputeError

PSEUDONYMISER = Pseudonymiser("secret")
PATIENT_ID = "HN-4711"


def _dataset(**values) -> Dataset:
    dataset = Dataset()
    dataset.PatientID = PATIENT_ID
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def _clean(**values) -> Dataset:
    return deidentify_dataset(_dataset(**values), PSEUDONYMISER)


def _shifted(day: str) -> str:
    from datetime import datetime

    return f"{PSEUDONYMISER.shift_date(datetime.strptime(day, '%Y%m%d').date(), PATIENT_ID):%Y%m%d}"


def test_dates_inside_sequences_move_with_the_rest_and_times_of_day_stay():
    tracer = Dataset()
    tracer.RadiopharmaceuticalStartDateTime, tracer.RadiopharmaceuticalStartTime = "20220304085500.00+0100", "085500.00"
    tracer.RadionuclideTotalDose, tracer.Radiopharmaceutical = 2.6e8, "FDG"
    clean = _clean(StudyDate="20220304", SeriesTime="095500", RadiopharmaceuticalInformationSequence=Sequence([tracer]))
    item = clean.RadiopharmaceuticalInformationSequence[0]
    assert clean.StudyDate == _shifted("20220304") and clean.SeriesTime == "095500"
    assert item.RadiopharmaceuticalStartDateTime == _shifted("20220304") + "085500.00+0100"
    assert item.RadiopharmaceuticalStartTime == "085500.00"
    assert item.RadionuclideTotalDose == 2.6e8 and item.Radiopharmaceutical == "FDG"


@pytest.mark.parametrize("value", ["2022", "202203", "20229999", "PHI-Name"])
def test_a_date_without_a_whole_day_is_emptied(value):
    dataset = _dataset()
    dataset["AcquisitionDate"] = DataElement("AcquisitionDate", "DA", value, validation_mode=IGNORE)
    assert deidentify_dataset(dataset, PSEUDONYMISER).AcquisitionDate == ""


def test_a_retired_date_form_is_shifted_too():
    dataset = _dataset()
    dataset["StudyDate"] = DataElement("StudyDate", "DA", "2022.03.04", validation_mode=IGNORE)
    assert deidentify_dataset(dataset, PSEUDONYMISER).StudyDate == _shifted("20220304")


def test_only_the_safe_private_factors_survive():
    dataset = _dataset()
    philips = dataset.private_block(0x7053, "Philips PET Private Group", create=True)
    philips.add_new(0x00, "DS", "0.000551")
    philips.add_new(0x09, "DS", "1.25")
    philips.add_new(0x03, "ST", "PHI-file-of-Anna.img")
    ge = dataset.private_block(0x0009, "GEMS_PETD_01", create=True)
    ge.add_new(0x0D, "DT", "20220304095500.00")
    ge.add_new(0x02, "LO", "PHI-Anna")
    dataset.private_block(0x0029, "SIEMENS CSA HEADER", create=True).add_new(0x10, "OB", b"PHI-Anna")
    clean = deidentify_dataset(dataset, PSEUDONYMISER)
    kept = clean.private_block(0x7053, "Philips PET Private Group")
    assert float(kept[0x00].value) == 0.000551 and float(kept[0x09].value) == 1.25
    assert clean.private_block(0x0009, "GEMS_PETD_01")[0x0D].value == _shifted("20220304") + "095500.00"
    assert "PHI" not in str(clean) and sum(element.is_private for element in clean) == 5


def test_a_name_cannot_hide_in_a_private_factor_or_behind_a_false_creator():
    dataset = _dataset()
    dataset.add_new((0x7053, 0x0010), "LO", "Philips PET Private Group")
    dataset[0x7053, 0x1000] = DataElement((0x7053, 0x1000), "LO", "PHI-Anna")
    dataset[0x7055, 0x1000] = DataElement((0x7055, 0x1000), "LO", "PHI-orphan")
    assert not any(element.is_private for element in deidentify_dataset(dataset, PSEUDONYMISER))


def test_philips_factors_survive_where_an_archive_dropped_their_creator():
    dataset = _dataset()
    dataset[0x7053, 0x1000] = DataElement((0x7053, 0x1000), "DS", "0.0005")
    assert float(deidentify_dataset(dataset, PSEUDONYMISER)[0x7053, 0x1000].value) == 0.0005


def test_region_names_are_kept_and_scrubbed_of_names_the_header_knows():
    roi, other = Dataset(), Dataset()
    roi.ROIName, roi.ROIDescription, other.ROIName = "GTV Müller left", "seen with Dr. Weiss", "GTV_Mass"
    clean = _clean(SpecificCharacterSet="ISO_IR 192", PatientName="Müller^Anna", OperatorsName="Weiss",
                   StructureSetLabel="Müller plan", StructureSetROISequence=Sequence([roi, other]))  # fmt: skip
    first, second = clean.StructureSetROISequence
    assert first.ROIName == "GTV REMOVED left" and second.ROIName == "GTV_Mass"
    assert "ROIDescription" not in first and "ller" not in clean.StructureSetLabel


def test_series_description_keeps_only_words_of_the_vocabulary():
    assert _clean(SeriesDescription="PET WB AC for Anna Schmidt 1961").SeriesDescription == "PET WB AC"


def test_ordinary_attributes_are_scrubbed_where_they_repeat_the_patient():
    clean = _clean(PatientName="Okafor^Ada", ConvolutionKernel="B30f", ManufacturerModelName="OKAFOR scanner")
    assert clean.ConvolutionKernel == "B30f" and clean.ManufacturerModelName == "REMOVED scanner"


def test_overlays_icons_unknown_and_untabled_names_are_gone():
    dataset = _dataset(IconImageSequence=Sequence([Dataset()]))
    dataset.add_new((0x6000, 0x0022), "LO", "PHI overlay")
    dataset.add_new((0x6000, 0x3000), "OW", b"PHI burned")
    dataset[0x0018, 0x9FF0] = DataElement((0x0018, 0x9FF0), "UN", b"PHI unknown!")
    clean = deidentify_dataset(dataset, PSEUDONYMISER)
    assert "PHI" not in str(clean) and "IconImageSequence" not in clean
    assert not any(element.tag.group == 0x6000 for element in clean)


def test_references_to_images_follow_their_images():
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.128", "1.2.3.9"
    clean = _clean(SOPInstanceUID="1.2.3.9", ReferencedImageSequence=Sequence([reference]))
    item = clean.ReferencedImageSequence[0]
    assert item.ReferencedSOPInstanceUID == clean.SOPInstanceUID == PSEUDONYMISER.uid("1.2.3.9")
    assert item.ReferencedSOPClassUID == "1.2.840.10008.5.1.4.1.1.128"


def test_age_is_worked_out_where_missing_and_capped_where_it_identifies():
    assert _clean(PatientBirthDate="19610305", StudyDate="20220304").PatientAge == "060Y"
    assert _clean(PatientAge="097Y").PatientAge == "090Y"
    assert _clean(PatientAge="089Y", PatientBirthDate="19300101").PatientBirthDate == ""


def test_the_dataset_says_what_was_done():
    clean = _clean()
    codes = [item.CodeValue for item in clean.DeidentificationMethodCodeSequence]
    assert clean.PatientIdentityRemoved == "YES" and clean.LongitudinalTemporalInformationModified == "MODIFIED"
    assert codes == ["113100", "113105", "113107", "113108", "113111"]


def test_the_input_is_not_changed():
    nested = Dataset()
    nested.PersonName, nested.ReferencedSOPInstanceUID = "Anna", "1.2.3"
    dataset = _dataset(PatientName="Anna^X", SOPInstanceUID="1.2.9", ReferencedImageSequence=Sequence([nested]))
    before = copy.deepcopy(dataset)
    deidentify_dataset(dataset, PSEUDONYMISER)
    assert dataset == before


def test_without_patient_id_nothing_can_be_formed():
    with pytest.raises(ComputeError, match="no hospital number"):
        deidentify_dataset(Dataset(), PSEUDONYMISER)


def test_the_month_is_read_before_dates_shift():
    assert acquisition_month(_dataset(StudyDate="20211231", AcquisitionDate="20220104")) == 1
    assert acquisition_month(_dataset()) is None
