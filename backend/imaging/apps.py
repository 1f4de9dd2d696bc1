from django.apps import AppConfig


class ImagingConfig(AppConfig):
    name = "backend.imaging"
    label = "imaging"

    def ready(self) -> None:
        from backend.cohorts.modalities import register_modalities
        from backend.imaging.selectors import modalities_by_patient

        register_modalities(modalities_by_patient)
