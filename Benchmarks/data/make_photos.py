# SPDX-License-Identifier: Apache-2.0
"""Makes PHOTOS: real pictures, re-encoded crops of them with EXIF, and a few "videos".

usage: make_photos.py PICTURES OUT

The same Pillow and the same pictures give the same bytes: every choice comes from one seed.
"""

import datetime
import io
import os
import random
import shutil
import sys

from PIL import Image

SEED = 20230611
TOTAL = 2_100_000_000
VIDEO_BYTES = [150_000_000, 95_000_000, 62_000_000]
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".jxl", ".svg", ".tif", ".tiff")
# Below this a picture is too small to be cropped into a photograph.
LEAST_PIXELS = 2_000_000
CAMERAS = [("Canon", "Canon EOS R6"), ("NIKON CORPORATION", "NIKON Z 6"), ("Apple", "iPhone 13")]


def pictures(folder):
    """All pictures below a folder, once each, in the order of their names."""
    found = []
    for parent, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(parent, name)
            if name.lower().endswith(SUFFIXES) and not os.path.islink(path):
                found.append(path)
    return found


def copy_originals(found, source, target):
    """Copies the pictures as they are; returns their bytes."""
    total = 0
    for path in found:
        copy = os.path.join(target, os.path.relpath(path, source).replace("usr/share/", ""))
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        shutil.copyfile(path, copy)
        total += os.path.getsize(copy)
    return total


def large_pictures(found):
    """Those that Pillow reads and that are large enough."""
    large = []
    for path in found:
        try:
            with Image.open(path) as picture:
                if picture.width * picture.height >= LEAST_PIXELS:
                    large.append(path)
        except (OSError, Image.DecompressionBombError):
            continue
    return large


def exif(chance, taken, picture, number):
    """EXIF as a camera would write it: kept where the picture has some, completed otherwise."""
    data = picture.getexif()
    make, model = chance.choice(CAMERAS)
    data[0x010F] = make
    data[0x0110] = model
    data[0x0112] = 1
    data[0x0132] = taken.strftime("%Y:%m:%d %H:%M:%S")
    data[0x010E] = f"Picture {number}"
    inner = data.get_ifd(0x8769)
    inner[0x9003] = taken.strftime("%Y:%m:%d %H:%M:%S")
    inner[0x8827] = chance.choice([100, 200, 400, 800])
    inner[0x927C] = chance.randbytes(chance.randrange(2_000, 20_000))
    return data.tobytes()


def crop(chance, picture):
    """A random part of a picture, brought to the size of a camera's."""
    share = chance.uniform(0.55, 0.95)
    width, height = int(picture.width * share), int(picture.height * share)
    left = chance.randrange(picture.width - width + 1)
    top = chance.randrange(picture.height - height + 1)
    part = picture.crop((left, top, left + width, top + height))
    if chance.random() < 0.5:
        part = part.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    longest = chance.choice([4000, 4608, 5184, 6000])
    scale = longest / max(part.size)
    size = (int(part.width * scale), int(part.height * scale))
    return part.resize(size, Image.Resampling.BICUBIC)


def sensor_noise(chance, part):
    """Adds what every sensor adds: an enlarged picture alone would shrink unlike a photograph."""
    tile = Image.frombytes("L", (1024, 1024), chance.randbytes(1 << 20))
    noise = Image.new("L", part.size)
    for left in range(0, part.width, 1024):
        for top in range(0, part.height, 1024):
            noise.paste(tile, (left, top))
    return Image.blend(part, Image.merge("RGB", (noise, noise, noise)), 0.03)


def write(path, data, taken):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    seconds = int(taken.timestamp())
    os.utime(path, (seconds, seconds))


def make_crops(chance, large, target, total):
    """Writes photographs until the set has its size."""
    taken = datetime.datetime(2019, 3, 2, 9, 15, tzinfo=datetime.timezone.utc)
    number = 0
    opened = None
    while total < TOTAL:
        if number % 6 == 0:
            with Image.open(chance.choice(large)) as file:
                opened = file.convert("RGB")
        number += 1
        taken += datetime.timedelta(minutes=chance.randrange(3, 9000))
        part = sensor_noise(chance, crop(chance, opened))
        out = io.BytesIO()
        quality = chance.choice([86, 90, 93])
        part.save(out, "JPEG", quality=quality, exif=exif(chance, taken, opened, number))
        name = f"{taken:%Y}/{taken:%m}/IMG_{number:04d}.JPG"
        write(os.path.join(target, name), out.getvalue(), taken)
        total += out.tell()
    return number, total


def make_videos(chance, target):
    """Files with the frame of a video around bytes that nothing can make smaller."""
    taken = datetime.datetime(2022, 7, 9, 18, 0, tzinfo=datetime.timezone.utc)
    for number, size in enumerate(VIDEO_BYTES, 1):
        head = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"
        head += b"\0\0\0\x01mdat" + (size - len(head)).to_bytes(8, "big")
        body = b"".join(
            chance.randbytes(min(1 << 20, size - len(head) - at))
            for at in range(0, size - len(head), 1 << 20)
        )
        write(os.path.join(target, f"Videos/MVI_{number:04d}.MP4"), head + body, taken)
    return sum(VIDEO_BYTES)


def main():
    source, target = sys.argv[1:]
    chance = random.Random(SEED)
    found = pictures(source)
    total = copy_originals(found, source, os.path.join(target, "Wallpapers"))
    total += make_videos(chance, target)
    made, total = make_crops(chance, large_pictures(found), target, total)
    print(f"{len(found)} pictures, {made} crops, {total / 1e6:.0f} MB", file=sys.stderr)


if __name__ == "__main__":
    main()
