from django.apps import AppConfig


class PathologyConfig(AppConfig):
    name = "backend.pathology"
    label = "pathology"
