"""``manage.py seed_demo --cohort SLUG --secrets FILE``: the demo's accounts, one per role, and its cohort."""

import json
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand
from django.db import transaction

from backend.accounts.models import User
from backend.cohorts.models import Cohort, Membership
from backend.cohorts.services import add_member, create_cohort

# The names are those of the demo's credentials; a reader's number is that of the synthetic readings.
ROLES_BY_ACCOUNT = {
    "coordinator": "coordinator",
    "reader1": "reader",
    "reader2": "reader",
    "reader3": "reader",
    "adjudicator": "adjudicator",
    "pathologist": "pathologist",
    "analyst": "analyst",
}
ADMINISTRATOR = "admin"


class Command(BaseCommand):
    help = "Make the demo's accounts and cohort; what is there already stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cohort", required=True, metavar="SLUG")
        parser.add_argument("--secrets", required=True, type=Path, help="JSON with the passwords by account")
        parser.add_argument("--synthetic", action="store_true")

    @transaction.atomic
    def handle(self, *args: object, cohort: str, secrets: Path, synthetic: bool, **options: object) -> None:
        passwords = json.loads(secrets.read_text())["passwords"]
        people = {name: _account(name, password) for name, password in passwords.items()}
        found = Cohort.objects.filter(slug=cohort).first() or create_cohort(
            slug=cohort,
            name="Synthetic demo cohort" if synthetic else cohort.replace("-", " ").title(),
            actor=None,
            is_synthetic=synthetic,
        )
        for name, role in ROLES_BY_ACCOUNT.items():
            if name in people and not Membership.objects.filter(cohort=found, user=people[name], role=role).exists():
                add_member(cohort=found, user=people[name], role=role, actor=None)
        self.stdout.write(f"Cohort {found.slug} and {len(people)} accounts are ready.")


def _account(name: str, password: str) -> User:
    is_administrator = name == ADMINISTRATOR
    user, is_new = User.objects.get_or_create(
        username=name,
        defaults={
            "display_name": f"Demo {name}",
            "is_staff": is_administrator,
            "is_superuser": is_administrator,
        },
    )
    if is_new or not user.check_password(password):
        # The file may have been made anew: what the demo prints must be what signs in.
        user.set_password(password)
        user.save(update_fields=["password"])
    return user
