"""The same secret and patient give the same pseudonym, UID and shift; another secret gives others."""

import re
from datetime import date

import pytest
from pydicom.uid import UID, CTImageStorage

from worker.compute.deidentify import Pseudonymiser
from worker.compute.errors import ComputeError


def test_a_later_import_of_the_same_patient_meets_itself():
    first, later = Pseudonymiser("cohort secret"), Pseudonymiser(b"cohort secret")
    assert first.pseudonym("HN-17") == later.pseudonym(" HN-17\0") != first.pseudonym("HN-18")
    assert first.uid("1.2.3") == later.uid("1.2.3") != first.uid("1.2.4")
    assert first.shift_days("HN-17") == later.shift_days("HN-17 ")


def test_another_cohort_cannot_be_joined():
    one, other = Pseudonymiser("one"), Pseudonymiser("other")
    assert one.pseudonym("HN-17") != other.pseudonym("HN-17")
    assert one.uid("1.2.3") != other.uid("1.2.3")


def test_pseudonym_and_uid_are_well_formed():
    pseudonymiser = Pseudonymiser("secret", prefix="PETRA")
    assert re.fullmatch(r"PETRA-[0-9A-HJKMNP-TV-Z]{8}", pseudonymiser.pseudonym("HN-17"))
    assert UID(pseudonymiser.uid("1.2.3")).is_valid
    assert pseudonymiser.uid(CTImageStorage) == CTImageStorage


def test_every_shift_is_between_a_day_and_a_year_back():
    pseudonymiser = Pseudonymiser("secret")
    shifts = {pseudonymiser.shift_days(f"HN-{number}") for number in range(3000)}
    assert min(shifts) == -365 and max(shifts) == -1
    assert pseudonymiser.shift_date(date(2022, 3, 1), "HN-1") < date(2022, 3, 1)


def test_intervals_between_the_dates_of_a_patient_stay():
    pseudonymiser = Pseudonymiser("secret")
    admission, scan = (pseudonymiser.shift_date(day, "HN-1") for day in (date(2022, 2, 25), date(2022, 3, 4)))
    assert (scan - admission).days == 7


@pytest.mark.parametrize("patient_id", ["", "  ", "\0"])
def test_a_patient_without_number_is_refused(patient_id):
    with pytest.raises(ComputeError, match="no hospital number"):
        Pseudonymiser("secret").pseudonym(patient_id)


def test_an_empty_secret_is_refused():
    with pytest.raises(ComputeError, match="secret is empty"):
        Pseudonymiser("")
