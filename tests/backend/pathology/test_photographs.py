"""Photographs: what is kept is pixels alone, what is no picture is refused in a sentence."""

import io

import pytest
from PIL import Image

from backend.core.errors import InvalidInput
from backend.core.storage import read_bytes
from backend.pathology.models import SlidePhotograph
from backend.pathology.services import photographs
from backend.pathology.services.photographs import add_photograph
from tests.factories.clinical import make_patient
from tests.factories.pathology import make_photograph, picture
from tests.factories.people import make_cohort, make_user

pytestmark = pytest.mark.django_db
NAME = b"Jane Doe HN-4711"


def add(file: io.BytesIO, stain: str = "he") -> SlidePhotograph:
    patient = make_patient(make_cohort())
    return add_photograph(patient=patient, stain=stain, file=file, size_bytes=len(file.getvalue()), actor=make_user())


def with_exif(form: str) -> io.BytesIO:
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = NAME.decode(), 6  # ImageDescription; Orientation: turn right
    return picture(form, exif=exif)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
def test_exif_is_gone_and_the_picture_is_upright(form):
    kept = add(with_exif(form))
    content = read_bytes(kept.storage_key)
    again = Image.open(io.BytesIO(content))
    assert again.format == "JPEG" and not again.getexif() and NAME not in content
    assert (kept.width_px, kept.height_px) == again.size == (100, 200)


def test_text_chunks_comments_and_what_trails_the_picture_are_gone():
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Patient", NAME.decode())
    trailing = io.BytesIO(picture("PNG", pnginfo=info).getvalue() + NAME)
    assert NAME not in read_bytes(add(trailing).storage_key)
    assert NAME not in read_bytes(add(picture("JPEG", comment=NAME)).storage_key)


def test_the_thumbnail_is_small_and_the_same_picture_is_kept_once():
    patient, actor = make_patient(make_cohort()), make_user()
    first, second = make_photograph(patient, actor=actor), make_photograph(patient, actor=actor)
    assert first.storage_key == second.storage_key and first.sha256 == second.sha256
    assert max(Image.open(io.BytesIO(read_bytes(first.thumbnail_key))).size) <= photographs.THUMBNAIL_PX


def test_transparency_becomes_white():
    layer = io.BytesIO()
    Image.new("RGBA", (80, 80), (0, 0, 0, 0)).save(layer, "PNG")
    layer.seek(0)
    assert Image.open(io.BytesIO(read_bytes(add(layer).storage_key))).getpixel((40, 40)) == (255, 255, 255)


def damaged() -> io.BytesIO:
    return io.BytesIO(picture("PNG", size=(300, 300)).getvalue()[:200])


def animated() -> io.BytesIO:
    out = io.BytesIO()
    pages = [Image.new("RGB", (80, 80)), Image.new("RGB", (80, 80), "red")]
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:])
    out.seek(0)
    return out


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (lambda: io.BytesIO(b"not a picture at all"), "no JPEG, PNG or TIFF"),
        (lambda: io.BytesIO(b""), "no JPEG, PNG or TIFF"),
        (lambda: picture("GIF"), "no JPEG, PNG or TIFF"),
        (lambda: picture("BMP"), "no JPEG, PNG or TIFF"),
        (damaged, "damaged"),
        (animated, "several pictures"),
        (lambda: picture(size=(20, 20)), "smaller than"),
        (lambda: picture("TIFF", mode="I"), "more than 8 bits"),
    ],
)
def test_what_is_no_photograph_is_refused_in_a_sentence(file, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        add(file())
    assert not SlidePhotograph.objects.exists()


def test_huge_pictures_are_refused_before_they_are_decoded(monkeypatch):
    monkeypatch.setattr(photographs, "LIMIT_PIXELS", 100 * 100)
    with pytest.raises(InvalidInput, match="megapixels"):
        add(picture(size=(101, 100)))
    monkeypatch.setattr(photographs, "LIMIT_BYTES", 10)
    with pytest.raises(InvalidInput, match="larger than"):
        add(picture())


def test_the_stain_must_be_known():
    with pytest.raises(InvalidInput, match="H&E or p53"):
        add(picture(), stain="ki67")
