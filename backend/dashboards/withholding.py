"""Blinding on pages that are not about one case: job rows and the audit trail name results of many.

A coordinator or analyst who also reads sees there what is done and when, and the contents only once every own
reading in the cohort is handed in: a denial beats every role.
"""

from backend.accounts.models import User
from backend.annotations.blinding import blinded_case_ids
from backend.cohorts.models import Cohort

WITHHELD = "Shown once you have handed in all your readings in this cohort."


def withholds_details(user: User, cohort: Cohort) -> bool:
    """Whether the person still has a reading to hand in."""
    return bool(blinded_case_ids(user, cohort))
