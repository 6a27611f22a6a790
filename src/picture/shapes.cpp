#include "picture/shapes.h"

#include <algorithm>
#include <cstddef>
#include <opencv2/imgproc.hpp>

#include "base/fail.h"
#include "picture/pixels.h"

namespace mnist {
namespace {

constexpr float kTrace = 0.1F;   // of full ink: less is the soft edge of a stroke
constexpr float kStrong = 0.5F;  // of full ink: what stays below this everywhere is no ink

/// A connected part of the ink.
struct Shape {
  cv::Rect box;
  double mass = 0;  ///< the sum of its ink
  float peak = 0;   ///< its most ink
  bool is_inside;   ///< it does not reach the picture's border

  int longer_side() const { return std::max(box.width, box.height); }
  bool is_strong() const { return peak >= kStrong; }
};

struct Shapes {
  cv::Mat1i labels;           ///< of each pixel, 0 for background
  std::vector<Shape> shapes;  ///< by their labels; nothing at 0
};

Shapes shapes_of(const cv::Mat1f& ink) {
  Shapes found;
  cv::Mat1i boxes;
  cv::Mat centroids;
  const int count = cv::connectedComponentsWithStats(ink > kTrace, found.labels, boxes, centroids);
  found.shapes.resize(static_cast<std::size_t>(count));
  for (int i = 1; i < count; ++i) {
    Shape& shape = found.shapes[static_cast<std::size_t>(i)];
    shape.box = {boxes(i, cv::CC_STAT_LEFT), boxes(i, cv::CC_STAT_TOP), boxes(i, cv::CC_STAT_WIDTH),
                 boxes(i, cv::CC_STAT_HEIGHT)};
    shape.is_inside = sides_reached(shape.box, ink.size()) == 0;
  }
  for (int y = 0; y < ink.rows; ++y) {
    for (int x = 0; x < ink.cols; ++x) {
      if (found.labels(y, x) == 0) continue;
      Shape& shape = found.shapes[static_cast<std::size_t>(found.labels(y, x))];
      shape.mass += ink(y, x);
      shape.peak = std::max(shape.peak, ink(y, x));
    }
  }
  return found;
}

/// The label of the shape with the most ink; what reaches the border has to have much more.
std::size_t main_shape(const std::vector<Shape>& shapes) {
  const auto weight = [](const Shape& shape) {
    return shape.is_strong() ? shape.mass * (shape.is_inside ? 4 : 1) : 0;
  };
  const auto best =
      std::max_element(shapes.begin(), shapes.end(),
                       [&](const auto& a, const auto& b) { return weight(a) < weight(b); });
  if (weight(*best) == 0) fail(ErrorKind::kData, "found nothing that stands out");
  return static_cast<std::size_t>(best - shapes.begin());
}

/// A pixel of a mask is set where that is true of its shape.
template <typename Condition>
cv::Mat1b mask_of(const Shapes& found, const Condition& condition) {
  cv::Mat1b mask(found.labels.size());
  std::transform(found.labels.begin(), found.labels.end(), mask.begin(), [&](int label) {
    return label > 0 && condition(static_cast<std::size_t>(label)) ? 255 : 0;
  });
  return mask;
}

/// Whether it is a line below the digit that is longer than the digit is wide.
bool underlines(const cv::Rect& line, const cv::Rect& digit) {
  return line.y >= digit.br().y && line.width > digit.width && line.width > 4 * line.height;
}

/// Which shapes make the digit: those that are no farther away from the main one, or from another
/// part, than a fifth of its longer side.
std::vector<bool> parts_of(const Shapes& found, std::size_t main) {
  const Shape& largest = found.shapes[main];
  cv::Mat1b near = mask_of(found, [&](std::size_t i) {
    const Shape& shape = found.shapes[i];
    return shape.is_strong() && shape.mass > 0.02 * largest.mass &&
           (shape.is_inside || !largest.is_inside) && !underlines(shape.box, largest.box);
  });
  const cv::Mat1b candidates = near.clone();
  const int reach = largest.longer_side() / 5 | 1;
  cv::dilate(near, near, rectangle(reach, reach));
  cv::Mat1i groups;
  cv::connectedComponents(near, groups);
  const auto first = std::find(found.labels.begin(), found.labels.end(), static_cast<int>(main));
  const int group = groups(first.pos());
  std::vector<bool> is_part(found.shapes.size());
  for (int y = 0; y < near.rows; ++y) {
    for (int x = 0; x < near.cols; ++x) {
      if (candidates(y, x) != 0 && groups(y, x) == group) {
        is_part[static_cast<std::size_t>(found.labels(y, x))] = true;
      }
    }
  }
  return is_part;
}

/// Whether the ink, along a side of its box, meets the border in several places or along half of
/// that side: a whole digit only touches it.
bool is_cut_by_border(const cv::Mat1f& side) {
  std::size_t count = 0;
  int places = 0;
  bool was_ink = false;
  for (const float amount : side) {
    const bool is_ink = amount > kStrong;
    if (is_ink) ++count;
    if (is_ink && !was_ink) ++places;
    was_ink = is_ink;
  }
  return places > 1 || 2 * count > side.total();
}

/// Whether the digit goes on beyond the picture: it reaches two or three sides, or meets one as if
/// it were cut. All four sides are those of a picture that was cut to the digit's box.
bool is_cut_off(const cv::Mat1f& ink, const cv::Rect& box) {
  if (std::max(ink.cols, ink.rows) <= kMostOfDrawing) return false;
  const int trace = std::max(ink.cols, ink.rows) / 40 + 1;
  if (sides_reached(box, ink.size(), trace) == 4) return false;
  if (sides_reached(box, ink.size()) > 1) return true;
  const cv::Mat1f digit = ink(box);
  return (box.y == 0 && is_cut_by_border(digit.row(0))) ||
         (box.x == 0 && is_cut_by_border(digit.col(0))) ||
         (box.br().y == ink.rows && is_cut_by_border(digit.row(box.height - 1))) ||
         (box.br().x == ink.cols && is_cut_by_border(digit.col(box.width - 1)));
}

/// Whether it lies beside the digit, such as a pen or the rest of a frame: long, narrow, and cut by
/// the border.
bool is_beside(const Shapes& found, std::size_t i) {
  if (found.shapes[i].is_inside) return false;
  std::vector<cv::Point> pixels;
  cv::findNonZero(found.labels == static_cast<int>(i), pixels);
  const cv::Size2f size = cv::minAreaRect(pixels).size;
  return std::max(size.width, size.height) > 3 * std::min(size.width, size.height);
}

/// Whether there is more than one shape that is as large as a digit.
bool has_several(const Shapes& found, std::size_t main, const std::vector<bool>& is_part) {
  const double mass = found.shapes[main].mass;
  int large_parts = 0;
  for (std::size_t i = 1; i < found.shapes.size(); ++i) {
    const Shape& shape = found.shapes[i];
    if (is_part[i] && shape.mass > 0.25 * mass) ++large_parts;
    const bool is_other = !is_part[i] && shape.is_strong() && shape.mass > 0.1 * mass;
    if (is_other && !is_beside(found, i)) return true;
  }
  return large_parts > 1;
}

}  // namespace

DigitShapes find_shapes(const cv::Mat1f& ink) {
  const Shapes found = shapes_of(ink);
  const std::size_t main = main_shape(found.shapes);
  const std::vector<bool> is_part = parts_of(found, main);
  const cv::Rect box = cv::boundingRect(mask_of(found, [&](std::size_t i) { return is_part[i]; }));
  if (std::max(box.width, box.height) < std::max(6, std::max(ink.cols, ink.rows) / 50)) {
    fail(ErrorKind::kData, "found only specks");
  }
  const auto large =
      std::count_if(found.shapes.begin(), found.shapes.end(), [&](const Shape& shape) {
        return shape.is_strong() && shape.mass > 0.1 * found.shapes[main].mass;
      });
  constexpr std::ptrdiff_t kMost = 8;
  if (large > kMost) fail(ErrorKind::kData, "found {} shapes", large);
  DigitShapes digit{ink.clone(), box, sides_reached(box, ink.size()) > 0, {}};
  digit.ink.setTo(0, mask_of(found, [&](std::size_t i) { return !is_part[i]; }));
  if (has_several(found, main, is_part)) digit.low_confidence.emplace_back("several shapes");
  if (is_cut_off(digit.ink, box)) digit.low_confidence.emplace_back("cut off by the border");
  if (2 * box.width > 3 * box.height) digit.low_confidence.emplace_back("wider than a digit");
  return digit;
}

}  // namespace mnist
