#include "digit/shapes.h"

#include <algorithm>

#include "base/fail.h"
#include "digit/ink.h"

namespace mnist {
namespace {

std::int64_t longer_side(const Box& box) { return std::max(box.width(), box.height()); }

Box join(const Box& a, const Box& b) {
  return {std::min(a.left, b.left), std::min(a.top, b.top), std::max(a.right, b.right),
          std::max(a.bottom, b.bottom)};
}

/// The pixels that are free between the boxes.
std::int64_t gap(const Box& a, const Box& b) {
  const std::int64_t across = std::max(b.left - a.right, a.left - b.right);
  const std::int64_t down = std::max(b.top - a.bottom, a.top - b.bottom);
  return std::max({across, down, std::int64_t{0}});
}

using Shapes = std::vector<const Region*>;

/// Shapes of real ink, the one with the most of it first.
Shapes strong_shapes(const std::vector<Region>& regions) {
  Shapes shapes;
  for (const Region& region : regions) {
    if (region.is_ink && region.peak >= kStrong) shapes.push_back(&region);
  }
  std::sort(shapes.begin(), shapes.end(),
            [](const Region* a, const Region* b) { return a->mass > b->mass; });
  return shapes;
}

/// Whether it is too small for a digit, and could be dust or a few pixels of noise.
bool is_speck(const Box& box, const Plane& picture) {
  constexpr std::int64_t kLeastSide = 6;
  constexpr std::int64_t kLeastShare = 50;
  return longer_side(box) <
         std::max(kLeastSide, std::max(picture.width, picture.height) / kLeastShare);
}

/// Whether the ink, in its box, meets the border in several places or along half of its own length:
/// a whole digit only touches it.
bool is_cut_by_side(const Plane& ink, const Box& box) {
  const auto is_cut = [](std::int64_t length, const auto& is_ink) {
    std::int64_t count = 0;
    int places = 0;
    for (std::int64_t i = 0; i < length; ++i) {
      if (!is_ink(i)) continue;
      ++count;
      places += i == 0 || !is_ink(i - 1) ? 1 : 0;
    }
    return places > 1 || 2 * count > length;
  };
  const auto row = [&](std::int64_t y) {
    return is_cut(box.width(), [&](std::int64_t x) { return ink.at(box.left + x, y) > kStrong; });
  };
  const auto column = [&](std::int64_t x) {
    return is_cut(box.height(), [&](std::int64_t y) { return ink.at(x, box.top + y) > kStrong; });
  };
  return (box.top == 0 && row(0)) || (box.bottom == ink.height && row(ink.height - 1)) ||
         (box.left == 0 && column(0)) || (box.right == ink.width && column(ink.width - 1));
}

/// Whether the digit goes on beyond the picture: it reaches two or three sides, or meets one as if
/// it were cut. All four sides are those of a picture that was cut to the digit's box.
bool is_cut_off(const Plane& ink, const Box& box) {
  const int sides = (box.left == 0 ? 1 : 0) + (box.top == 0 ? 1 : 0) +
                    (box.right == ink.width ? 1 : 0) + (box.bottom == ink.height ? 1 : 0);
  const std::int64_t trace = 1 + std::max(ink.width, ink.height) / 40;
  return (sides >= 2 || is_cut_by_side(ink, box)) && !reaches_all_sides(box, ink, trace);
}

/// Whether two parts are like two digits: side by side, each nearly as high as both, or one over
/// the other, each nearly as wide as both and no mere bar.
bool are_two_digits(const Box& a, const Box& b) {
  const auto overlap = [](std::int64_t a_begin, std::int64_t a_end, std::int64_t b_begin,
                          std::int64_t b_end) {
    return 4 * (std::min(a_end, b_end) - std::max(a_begin, b_begin)) >
           std::min(a_end - a_begin, b_end - b_begin);
  };
  const Box both = join(a, b);
  const std::int64_t height = std::min(a.height(), b.height());
  if (!overlap(a.left, a.right, b.left, b.right)) return 5 * height > 3 * both.height();
  return !overlap(a.top, a.bottom, b.top, b.bottom) && 3 * height > both.height() &&
         5 * std::min(a.width(), b.width()) > 3 * both.width();
}

/// Whether one is drawn around the other, as a circle around a digit. The dot in a zero is smaller.
bool is_drawn_around(const Box& outer, const Box& inner) {
  return outer.left < inner.left && inner.right < outer.right && outer.top < inner.top &&
         inner.bottom < outer.bottom && 4 * longer_side(inner) > longer_side(outer);
}

/// Takes the shape that is the digit, or most of it, out of the others: the one with the most ink
/// but, if there is another choice, none that reaches the border.
const Region* take_main(Shapes& others, const Plane& ink) {
  auto main = others.begin();
  const auto inside = std::find_if(others.begin(), others.end(), [&](const Region* shape) {
    return !touches_border(shape->box, ink);
  });
  if (inside != others.end() && 4 * (*inside)->mass > (*main)->mass) main = inside;
  const Region* shape = *main;
  others.erase(main);
  return shape;
}

/// Whether it is a bar below the digit that is longer than the digit is wide.
bool underlines(const Box& bar, const Box& digit) {
  return bar.top >= digit.bottom && bar.width() > digit.width() && bar.width() > 4 * bar.height();
}

/// Takes out of the others the parts of the digit that are not joined to its main shape: whatever
/// is near enough, and neither a speck nor a line below it.
Shapes take_parts(Shapes& others, const Region& main, const Plane& ink) {
  Shapes parts{&main};
  Box box = main.box;
  const std::int64_t near = longer_side(box) / 5;
  for (auto shape = others.begin(); shape != others.end();) {
    const bool is_part = (*shape)->mass >= 0.02 * main.mass && gap(box, (*shape)->box) <= near &&
                         !underlines((*shape)->box, box) &&
                         (touches_border(box, ink) || !touches_border((*shape)->box, ink));
    if (!is_part) {
      ++shape;
      continue;
    }
    parts.push_back(*shape);
    box = join(box, (*shape)->box);
    others.erase(shape);
    shape = others.begin();  // one that was too far away may be near now
  }
  return parts;
}

}  // namespace

DigitShapes digit_of(const std::vector<Region>& regions, const Plane& ink) {
  Shapes others = strong_shapes(regions);
  if (others.empty()) fail(ErrorKind::kData, "expected a digit, found nothing that stands out");
  const Region* main = take_main(others, ink);
  const Shapes parts = take_parts(others, *main, ink);
  std::erase_if(others, [&](const Region* shape) { return shape->mass < 0.1 * main->mass; });
  DigitShapes digit{ink, main->box, {}};
  for (const Region* part : parts) digit.box = join(digit.box, part->box);
  if (is_speck(digit.box, ink)) fail(ErrorKind::kData, "expected a digit, found only specks");
  constexpr std::size_t kMany = 8;
  const std::size_t count = parts.size() + others.size();
  if (count > kMany) fail(ErrorKind::kData, "expected one digit, found {} shapes", count);
  for (const Region& region : regions) {
    if (std::find(parts.begin(), parts.end(), &region) != parts.end()) continue;
    if (!region.is_ink) continue;
    for (const Run& run : region.runs) {
      for (std::int64_t x = run.begin; x < run.end; ++x) digit.ink.at(x, run.row) = 0;
    }
  }
  bool several = !others.empty();
  for (const Region* a : parts) {
    for (const Region* b : parts) {
      several =
          several || is_drawn_around(a->box, b->box) || (a != b && are_two_digits(a->box, b->box));
    }
  }
  if (several) digit.doubts.emplace_back("several shapes");
  if (is_cut_off(digit.ink, digit.box)) digit.doubts.emplace_back("cut off by the border");
  if (2 * digit.box.width() > 3 * digit.box.height()) {
    digit.doubts.emplace_back("wider than a digit");
  }
  return digit;
}

}  // namespace mnist
