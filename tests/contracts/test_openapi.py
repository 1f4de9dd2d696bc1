"""The API's description is checked in; a change of the API shows as a change of docs/openapi.yaml."""

from pathlib import Path

import yaml
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema

CHECKED_IN = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"


def test_the_checked_in_schema_is_the_schema_of_the_code():
    with GENERATOR_STATS.silence():
        schema = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(schema)
    generated = yaml.safe_load(OpenApiYamlRenderer().render(schema, renderer_context={}))
    assert generated == yaml.safe_load(CHECKED_IN.read_text()), (
        "the API changed: run `make schema` and commit the result"
    )
