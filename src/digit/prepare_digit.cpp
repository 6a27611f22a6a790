#include "digit/prepare_digit.h"

#include <algorithm>
#include <optional>

#include "base/fail.h"
#include "digit/ink.h"
#include "digit/mnist_form.h"
#include "digit/shades.h"
#include "digit/shapes.h"
#include "digit/sheet.h"
#include "image/statistics.h"

namespace mnist {
namespace {

/// The shades of a picture and of its paper.
struct View {
  Plane shades;
  Ground ground;
};

/// The view by the brightness or, where that shows the ink much less, by one of the colours.
View clearest_view(Shades shades) {
  constexpr double kClearer = 1.5;
  std::optional<View> best;
  double least = 0;
  for (Plane& choice : shades.choices) {
    Ground ground = ground_of(choice);
    const double clarity = ink_of(relief_of(choice, ground)).contrast / (ground.noise + 1);
    if (best && clarity <= least) continue;
    least = clarity * (best ? 1 : kClearer);
    best = View{std::move(choice), std::move(ground)};
  }
  return std::move(*best);
}

/// Whether what stands out could be noise, or the edge of a shadow.
bool is_faint(const Ink& ink, const Ground& ground) {
  constexpr float kOutOfNoise = 7;
  const float range = quantile(ground.shade.pixels, 0.99) - quantile(ground.shade.pixels, 0.01);
  return ink.contrast < std::max(kOutOfNoise * ground.noise, range / 3);
}

PreparedDigit to_digit(View view) {
  add_shadows(view.shades, view.ground);
  const Ink ink = ink_of(relief_of(view.shades, view.ground));
  if (ink.contrast == 0) fail(ErrorKind::kData, "expected a digit, found nothing that stands out");
  DigitShapes digit = digit_of(regions_of(ink.amount, kTrace), ink.amount);
  if (is_faint(ink, view.ground)) digit.doubts.emplace_back("hardly any contrast");
  return {to_mnist_form(digit.ink, digit.box), std::move(digit.doubts)};
}

}  // namespace

PreparedDigit prepare_digit(const ColorImage& picture) {
  Box part{0, 0, picture.width, picture.height};
  Sheet sheet;
  Place found{};
  while (true) {
    Shades shades = shades_of(picture, part);
    const Place place{part.left, part.top, shades.reduction};
    if (!sheet.empty()) {
      for (Plane& choice : shades.choices) fill_beside(sheet, found, place, choice);
    }
    const Plane& brightness = shades.choices[0];
    sheet = sheet_of(brightness, {otsu_classes(brightness.pixels).threshold});
    if (sheet.empty()) {
      View view = clearest_view(std::move(shades));
      const Relief relief = relief_of(view.shades, view.ground);
      // A frame may be fainter than the digit.
      const float full = full_ink(relief);
      sheet = sheet_of(relief.distances, {kTrace * full, kStrong * full});
      if (sheet.empty()) return to_digit(std::move(view));
    }
    found = place;
    part = box_of(sheet, found);
  }
}

}  // namespace mnist
