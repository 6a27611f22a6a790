"""Pictures of digits as cameras, scanners and screenshots show them, which photos.py measures.

Each kind is a function that writes one picture of the ink and returns its path. `strength` is 1 or
1.5. It draws its random numbers in a fixed order, so that the pictures stay the same.
"""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

# Ink: arrays of 0 (paper) to 1.


def cropped(image):
    rows, columns = np.nonzero(image)
    return image[rows.min():rows.max() + 1, columns.min():columns.max() + 1]


def place(image, rng, scale=None, margins=(0.06, 0.8)):
    """The digit, enlarged, anywhere on a sheet. margins: least and most, in sides of the digit."""
    scale = scale or rng.uniform(3, 12)
    digit = Image.fromarray(cropped(image))
    width, height = (max(3, round(side * scale)) for side in digit.size)
    digit = np.asarray(digit.resize((width, height), Image.BICUBIC)) / 255
    left, right, top, bottom = (rng.uniform(*margins, 4) * max(width, height)).astype(int)
    return np.pad(digit, ((top, bottom), (left, right)))


def thin(ink):
    """The strokes, one pixel wide: T. Y. Zhang, C. Y. Suen, "A fast parallel algorithm for thinning
    digital patterns", 1984."""
    on = np.pad(ink > 0.5, 1)
    while True:
        before = on.sum()
        for step in (0, 1):
            ring = [np.roll(on, shift, (0, 1)) for shift in
                    ((1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1))]
            count = sum(p.astype(int) for p in ring)
            turns = sum((~a & b).astype(int) for a, b in zip(ring, ring[1:] + ring[:1]))
            n, e, s, w = ring[0], ring[2], ring[4], ring[6]
            ends = ~(n & e & s) & ~(e & s & w) if step == 0 else ~(n & e & w) & ~(n & s & w)
            on = on & ~((count >= 2) & (count <= 6) & (turns == 1) & ends)
        if on.sum() == before:
            return on[1:-1, 1:-1].astype(float)


def rules(shape, pitch, thick, degrees):
    """Crossing lines, turned about the middle, of which the nearest are half a pitch away."""
    y, x = np.mgrid[:shape[0], :shape[1]] - (np.array(shape) - 1)[:, None, None] / 2
    turn = np.exp(1j * np.deg2rad(degrees))
    along = np.array([(x * turn.real + y * turn.imag), (y * turn.real - x * turn.imag)])
    return np.clip((thick + 1) / 2 - np.abs(along % pitch - pitch / 2), 0, 1).max(0)


def print_of(shape, height, rng):
    """Lines of words in small letters, as wide as the sheet."""
    rows, columns = (int(11 * side / height) + 1 for side in shape)  # in the font's pixels
    words = "\n".join("".join(rng.choice(list("abcdefghiklmnorstu  "), columns // 6))
                      for _ in range(rows // 15))
    sheet = Image.new("L", (columns, rows))
    ImageDraw.Draw(sheet).multiline_text((2, 1), words, fill=255)
    return np.asarray(sheet.resize(shape[::-1], Image.BICUBIC)) / 255


# Light and paper: arrays of shades, 0 to 255.


def field(shape, rng):
    """Coordinates across the sheet in a random direction, from -1 to 1."""
    y, x = np.mgrid[-1:1:shape[0] * 1j, -1:1:shape[1] * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    along = x * np.cos(angle) + y * np.sin(angle)
    return along / np.abs(along).max()


def vignette(shape, depth):
    y, x = np.mgrid[-1:1:shape[0] * 1j, -1:1:shape[1] * 1j]
    return 1 - depth * (x * x + y * y) / 2


def shadow(shape, depth, rng):
    edge = rng.uniform(0.05, 0.3)  # its softness
    return 1 - depth / (1 + np.exp((field(shape, rng) - rng.uniform(-0.5, 0.5)) / edge * 4))


def write_on(ink, rng, light=1.0, paper=220, depth=0.75):
    """Dark ink on light paper under this light or, one time in three, chalk on a board."""
    if rng.random() < 1 / 3:
        board = rng.uniform(30, 60)
        return (board + (paper - board) * depth * ink) * light
    return paper * (1 - depth * ink) * light


def page(ink, rng, light=1.0):
    """Dark ink on white paper."""
    return rng.uniform(180, 235) * (1 - rng.uniform(0.6, 0.85) * ink) * light


def hand_shadow(shape, rng):
    """Where a phone, or a hand with its fingers, comes between the lamp and the sheet: 0 to 1."""
    side, mask = max(shape), Image.new("L", shape[::-1])
    tip = rng.uniform(0.2, 0.8, 2) * shape[::-1]
    turn = rng.uniform(0, 2 * np.pi)
    ahead = np.array([np.cos(turn), np.sin(turn)]) * side
    across = ahead[::-1] * [-1, 1]
    draw = ImageDraw.Draw(mask)
    draw.line([*tip, *(tip - 2 * ahead)], 255, round(side * rng.uniform(0.3, 0.5)))
    if rng.random() < 0.5:
        for aside, length in zip((-0.15, -0.05, 0.05, 0.15), (0.2, 0.3, 0.33, 0.25)):
            root, end = tip + across * aside, tip + across * 1.2 * aside + ahead * length
            radius = 0.04 * side
            draw.line([*(root - 0.1 * ahead), *end], 255, round(2 * radius))
            draw.ellipse([*(end - radius), *(end + radius)], 255)
    blurred = mask.filter(ImageFilter.GaussianBlur(side * rng.uniform(0.01, 0.03)))
    return np.asarray(blurred) / 255


def glow(shape, rng):
    """A soft disc of light: 0 to 1."""
    y, x = np.mgrid[:shape[0], :shape[1]] / max(shape)
    middle = rng.uniform(0.1, 0.9, 2) * shape / max(shape)
    radius, edge = rng.uniform(0.15, 0.35), rng.uniform(0.02, 0.08)
    return 1 / (1 + np.exp((np.hypot(y - middle[0], x - middle[1]) - radius) / edge))


# Tables, and what lies on them.


def desk(shape, rng):
    return np.full((*shape, 3), rng.uniform(30, 140)) * rng.uniform(0.85, 1, 3)


def wood(shape, rng):
    """Brown boards, with their grain from left to right."""
    grain = 0
    for rows, columns, depth in ((shape[0] // 2, 4, 0.08), (shape[0] // 12, 3, 0.12)):
        noise = Image.fromarray(rng.normal(0, depth, (rows + 2, columns)).astype(np.float32))
        grain = grain + np.asarray(noise.resize(shape[::-1], Image.BICUBIC))
    return (1 + grain)[..., None] * rng.uniform(0.6, 1.1) * [165, 115, 70]


def lay(sheet, top, corners):
    """The sheet on a table top. corners: x, y of each, clockwise from the top left."""
    height, width = sheet.shape
    ends = np.array(((0, 0), (width, 0), (width, height), (0, height))) + 1
    rows = []
    for (x, y), (u, v) in zip(corners, ends):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    back = np.linalg.solve(rows, ends.ravel())

    def warped(image):
        return np.asarray(image.transform(top.shape[1::-1], Image.PERSPECTIVE, back, Image.BILINEAR),
                          float)[..., None]

    mask = warped(to_image(np.pad(np.full(sheet.shape, 255), 1))) / 255
    return top + mask * (warped(to_image(np.pad(sheet, 1, mode="edge"))) - top)


def on_table(sheet, rng, least, table=desk, far=1.0, degrees=0.0):
    """The sheet somewhere on a table: its sides are at least this share of the photo's, and its far
    edge this share of the near one."""
    height, width = sheet.shape
    points = np.array((-far, far, 1, -1)) * width / 2 + 1j * np.array((-1, -1, 1, 1)) * height / 2
    points = points * np.exp(1j * np.deg2rad(degrees))
    corners = np.stack([points.imag, points.real], 1)
    extent = np.ptp(corners, axis=0)
    shape = (extent / rng.uniform(least, 0.9, 2)).astype(int) + 2
    corners += (shape - extent) * rng.uniform(0, 1, 2) - corners.min(0)
    return lay(sheet, table(shape, rng), corners[:, ::-1])


def to_image(shades):
    return Image.fromarray(np.clip(np.rint(shades), 0, 255).astype(np.uint8))


def saved(path, image, **options):
    """Writes a PNG, or a JPEG where its quality is given."""
    path = path.with_suffix(".jpg" if "quality" in options else ".png")
    image.save(path, **({"compress_level": 1} if path.suffix == ".png" else {}), **options)
    return path


def snap(path, shades, rng):
    """Writes what a good camera makes of it: slightly uneven light, some noise, and JPEG."""
    light = 1 + 0.06 * field(shades.shape, rng)
    light = light.reshape(light.shape + (1,) * (shades.ndim - 2))
    return saved(path, to_image(shades * light + rng.normal(0, 2, shades.shape)), quality=88)


# Kinds


def clean(path, ink, rng, strength):
    return saved(path, to_image(255 * ink if rng.random() < 0.5 else 255 - 255 * ink))


def gradient(path, ink, rng, strength):
    light = 1 + 20 / 220 * strength * field(ink.shape, rng)
    return saved(path, to_image(write_on(ink, rng, light)))


def vignetted(path, ink, rng, strength):
    return saved(path, to_image(write_on(ink, rng, vignette(ink.shape, 0.35 * strength))))


def shadowed(path, ink, rng, strength):
    return saved(path, to_image(write_on(ink, rng, shadow(ink.shape, 0.35 * strength, rng))))


def noisy(path, ink, rng, strength):
    return saved(path, to_image(write_on(ink, rng) + rng.normal(0, 6 * strength, ink.shape)))


def blocks(path, ink, rng, strength):
    return saved(path, to_image(write_on(ink, rng)), quality=30 if strength == 1 else 12)


def specks(path, ink, rng, strength):
    ink = ink.copy()
    side = max(1, round(0.01 * strength * max(ink.shape)))
    for _ in range(round(rng.integers(2, 12) * strength)):
        y, x = (rng.integers(0, length - side) for length in ink.shape)
        ink[y:y + side, x:x + side] = 1
    return saved(path, to_image(write_on(ink, rng)))


def frame(path, ink, rng, strength):
    thick = max(1, round(rng.uniform(0, 0.05) * strength * max(ink.shape)))
    inset = rng.integers(0, 2) * rng.integers(0, max(2, max(ink.shape) // 20))
    shades = np.pad(write_on(ink, rng), thick, constant_values=rng.integers(0, 160))
    return saved(path, to_image(np.pad(shades, inset, constant_values=shades[thick, thick])))


def lined(path, ink, rng, strength, squared=False):
    pitch = round(max(ink.shape) * rng.uniform(0.06, 0.25))
    thick = max(1, round(max(ink.shape) / 250 * strength))
    begin = rng.integers(0, pitch)
    lines = (np.arange(ink.shape[0])[:, None] + begin) % pitch < thick
    if squared:
        lines = lines | ((np.arange(ink.shape[1])[None] + begin) % pitch < thick)
    color = 255 - np.array([85, 55, 20]) * strength
    paper = np.where(np.broadcast_to(lines, ink.shape)[..., None], color, 250.0)
    return saved(path, to_image(paper * (1 - 0.8 * ink[..., None])))


def squared(path, ink, rng, strength):
    return lined(path, ink, rng, strength, squared=True)


def transparent(path, ink, rng, strength):
    """White paper with round corners, or with nothing around it."""
    height, width = ink.shape
    margin = rng.integers(0, 2) * rng.integers(1, max(height, width) // 3)
    alpha = Image.new("L", (width + 2 * margin, height + 2 * margin))
    radius = round(rng.uniform(0.02, 0.12) * strength * min(width, height))
    ImageDraw.Draw(alpha).rounded_rectangle(
        (margin, margin, margin + width - 1, margin + height - 1), radius, fill=255)
    shade = to_image(np.pad(255 - 255 * ink, margin))
    return saved(path, Image.merge("LA", (shade, alpha)))


def hair(path, ink, rng, strength):
    return saved(path, to_image(write_on(thin(ink), rng)))


def faint(path, ink, rng, strength):
    paper = rng.uniform(80, 230)
    contrast = 30 / strength * rng.choice([-1, 1])
    return saved(path, to_image(paper + contrast * ink + rng.normal(0, 1.5, ink.shape)))


def colored(path, ink, rng, strength):
    """Two colors of the same lightness by Rec. BT.601."""
    weights = np.array([0.299, 0.587, 0.114])
    tone = rng.normal(size=3)
    tone -= weights * (tone @ weights) / (weights @ weights)
    tone *= 80 / strength / np.abs(tone).max()
    color = 128 + tone * np.where(ink[..., None] > 0, 2 * ink[..., None] - 1, -1)
    return saved(path, to_image(color), **({"quality": 85} if rng.random() < 0.5 else {}))


def turned(path, ink, rng, strength):
    orientation = int(rng.choice([2, 3, 4, 5, 6, 7, 8]))
    undo = {2: Image.FLIP_LEFT_RIGHT, 3: Image.ROTATE_180, 4: Image.FLIP_TOP_BOTTOM,
            5: Image.TRANSPOSE, 6: Image.ROTATE_90, 7: Image.TRANSVERSE, 8: Image.ROTATE_270}
    exif = Image.Exif()
    exif[0x112] = orientation
    return saved(path, to_image(write_on(ink, rng)).transpose(undo[orientation]), quality=85,
                 exif=exif)


def cut(path, ink, rng, strength):
    """A picture that was cut to its digit, with a margin of 6 % (4 %) and some noise."""
    digit = cropped(ink)
    return noisy(path, np.pad(digit, round(0.06 / strength * max(digit.shape))), rng, 1)


def photo(path, ink, rng, strength):
    """Several at once: uneven light, a shadow, noise and JPEG."""
    light = (1 + 0.08 * strength * field(ink.shape, rng)) * vignette(ink.shape, 0.2 * strength)
    light = light * shadow(ink.shape, 0.2 * strength, rng)
    shades = write_on(ink, rng, light) + rng.normal(0, 4 * strength, ink.shape)
    return saved(path, to_image(shades), quality=60)


def sheet_on_table(path, ink, rng, strength, **pose):
    least = 0.5 if strength == 1 else 0.35
    return snap(path, on_table(page(ink, rng), rng, least, **pose), rng)


def sheet_in_perspective(path, ink, rng, strength):
    return sheet_on_table(path, ink, rng, strength, far=0.8 if strength == 1 else 0.7)


def sheet_on_wood(path, ink, rng, strength):
    degrees = rng.uniform(-10, 10) * strength
    return sheet_on_table(path, ink, rng, strength, table=wood, degrees=degrees)


def desk_beside(path, ink, rng, strength):
    """The sheet fills the rest of the photo, and its edge is up to 3 degrees askew."""
    turns = rng.integers(4)
    sheet = np.rot90(page(ink, rng), turns)
    height, width = sheet.shape
    slope = np.tan(np.deg2rad(rng.uniform(-3, 3)))
    low = height + round(abs(slope) * width / 2)
    deep = round(height * rng.uniform(0.1, 0.3) * strength)
    sheet = np.pad(sheet, ((0, low + deep - height), (0, 0)), mode="edge")[..., None]
    y, x = np.mgrid[:low + deep, :width]
    bare = np.clip(y - low - slope * (x - width / 2), 0, 1)[..., None]
    top = (wood if rng.random() < 0.5 else desk)(sheet.shape[:2], rng)
    return snap(path, np.rot90(sheet + bare * (top - sheet), -turns), rng)


def pen_beside(path, ink, rng, strength):
    """A pen on a side of the sheet, which goes out of the photo."""
    turns = rng.integers(4)
    thick = max(cropped(ink).shape) * rng.uniform(0.1, 0.16) * strength
    sheet = np.rot90(page(ink, rng), turns)
    height, width = sheet.shape
    slope = rng.uniform(-0.15, 0.15)  # of the pen
    room = round(2 * thick + abs(slope) * width)
    sheet = np.pad(sheet, ((0, room), (0, 0)), mode="edge")
    image = to_image(sheet).convert("RGB")
    outline = np.array(((0, 0), (1.5, 0.5), (99, 0.5), (99, -0.5), (1.5, -0.5))) * thick
    x = width * rng.uniform(0.05, 0.4) + outline[:, 0]
    y = height + room / 2 + outline[:, 1] + slope * (x - width / 2)
    ImageDraw.Draw(image).polygon([*zip(x, y)], fill=tuple(rng.integers(15, 120, 3)))
    photo = np.asarray(image.filter(ImageFilter.GaussianBlur(0.7)), float)
    return snap(path, np.rot90(photo, -turns), rng)


def bars(path, ink, rng, strength):
    """What a scanner's lid leaves black beside a sheet."""
    thick = np.zeros(4, int)
    for side in rng.choice(4, 2, replace=False):
        thick[side] = ink.shape[side // 2] * rng.uniform(0.05, 0.2) * strength
    shades = np.pad(page(ink, rng), thick.reshape(2, 2), constant_values=rng.uniform(0, 25))
    return saved(path, to_image(shades + rng.normal(0, 2, shades.shape)))


def sudoku(path, ink, rng, strength):
    digit = cropped(ink)
    pitch = max(digit.shape) * rng.uniform(1.5, 1.9)
    degrees = rng.uniform(2, 4) if strength == 1 else rng.uniform(1, 6)
    side = pitch * rng.uniform(1, 1.06)
    digit = np.pad(digit, [(round((side - length) / 2),) * 2 for length in digit.shape])
    lines = rules(digit.shape, pitch, pitch * rng.uniform(0.03, 0.06), degrees * rng.choice([-1, 1]))
    return snap(path, page(np.maximum(digit, lines), rng), rng)


def dark_squares(path, ink, rng, strength):
    pitch = max(ink.shape) * rng.uniform(0.06, 0.25)
    thick = max(1.2, max(ink.shape) / 250)
    degrees = rng.choice([-2, -1, 1, 2]) * strength
    return snap(path, page(np.maximum(ink, 0.6 * rules(ink.shape, pitch, thick, degrees)), rng), rng)


def rule(path, ink, rng, strength):
    """The straight line that is left of a table's grid, along one side."""
    turns = rng.integers(4)
    ink = np.rot90(ink, turns)
    thick = max(1, round(rng.uniform(0.005, 0.02) * strength * max(ink.shape)))
    beyond = round(rng.uniform(0, 0.04) * max(ink.shape))
    ink = np.pad(ink, ((0, thick), (0, 0)), constant_values=rng.uniform(0.6, 1))
    return snap(path, page(np.rot90(np.pad(ink, ((0, beyond), (0, 0))), -turns), rng), rng)


def box(path, ink, rng, strength):
    """A field of a form."""
    digit = cropped(ink)
    side = max(digit.shape)
    inside, outside = rng.uniform(0.1, 0.35, 2) * (1, strength) * side
    thick = max(1, round(rng.uniform(0.01, 0.03) * strength * side))
    ink = np.pad(np.pad(digit, round(inside)), thick, constant_values=rng.uniform(0.5, 1))
    return snap(path, page(np.pad(ink, round(outside)), rng), rng)


def printed(path, ink, rng, strength):
    """Between the lines of a printed text."""
    side = max(cropped(ink).shape)
    height = side * rng.uniform(0.12, 0.25)
    bands = [print_of((round(rows * 1.4 * height), ink.shape[1]), height, rng)
             for rows in rng.integers(1, 4, 2)]
    gap = np.zeros((round(0.15 * side), ink.shape[1]))
    tone = rng.uniform(0.3, 0.6) * strength
    return snap(path, page(np.concatenate([tone * bands[0], gap, ink, gap, tone * bands[1]]), rng), rng)


def overprinted(path, ink, rng, strength):
    letters = print_of(ink.shape, max(cropped(ink).shape) * rng.uniform(0.12, 0.25), rng)
    return snap(path, page(np.maximum(ink, 0.15 * strength * letters), rng), rng)


def fold(path, ink, rng, strength):
    """A crease, at which the brightness jumps, and to whose sides it changes differently."""
    along = field(ink.shape, rng) - rng.uniform(-0.5, 0.5)
    light = 1 - strength * np.where(along > 0, 0.15 - 0.1 * along, -0.06 * along)
    return snap(path, page(ink, rng, light), rng)


def hand(path, ink, rng, strength):
    depth = 0.35 if strength == 1 else 0.5
    return snap(path, page(ink, rng, 1 - depth * hand_shadow(ink.shape, rng)), rng)


def lamp(path, ink, rng, strength):
    return snap(path, page(ink, rng, 0.72 * (1 + 0.35 * strength * glow(ink.shape, rng))), rng)


def whiteboard(path, ink, rng, strength):
    """A marker on a glossy board, with a reflection."""
    marker = np.array(((45, 65, 170), (195, 45, 55), (35, 135, 85), (45, 45, 50)))[rng.integers(4)]
    light = vignette(ink.shape, 0.2 * strength)[..., None]
    board = np.array((205, 210, 215)) * (1 - ink[..., None]) + marker * ink[..., None]
    return snap(path, board * light + 50 * strength * glow(ink.shape, rng)[..., None], rng)


KINDS = {
    "clean": clean, "light that changes by 40": gradient, "vignette of 35 %": vignetted,
    "soft shadow of 35 %": shadowed, "noise of sigma 6": noisy, "JPEG of quality 30 (12)": blocks,
    "specks of 1 % of the side": specks, "frame up to 5 % thick": frame, "lined paper": lined,
    "squared paper": squared, "transparent corners or surround": transparent,
    "strokes of one pixel": hair, "contrast of 30 (20) in noise": faint,
    "colours of one lightness": colored, "turned by its EXIF tag": turned,
    "cut to a margin of 6 % (4 %)": cut, "light, shadow, noise and JPEG": photo,
    "sheet on a table": sheet_on_table, "sheet in perspective": sheet_in_perspective,
    "sheet turned on wood": sheet_on_wood, "desk at one side": desk_beside,
    "pen beside the digit": pen_beside, "black bars at two sides": bars,
    "cell of a sudoku, askew": sudoku, "dark squared paper, askew": dark_squares,
    "rule along one side": rule, "box around the digit": box,
    "printed text above and below": printed, "over light print": overprinted, "fold": fold,
    "shadow of a hand of 35 % (50 %)": hand, "spot of light of 35 %": lamp,
    "whiteboard": whiteboard,
}


def enlarged(path, image):
    """A digit of scikit-learn's, which has 8 x 8 pixels of 0 to 16: dark on white, ten times as large, with a margin."""
    shades = np.pad(np.uint8(255 - image * 255 / 16), 2, constant_values=255)
    return saved(path, Image.fromarray(shades).resize((120, 120), Image.BICUBIC))


# What is not one digit


def blank(path, images, rng):
    shape = rng.integers(30, 400, 2)
    light = [1, 1 + 0.3 * field(shape, rng), vignette(shape, 0.5), shadow(shape, 0.3, rng)]
    shades = 200 * light[rng.integers(4)] + rng.normal(0, 1, shape) * rng.choice([0, 2, 8])
    return saved(path, to_image(shades), **({"quality": 60} if rng.random() < 0.5 else {}))


def noise(path, images, rng):
    shape = tuple(rng.integers(8, 100, 2))
    shades = rng.integers(0, 256, shape) if rng.random() < 0.5 else rng.normal(128, 40, shape)
    size = rng.integers(28, 400, 2)
    return saved(path, to_image(shades).resize((int(size[0]), int(size[1])), rng.integers(0, 4)))


def text(path, images, rng):
    image = Image.new("L", (160, 90), 255)
    words = "\n".join("".join(rng.choice(list("abcdefghiklmnorstu "), 22)) for _ in range(5))
    ImageDraw.Draw(image).text((8, 6), words, fill=0)
    return saved(path, image.resize([side * int(rng.integers(1, 5)) for side in image.size]))


def several(path, images, rng):
    """Two or three digits side by side, or two one over the other."""
    axis = int(rng.random() < 0.75)
    inks = [place(image, rng, 6, (0.08, 0.2)) for image in images[:rng.integers(2, 3 + axis)]]
    side = max(ink.shape[1 - axis] for ink in inks)
    inks = [np.pad(ink, [(0, 0) if i == axis else (0, side - ink.shape[i]) for i in (0, 1)])
            for ink in inks]
    return saved(path, to_image(write_on(np.concatenate(inks, axis), rng)))


OTHERS = {"blank": blank, "noise": noise, "text": text, "several digits": several}
