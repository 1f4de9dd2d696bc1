"""Recognisable fake identifiers (``PHI-…``) for every tag where a hospital's files name people and places."""

from dataclasses import dataclass
from datetime import date

from pydicom import Dataset, Sequence

MARK = "PHI-"


@dataclass(frozen=True, kw_only=True)
class FakeIdentity:
    """One patient's names and numbers; every text starts with ``PHI-`` and ends with the patient's own number."""

    hospital_number: str
    birth_date: date

    def text(self, what: str) -> str:
        return f"{MARK}{what}-{self.hospital_number.rsplit('-', 1)[1]}"

    @property
    def patient_name(self) -> str:
        return f"{self.text('Family')}^{self.text('Given')}=王^{self.text('小明')}"

    def strings(self) -> list[str]:
        """Everything planted for the patient, for a search through whatever import has written."""
        texts = [self.text(what) for what in (*_TEXTS.values(), *_NESTED_TEXTS)]
        return [self.hospital_number, *(self.text(what) for what in ("Family", "Given", "小明")), *texts]


# attribute -> what the fake is called
_TEXTS = {
    "OtherPatientIDs": "OtherId",
    "IssuerOfPatientID": "Issuer",
    "PatientBirthName": "BirthName",
    "PatientMotherBirthName": "Mother",
    "PatientAddress": "Street",
    "PatientTelephoneNumbers": "Phone",
    "MedicalRecordLocator": "Record",
    "Occupation": "Occup",
    "PatientReligiousPreference": "Religion",
    "AdditionalPatientHistory": "History",
    "PatientComments": "PatientComment",
    "AdmissionID": "Admission",
    "CurrentPatientLocation": "Ward",
    "AccessionNumber": "Acc",
    "StudyID": "SId",
    "InstitutionName": "Hospital",
    "InstitutionAddress": "City",
    "InstitutionalDepartmentName": "Dept",
    "StationName": "Stn",
    "DeviceSerialNumber": "Serial",
    "ReferringPhysicianName": "Referrer",
    "PerformingPhysicianName": "Performer",
    "NameOfPhysiciansReadingStudy": "Reader",
    "OperatorsName": "Operator",
    "RequestingPhysician": "Requester",
    "StudyDescription": "StudyText",
    "ProtocolName": "Protocol",
    "RequestedProcedureDescription": "Procedure",
    "PerformedProcedureStepDescription": "Step",
    "PerformedProcedureStepID": "StepId",
}
_NESTED_TEXTS = ("Nested", "ReqId", "Scheduled", "PrivateName", "PrivateHospital", "Comment", "AE", "Plan")


def plant_identifiers(dataset: Dataset, identity: FakeIdentity) -> None:
    """Fills patient, study, equipment, nested and private attributes, as a careless hospital's files do."""
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientName, dataset.PatientID = identity.patient_name, identity.hospital_number
    dataset.PatientBirthDate = f"{identity.birth_date:%Y%m%d}"
    for keyword, what in _TEXTS.items():
        setattr(dataset, keyword, identity.text(what))
    dataset.ImageComments = f"SYNTHETIC: this patient never lived. {identity.text('Comment')}"
    _plant_nested(dataset, identity)
    _plant_private(dataset, identity)


def _plant_nested(dataset: Dataset, identity: FakeIdentity) -> None:
    other, request, person = Dataset(), Dataset(), Dataset()
    other.PatientID, other.TypeOfPatientID = identity.text("ReqId"), "TEXT"
    request.RequestedProcedureID = identity.text("ReqId")
    request.ScheduledProcedureStepDescription = identity.text("Scheduled")
    person.InstitutionName, person.PersonIdentificationCodeSequence = identity.text("Nested"), Sequence()
    dataset.OtherPatientIDsSequence = Sequence([other])
    dataset.RequestAttributesSequence = Sequence([request])
    dataset.OperatorIdentificationSequence = Sequence([person])


def _plant_private(dataset: Dataset, identity: FakeIdentity) -> None:
    block = dataset.private_block(0x0009, "GEMS_PETD_01", create=True)
    block.add_new(0x02, "LO", identity.text("PrivateName"))
    block.add_new(0x10, "LO", identity.text("PrivateHospital"))
    other = dataset.private_block(0x0011, "PETRA PHANTOM PRIVATE", create=True)
    other.add_new(0x01, "PN", identity.text("PrivateName"))
    other.add_new(0x02, "LT", identity.text("PrivateHospital"))
