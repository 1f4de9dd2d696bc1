"""The TP53 label: both rules beside each other, the pathologists' agreement, and sequencing as a third source."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from backend.audit.access_log import record_view
from backend.cohorts.access import cohort_view
from backend.cohorts.models import Role
from backend.cohorts.selectors import patient_of
from backend.cohorts.services import current_protocol, current_rules
from backend.core.errors import DomainError, Forbidden
from backend.dashboards.results_access import results_view
from backend.dashboards.selectors.label_rules import compare_rules
from backend.dashboards.selectors.patient import p53_section, require_seen
from backend.experiments.models import ExperimentKind
from backend.experiments.sealed_looks import PAGE, record_look
from backend.experiments.services.requests import latest_experiment
from backend.pathology.forms import SequencingForm
from backend.pathology.rater_agreement import blinded_pairs, reader_kappas
from backend.pathology.services.sequencing import record_sequencing


@results_view()
def label_rules(request: HttpRequest) -> HttpResponse:
    """Who flips between the rules, both ways, and what that does to figures; kappa of the pathologists."""
    record_view(request, request.cohort)
    # What a flip does to the figures of the models are results on the sealed test set.
    record_look(request.user, latest_experiment(request.cohort, ExperimentKind.CLASSIFICATION), PAGE, detail="labels")
    comparison = compare_rules(request.cohort)
    pairs = blinded_pairs(request.cohort)
    context = {
        "comparison": comparison,
        "protocol": current_protocol(request.cohort),
        "kappas": reader_kappas(pairs, percent_above=comparison.rule.percent_above),
        "pairs": len(pairs),
    }
    return render(request, "pathology/label_rules.html", context)


@cohort_view(Role.PATHOLOGIST, Role.COORDINATOR, blinded=True)
@require_POST
def sequencing_add(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Records a sequencing result; a pathologist does so after the own read, which it would unblind."""
    patient = patient_of(request.cohort, pseudonym)
    require_seen(request.user, request.roles, patient)
    section = p53_section(request.user, request.roles, patient, current_rules(request.cohort))
    if Role.PATHOLOGIST in request.roles and section.own is None:
        raise Forbidden("Sign your p53 read first: sequencing would tell you what it should be.")
    form = SequencingForm(request.POST)
    try:
        if form.is_valid():
            record_sequencing(patient=patient, actor=request.user, values=form.cleaned_data)
            messages.success(request, "The sequencing result is recorded.")
        else:
            messages.error(request, "Say whether TP53 is mutated, wild-type, or could not be evaluated.")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("pathology:patient", slug=request.cohort.slug, pseudonym=patient.pseudonym)
