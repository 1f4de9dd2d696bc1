"""Settings that every environment shares; secrets and addresses come from the environment."""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlparse

from .single_sign_on import oidc_origins, oidc_providers

BASE_DIR = Path(__file__).resolve().parents[3]


def database_from_url(url: str) -> dict:
    """Django's DATABASES entry for ``postgresql://user:password@host:port/name?host=/socket/folder``."""
    parts = urlparse(url)
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        # Streams hold their request open for minutes; a pool with no persistent connection per thread does not run dry.
        "CONN_MAX_AGE": 0,
        "OPTIONS": {},
    }


INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "django_celery_beat",
    "django_filters",
    "django_htmx",
    "django_vite",
    "crispy_forms",
    "crispy_bootstrap5",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "axes",
    "csp",
    "backend.core",
    "backend.accounts",
    "backend.audit",
    "backend.jobs",
    "backend.cohorts",
    "backend.pathology",
    "backend.imaging",
    "backend.annotations",
    "backend.features",
    "backend.experiments",
    "backend.dashboards",
]

MIDDLEWARE = [
    "backend.core.centre_limit.CentreLimitMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "backend.accounts.middleware.SignInRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "backend.core.middleware.DomainErrorMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "backend.config.urls"
ASGI_APPLICATION = "backend.config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "frontend" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "backend.core.context_processors.platform",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "backend.accounts.adapter.ClosedSignupAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
# Guessing is stopped by axes, whose count is in the database and so the same for every web process.
ACCOUNT_RATE_LIMITS = {"login_failed": None}
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
SOCIALACCOUNT_ADAPTER = "backend.accounts.adapter.HospitalSignOnAdapter"
SOCIALACCOUNT_PROVIDERS = oidc_providers(os.environ)
PETRA_OIDC_CREATE_ACCOUNTS = os.environ.get("PETRA_OIDC_CREATE_ACCOUNTS", "1") == "1"
MFA_TOTP_ISSUER = "PETRA"
# Letters go out only where a mail server is named; a reset link in a log would be a leak.
EMAIL_HOST = os.environ.get("PETRA_EMAIL_HOST", "")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'dummy'}.EmailBackend"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "account/locked_out.html"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("PETRA_STATIC_ROOT", BASE_DIR / "staticfiles"))
_FRONTEND_DIST = BASE_DIR / "backend" / "static" / "dist"
STATICFILES_DIRS = [("dist", _FRONTEND_DIST)] if _FRONTEND_DIST.exists() else []
DJANGO_VITE = {
    "default": {
        "dev_mode": False,
        "static_url_prefix": "dist",
        "manifest_path": _FRONTEND_DIST / ".vite" / "manifest.json",
    }
}
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+[.-][0-9a-zA-Z_-]{8,12}\..+$"

# Every stored file lies below this folder (or bucket): DICOM, volumes, masks, models. Nothing there is identifying.
PETRA_DATA_DIR = Path(os.environ.get("PETRA_DATA_DIR", BASE_DIR / ".demo" / "files"))
# Pseudonyms and date shifts hang on this key and on the cohort's salt; whoever loses it can no longer match a patient.
PETRA_PSEUDONYM_KEY = os.environ.get("PETRA_PSEUDONYM_KEY", "")
# Where nginx serves stored files by X-Accel-Redirect; empty = the web process streams them itself.
PETRA_ACCEL_PREFIX = os.environ.get("PETRA_ACCEL_PREFIX", "")
MEDIA_ROOT = PETRA_DATA_DIR
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": PETRA_DATA_DIR}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
if os.environ.get("PETRA_S3_BUCKET"):
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": os.environ["PETRA_S3_BUCKET"],
            "endpoint_url": os.environ.get("PETRA_S3_ENDPOINT") or None,
            "default_acl": "private",
            "file_overwrite": False,
        },
    }

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "backend.core.api.PageNumberPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "PAGE_SIZE": 50,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "backend.config.exception_handler.handle_exception",
    "DEFAULT_VERSIONING_CLASS": None,
    # The schema describes the API; OPTIONS would describe forms, and fails on views without one object.
    "DEFAULT_METADATA_CLASS": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "PETRA API",
    "DESCRIPTION": "FDG PET/CT of gynaecological cancers, from DICOM to a TP53 prediction. Research use only.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "COMPONENT_SPLIT_REQUEST": True,
    # Choices whose field is called "state" or "outcome" in several places: each has one name in the generated types.
    "ENUM_NAME_OVERRIDES": {
        "CancerTypeEnum": "backend.cohorts.models.CancerType",
        "PatientStateEnum": "backend.cohorts.models.PatientState",
        "OverrideStateEnum": "backend.cohorts.patient_serializers.OVERRIDE_STATES",
        "CriterionOutcomeEnum": "backend.cohorts.patient_serializers.CRITERION_OUTCOMES",
        "JobStateEnum": "backend.jobs.models.JobState",
        "JobKindEnum": "backend.jobs.models.JobKind",
        "ExperimentKindEnum": "backend.experiments.models.ExperimentKind",
        "FeatureSourceEnum": "backend.features.models.Source",
        "ReadingOutcomeEnum": "backend.annotations.models.Outcome",
        "ClinicalSourceEnum": "backend.cohorts.clinical_words.Source",
    },
}

# 'none' first: whatever a page needs is named here, and everything else is refused.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "worker-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'", *oidc_origins(os.environ)],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "backend.core.views.csrf_failure"
# Ticks of 500 cases by 9 readers on the page that gives cases by hand.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 6000
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024

CELERY_BROKER_URL = os.environ.get("REDIS_URL", "redis://localhost:6379/0")
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Kombu's defaults restore the messages of a dead worker only after 100 s.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "visibility_timeout": 6 * 3600,
}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    # pydicom warns with the offending value in the text, and a value can be a name.
    "loggers": {"pydicom": {"level": "ERROR"}, "axes": {"level": "WARNING"}},
}
