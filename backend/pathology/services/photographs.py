"""Photographs of stained slides: decoded and written anew, so that neither EXIF nor anything hidden survives."""

import io
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from django.db import transaction
from PIL import Image, ImageOps, UnidentifiedImageError

from backend.accounts.models import User
from backend.audit.services import record_audit
from backend.cohorts.models import Patient
from backend.core.errors import InvalidInput
from backend.core.storage import store_bytes, store_path
from backend.pathology.models import SlidePhotograph
from backend.pathology.services.reads import specimen_of
from backend.pathology.services.redaction import Redaction, redacted
from backend.pathology.tiles import Pyramid, tiles_of, write_pyramid

FORMATS = ("JPEG", "PNG", "TIFF")
LIMIT_BYTES = 64 * 1024**2
# A 40-megapixel camera with room to spare; decoded it takes 3 bytes a pixel in the web process.
LIMIT_PIXELS = 60_000_000
SMALLEST_SIDE_PX = 64
THUMBNAIL_PX = 320
NOTHING = Redaction()
JPEG = {"format": "JPEG", "quality": 92, "subsampling": 0, "optimize": True}


def add_photograph(
    *,
    patient: Patient,
    stain: str,
    file: BinaryIO,
    size_bytes: int,
    actor: User,
    redaction: Redaction = NOTHING,
) -> SlidePhotograph:
    """Keeps a photograph, its thumbnail and its tiles. Raises InvalidInput, in a sentence, for what is no such picture.

    The files are written first: a process that dies before the row leaves files that nothing names, never a row without
    its files.
    """
    check_stain(stain)
    if size_bytes > LIMIT_BYTES:
        raise InvalidInput(f"The photograph is larger than {LIMIT_BYTES // 1024**2} MB: save it smaller.")
    picture = redacted(decode_photograph(file), redaction)
    if min(picture.size) < SMALLEST_SIDE_PX:
        raise InvalidInput(f"What is left is smaller than {SMALLEST_SIDE_PX} pixels: keep more of the photograph.")
    values = {**store_picture(picture, folder=folder_of(patient)), "blanked_areas": len(redaction.blanks)}
    return record_photograph(patient=patient, stain=stain, actor=actor, values=values)


def check_stain(stain: str) -> None:
    if stain not in SlidePhotograph.Stain.values:
        raise InvalidInput("Say whether the photograph shows H&E or p53.")


def folder_of(patient: Patient) -> str:
    """Where the patient's photographs lie in the storage."""
    return f"{patient.cohort_id}/{patient.pseudonym}/photographs"


def store_picture(picture: Image.Image, *, folder: str) -> dict[str, Any]:
    """Keeps a picture's files; returns what its row says of them."""
    kept = store_bytes(_jpeg(picture), folder=folder, suffix=".jpg")
    with TemporaryDirectory(prefix="petra-tiles-") as workspace:
        path = Path(workspace) / "tiles"
        write_pyramid(path, Pyramid(width_px=picture.width, height_px=picture.height), tiles_of(picture))
        tiles = store_path(path, folder=folder, suffix=".tiles")
    return {
        "storage_key": kept.key,
        "thumbnail_key": store_bytes(_jpeg(thumbnail(picture)), folder=folder, suffix=".jpg").key,
        "tiles_key": tiles.key,
        "sha256": kept.sha256,
        "width_px": picture.width,
        "height_px": picture.height,
    }


def thumbnail(picture: Image.Image) -> Image.Image:
    small = picture.copy()
    small.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
    return small


def record_photograph(*, patient: Patient, stain: str, actor: User | None, values: dict[str, Any]) -> SlidePhotograph:
    """The row and its audit record, in one transaction."""
    with transaction.atomic():
        photograph = SlidePhotograph.objects.create(
            specimen=specimen_of(patient), stain=stain, uploaded_by=actor, **values
        )
        record_audit(
            action="photograph.add",
            subject=photograph,
            actor=actor,
            cohort_uuid=patient.cohort_id,
            after={
                "patient": patient.pseudonym,
                "stain": stain,
                "sha256": photograph.sha256,
                "blanked_areas": photograph.blanked_areas,
                "whole_slide": photograph.is_whole_slide,
            },
        )
    return photograph


def decode_photograph(file: BinaryIO) -> Image.Image:
    """The pixels as 8-bit RGB, upright. Raises InvalidInput for other formats, broken, huge or tiny pictures."""
    try:
        with Image.open(file, formats=FORMATS) as picture:
            _check_size(picture)
            picture.load()
            upright = ImageOps.exif_transpose(picture)
            return _rgb(upright)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InvalidInput(_too_large()) from error
    except UnidentifiedImageError as error:
        raise InvalidInput(
            "The file is no JPEG, PNG or TIFF picture: export the photograph as one of these."
        ) from error
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, MemoryError) as error:
        raise InvalidInput("The picture is damaged or cut short: export it again.") from error


def _check_size(picture: Image.Image) -> None:
    if picture.width * picture.height > LIMIT_PIXELS:
        raise InvalidInput(_too_large())
    if min(picture.size) < SMALLEST_SIDE_PX:
        raise InvalidInput(f"The picture is smaller than {SMALLEST_SIDE_PX} pixels: send the photograph itself.")
    if getattr(picture, "n_frames", 1) > 1:
        raise InvalidInput("The file holds several pictures: send one at a time.")


def _too_large() -> str:
    return f"The picture has more than {LIMIT_PIXELS // 1_000_000} megapixels: save it smaller."


def _rgb(picture: Image.Image) -> Image.Image:
    """A new picture of the pixels alone; transparent parts become white, 16 bits become 8."""
    if picture.mode.startswith("I") or picture.mode == "F":
        raise InvalidInput("The picture has more than 8 bits per colour: export it with 8.")
    if "A" in picture.getbands() or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
    plain = picture.convert("RGB")
    bare = Image.new("RGB", plain.size)
    bare.paste(plain)
    return bare


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, **JPEG)
    return out.getvalue()
