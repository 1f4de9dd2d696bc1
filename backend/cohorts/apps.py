from django.apps import AppConfig


class CohortsConfig(AppConfig):
    name = "backend.cohorts"
    label = "cohorts"
