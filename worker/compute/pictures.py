"""Reading a photograph of a slide into 8-bit colour."""

from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from worker.compute.errors import UnreadableInput

FORMATS = ("JPEG", "PNG", "TIFF")
LIMIT_PIXELS = 100_000_000


def read_picture(path: Path | str) -> Image.Image:
    """Upright RGB; transparent parts become white. Raises UnreadableInput for what is no such picture, or too large."""
    try:
        with Image.open(path, formats=FORMATS) as picture:
            if picture.width * picture.height > LIMIT_PIXELS:
                raise UnreadableInput(f"{path} has more than {LIMIT_PIXELS // 1_000_000} megapixels: cut a part out.")
            upright = ImageOps.exif_transpose(picture)
            if upright.mode.startswith(("I", "F")):
                raise UnreadableInput(f"{path} has more than 8 bits per colour: export it with 8.")
            layer = upright.convert("RGBA")
            return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    except UnidentifiedImageError as error:
        raise UnreadableInput(f"{path} is no JPEG, PNG or TIFF picture: export the photograph as one.") from error
    except FileNotFoundError as error:
        raise UnreadableInput(f"There is no file {path}: check its name.") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UnreadableInput(f"{path} is damaged or cut short: export it again.") from error
