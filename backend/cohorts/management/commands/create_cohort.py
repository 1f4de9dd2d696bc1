"""``manage.py create_cohort SLUG``: a new cohort with the paper's protocol."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from backend.accounts.models import User
from backend.cohorts.services import create_cohort
from backend.core.errors import DomainError


class Command(BaseCommand):
    help = "Make a cohort; the named person becomes its coordinator."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--name", default="")
        parser.add_argument("--coordinator", metavar="USERNAME")
        parser.add_argument("--synthetic", action="store_true", help="label every page as synthetic data")

    def handle(
        self, *args: object, slug: str, name: str, coordinator: str | None, synthetic: bool, **options: object
    ) -> None:
        actor = User.objects.filter(username=coordinator).first() if coordinator else None
        if coordinator and actor is None:
            raise CommandError(f"There is no account {coordinator}.")
        try:
            cohort = create_cohort(slug=slug, name=name or slug, actor=actor, is_synthetic=synthetic)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Cohort {cohort.slug} made.")
