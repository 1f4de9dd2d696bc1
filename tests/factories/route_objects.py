"""One real object for every keyword that an address of the platform can contain.

``@route_object("job_id")`` registers how to make the value for a cohort; tests/contracts/test_permissions.py calls it
for the caller's own cohort and for another one. A maker may ask ``world.value("other_keyword", cohort)`` for an object
that its own hangs on; every value is made once per cohort.
"""

from collections.abc import Callable, Iterable
from typing import Any

from backend.accounts.models import User
from backend.annotations.models import Comment
from backend.cohorts.clinical_mappings import remember_mapping
from backend.cohorts.clinical_tables import receive_table
from backend.cohorts.models import Cohort, Membership, Patient, Role, SavedView
from backend.imaging.models import Case, Series, Upload
from backend.jobs.models import JobKind
from backend.jobs.services import enqueue_job
from backend.pathology.models import SlidePhotograph
from backend.pathology.services.quantification import request_quantification
from tests.factories.clinical import make_patient
from tests.factories.clinical_tables import table
from tests.factories.pathology import make_photograph, make_proposal
from tests.factories.people import make_cohort, make_user, one_member_per_role
from tests.factories.results import make_results
from tests.factories.series import make_image_series, make_stored_series
from tests.factories.voxel_cases import hand_in, make_assignment, make_candidate, make_voxel_case, propose_bat_mask

_MAKERS: dict[str, Callable[["RouteWorld", Cohort], Any]] = {}


def route_object(keyword: str) -> Callable:
    """Registers a maker ``(world, cohort) -> value of the keyword``."""

    def register(maker: Callable[["RouteWorld", Cohort], Any]) -> Callable:
        _MAKERS[keyword] = maker
        return maker

    return register


class RouteWorld:
    """Two cohorts with one member per role, an outsider and an administrator, and an object per keyword and cohort."""

    def __init__(self, keywords: Iterable[str]) -> None:
        self.own, self.other = make_cohort("own-cohort"), make_cohort("other-cohort")
        self.members: dict[str, User] = one_member_per_role(self.own)
        self.other_members: dict[str, User] = one_member_per_role(self.other)
        self.outsider = make_user("outsider")
        self.administrator = make_user("administrator", is_superuser=True)
        self._made: dict[tuple[str, str], Any] = {}
        for keyword in keywords:
            if keyword in _MAKERS:
                self.value(keyword, self.own), self.value(keyword, self.other)

    def value(self, keyword: str, cohort: Cohort) -> Any:
        """The value of one keyword in one cohort; LookupError says what to register where there is none."""
        key = (keyword, cohort.slug)
        if key not in self._made:
            if keyword not in _MAKERS:
                raise LookupError(
                    f"No object is known for <{keyword}>: register one with @route_object({keyword!r}) "
                    "in tests/factories/route_objects.py, so that the address is tested for every role."
                )
            self._made[key] = _MAKERS[keyword](self, cohort)
        return self._made[key]

    def members_of(self, cohort: Cohort) -> dict[str, User]:
        return self.members if cohort == self.own else self.other_members


@route_object("slug")
def _slug(world: RouteWorld, cohort: Cohort) -> str:
    return cohort.slug


@route_object("user_id")
def _user_id(world: RouteWorld, cohort: Cohort) -> int:
    return world.outsider.pk


@route_object("membership_id")
def _membership_id(world: RouteWorld, cohort: Cohort) -> Any:
    return Membership.objects.get(cohort=cohort, role=Role.ANALYST).pk


@route_object("view_id")
def _view_id(world: RouteWorld, cohort: Cohort) -> Any:
    """Of the cohort's analyst, shared; a coordinator may delete it too."""
    analyst = world.members_of(cohort)[Role.ANALYST]
    return SavedView.objects.create(cohort=cohort, owner=analyst, page="jobs:list", name="Jobs", is_shared=True).pk


@route_object("job_id")
def _job_id(world: RouteWorld, cohort: Cohort) -> Any:
    return enqueue_job(kind=JobKind.SUMMARISE_COHORT, subject=cohort, cohort_uuid=cohort.pk).pk


@route_object("pseudonym")
def _pseudonym(world: RouteWorld, cohort: Cohort) -> str:
    return make_patient(cohort, f"PETRA-{cohort.slug.upper()}").pseudonym


@route_object("photograph_id")
def _photograph_id(world: RouteWorld, cohort: Cohort) -> Any:
    patient = Patient.objects.get(cohort=cohort, pseudonym=world.value("pseudonym", cohort))
    return make_photograph(patient, actor=world.outsider, stain="p53_ihc").pk


@route_object("level")
def _level(world: RouteWorld, cohort: Cohort) -> int:
    return 0


@route_object("column")
@route_object("row")
def _tile_place(world: RouteWorld, cohort: Cohort) -> int:
    return 0


@route_object("proposal_id")
def _proposal_id(world: RouteWorld, cohort: Cohort) -> Any:
    """Of the cohort's pathologist: nobody else sees it."""
    return make_proposal(_own_photograph(world, cohort), world.members_of(cohort)[Role.PATHOLOGIST]).pk


@route_object("count_id")
def _count_id(world: RouteWorld, cohort: Cohort) -> Any:
    """The job of a count that the cohort's pathologist asked for."""
    corners, pathologist = [[0, 0], [90, 0], [9, 90]], world.members_of(cohort)[Role.PATHOLOGIST]
    photograph = _own_photograph(world, cohort)
    return request_quantification(photograph=photograph, region_xy=corners, actor=pathologist).pk


def _own_photograph(world: RouteWorld, cohort: Cohort) -> SlidePhotograph:
    return SlidePhotograph.objects.get(pk=world.value("photograph_id", cohort))


@route_object("upload_id")
def _upload_id(world: RouteWorld, cohort: Cohort) -> Any:
    """Sent by the cohort's coordinator: nobody else may add to it."""
    coordinator = world.members_of(cohort)[Role.COORDINATOR]
    return Upload.objects.create(cohort=cohort, source="browser", uploaded_by=coordinator).pk


@route_object("table_id")
def _table_id(world: RouteWorld, cohort: Cohort) -> Any:
    return receive_table(cohort=cohort, chunks=[table()], actor=None).pk


@route_object("mapping_id")
def _mapping_id(world: RouteWorld, cohort: Cohort) -> Any:
    mapping = {"columns": [{"header": "MRN", "field": "hospital_number"}]}
    return remember_mapping(cohort=cohort, name="REDCap", mapping=mapping, actor=None).pk


@route_object("study_id")
def _study_id(world: RouteWorld, cohort: Cohort) -> Any:
    return make_image_series(cohort).study_id


@route_object("series_id")
def _series_id(world: RouteWorld, cohort: Cohort) -> Any:
    return make_image_series(cohort).pk


def _stored_series(world: RouteWorld, cohort: Cohort) -> Series:
    return Series.objects.get(study__patient__cohort=cohort, series_instance_uid=world.value("series_uid", cohort))


@route_object("series_uid")
def _series_uid(world: RouteWorld, cohort: Cohort) -> str:
    return make_stored_series(cohort).series_instance_uid


@route_object("study_uid")
def _study_uid(world: RouteWorld, cohort: Cohort) -> str:
    return _stored_series(world, cohort).study.study_instance_uid


@route_object("sop_uid")
def _sop_uid(world: RouteWorld, cohort: Cohort) -> str:
    return _stored_series(world, cohort).instances.earliest("pk").sop_instance_uid


@route_object("frame_list")
def _frame_list(world: RouteWorld, cohort: Cohort) -> str:
    return "1"


def _own_case(world: RouteWorld, cohort: Cohort) -> Case:
    return Case.objects.get(pk=world.value("case_id", cohort))


@route_object("case_id")
def _case_id(world: RouteWorld, cohort: Cohort) -> Any:
    return make_voxel_case(cohort).pk


@route_object("volume_id")
def _volume_id(world: RouteWorld, cohort: Cohort) -> Any:
    return _own_case(world, cohort).pet_id


@route_object("slab_number")
def _slab_number(world: RouteWorld, cohort: Cohort) -> int:
    return 0


@route_object("assignment_id")
def _assignment_id(world: RouteWorld, cohort: Cohort) -> Any:
    """Of the cohort's reader, who is blinded by it."""
    return make_assignment(_own_case(world, cohort), world.members_of(cohort)[Role.READER]).pk


@route_object("comment_id")
def _comment_id(world: RouteWorld, cohort: Cohort) -> Any:
    """The reader's own; only its author retracts it."""
    world.value("assignment_id", cohort)
    author = world.members_of(cohort)[Role.READER]
    return Comment.objects.create(case=_own_case(world, cohort), author=author, text="A remark.").pk


@route_object("mask_id")
def _mask_id(world: RouteWorld, cohort: Cohort) -> Any:
    return propose_bat_mask(_own_case(world, cohort)).pk


@route_object("candidate_id")
def _candidate_id(world: RouteWorld, cohort: Cohort) -> Any:
    return make_candidate(_own_case(world, cohort)).pk


def _results(world: RouteWorld, cohort: Cohort) -> dict[str, Any]:
    """A dataset, a summary with a figure and a feature set of one cohort, made once."""
    key = ("results", cohort.slug)
    if key not in world._made:
        world._made[key] = make_results(cohort)
    return world._made[key]


@route_object("number")
def _number(world: RouteWorld, cohort: Cohort) -> int:
    return _results(world, cohort)["dataset"].number


@route_object("experiment_id")
def _experiment_id(world: RouteWorld, cohort: Cohort) -> Any:
    return _results(world, cohort)["experiment"].pk


@route_object("figure_id")
def _figure_id(world: RouteWorld, cohort: Cohort) -> Any:
    """A summary's: everybody who sees labels may see it."""
    return _results(world, cohort)["figure"].pk


@route_object("form")
def _form(world: RouteWorld, cohort: Cohort) -> str:
    return "csv"


@route_object("feature_set_id")
def _feature_set_id(world: RouteWorld, cohort: Cohort) -> Any:
    return _results(world, cohort)["feature_set"].pk


@route_object("recipe_id")
def _recipe_id(world: RouteWorld, cohort: Cohort) -> Any:
    return _results(world, cohort)["feature_set"].recipe_id


@route_object("reading_id")
def _reading_id(world: RouteWorld, cohort: Cohort) -> Any:
    """Of another case than the cohort's own, which its reader has still to read."""
    return hand_in(make_assignment(make_voxel_case(cohort), world.members_of(cohort)[Role.READER]), None).pk
