"""Keyed pseudonyms, UIDs and date shifts: the same patient of the same cohort always meets the same ones."""

import hashlib
import hmac
import unicodedata
import uuid
from datetime import date, timedelta

from worker.compute.errors import ComputeError

DEFAULT_PREFIX = "PETRA"
CROCKFORD_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# 8 characters are 40 bits: two of 10,000 patients of one cohort collide with a chance of 5 in 100,000.
PSEUDONYM_LENGTH = 8
LONGEST_SHIFT_DAYS = 365
DICOM_UID_ROOT = "1.2.840.10008."


class Pseudonymiser:
    """Derives replacements from a per-cohort secret by HMAC-SHA256; without the secret none can be traced back.

    Nothing is stored: whoever holds the secret and a hospital number finds the pseudonym again, nobody finds the
    hospital number from the pseudonym other than by trying numbers, which needs the secret.
    """

    def __init__(self, secret: bytes | str, prefix: str = DEFAULT_PREFIX) -> None:
        self._key = secret.encode("utf-8") if isinstance(secret, str) else secret
        if not self._key:
            raise ComputeError("The de-identification secret is empty: give the cohort a secret of its own.")
        self.prefix = prefix

    def digest(self, purpose: str, value: str) -> bytes:
        """32 bytes for a value; the purpose keeps a pseudonym, a UID and a shift from telling about each other."""
        return hmac.new(self._key, f"{purpose}\0{value}".encode(), hashlib.sha256).digest()

    def pseudonym(self, patient_id: str) -> str:
        """``PETRA-7F3K2QXW``: the prefix and 40 bits of the hospital number's HMAC in Crockford's base 32."""
        bits = int.from_bytes(self.digest("pseudonym", normalise_patient_id(patient_id))[:5])
        letters = (CROCKFORD_ALPHABET[bits >> 5 * place & 31] for place in reversed(range(PSEUDONYM_LENGTH)))
        return f"{self.prefix}-{''.join(letters)}"

    def uid(self, uid: str) -> str:
        """``2.25.`` and a UUID as a decimal number (DICOM PS3.5 B.2); UIDs that DICOM itself registers stay."""
        if uid.startswith(DICOM_UID_ROOT):
            return uid
        return f"2.25.{uuid.UUID(bytes=self.digest('uid', uid.strip())[:16], version=5).int}"

    def shift_days(self, patient_id: str) -> int:
        """Whole days that every date of the patient moves: −365 … −1, so never 0 and never into the future."""
        draw = int.from_bytes(self.digest("shift", normalise_patient_id(patient_id))[:8])
        return -(1 + draw % LONGEST_SHIFT_DAYS)

    def shift_date(self, day: date, patient_id: str) -> date:
        """The date as the patient's de-identified record shows it; intervals between dates of one patient stay."""
        return day + timedelta(days=self.shift_days(patient_id))


def normalise_patient_id(patient_id: str) -> str:
    """DICOM pads values with spaces and NULs, and tables with spaces: neither makes another patient."""
    clean = unicodedata.normalize("NFKC", patient_id).strip(" \0\t\r\n")
    if not clean:
        raise ComputeError("The patient has no hospital number (PatientID): enter one before importing.")
    return clean
