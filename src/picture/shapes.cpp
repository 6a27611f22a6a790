#include <algorithm>
#include <cstddef>
#include <opencv2/imgproc.hpp>

#include "base/fail.h"
#include "picture/steps.h"

namespace mnist {
namespace {

constexpr float kTrace = 0.1F;   // of full ink: less is the soft edge of a stroke
constexpr float kStrong = 0.5F;  // of full ink: what stays below this everywhere is no ink

/// A connected part of the ink.
struct Shape {
  cv::Rect box;
  cv::Point pixel;         ///< one of its own
  double mass = 0;         ///< the sum of its ink
  float peak = 0;          ///< its most ink
  bool is_inside = false;  ///< it does not reach the picture's border
  bool is_part = false;    ///< of the digit

  int longer_side() const { return std::max(box.width, box.height); }
  bool is_strong() const { return peak >= kStrong; }
};

struct Shapes {
  cv::Mat1i labels;           ///< of each pixel, 0 for background
  std::vector<Shape> shapes;  ///< by their labels; nothing at 0
};

Shapes shapes_of(const cv::Mat1f& ink) {
  Shapes found;
  const int count = cv::connectedComponents(ink > kTrace, found.labels);
  found.shapes.resize(static_cast<std::size_t>(count));
  for (int y = 0; y < ink.rows; ++y) {
    for (int x = 0; x < ink.cols; ++x) {
      if (found.labels(y, x) == 0) continue;
      Shape& shape = found.shapes[static_cast<std::size_t>(found.labels(y, x))];
      shape.box |= cv::Rect(x, y, 1, 1);
      shape.pixel = {x, y};
      shape.mass += ink(y, x);
      shape.peak = std::max(shape.peak, ink(y, x));
    }
  }
  for (Shape& shape : found.shapes) shape.is_inside = sides_reached(shape.box, ink.size()) == 0;
  return found;
}

/// The shape with the most ink; what reaches the border has to have much more.
const Shape& main_shape(const std::vector<Shape>& shapes) {
  const auto weight = [](const Shape& shape) {
    return shape.is_strong() ? shape.mass * (shape.is_inside ? 4 : 1) : 0;
  };
  const Shape& main = *std::ranges::max_element(shapes, {}, weight);
  if (weight(main) == 0) fail(ErrorKind::kData, "no digit found");
  return main;
}

/// A pixel of a mask is set where that is true of its shape.
template <typename Condition>
cv::Mat1b mask_of(const Shapes& found, const Condition& condition) {
  cv::Mat1b mask(found.labels.size());
  std::transform(found.labels.begin(), found.labels.end(), mask.begin(), [&](int label) {
    return label > 0 && condition(found.shapes[static_cast<std::size_t>(label)]) ? 255 : 0;
  });
  return mask;
}

/// Whether it is a line below the digit that is longer than the digit is wide.
bool underlines(const cv::Rect& line, const cv::Rect& digit) {
  return line.y >= digit.br().y && line.width > digit.width && line.width > 4 * line.height;
}

/// Finds the parts of the digit: shapes that are no farther away from the main one, or from another
/// part, than a fifth of its longer side.
void mark_parts(Shapes& found, const Shape& main) {
  const auto may_be_part = [&](const Shape& shape) {
    return shape.is_strong() && shape.mass > 0.02 * main.mass &&
           (shape.is_inside || !main.is_inside) && !underlines(shape.box, main.box);
  };
  cv::Mat1b near = mask_of(found, may_be_part);
  const int reach = main.longer_side() / 5 | 1;
  cv::dilate(near, near, rectangle(reach, reach));
  cv::Mat1i groups;
  cv::connectedComponents(near, groups);
  for (Shape& shape : found.shapes) {
    shape.is_part = may_be_part(shape) && groups(shape.pixel) == groups(main.pixel);
  }
}

/// Whether the digit may go on beyond the picture. One that reaches all four sides is that of a
/// picture which was cut to the digit's box.
bool is_cut_off(const cv::Rect& box, const cv::Size& picture) {
  const int trace = std::max(picture.width, picture.height) / 40 + 1;
  return !is_drawing(picture) && sides_reached(box, picture) > 0 &&
         sides_reached(box, picture, trace) < 4;
}

/// Whether it lies beside the digit, such as a pen or the rest of a frame: narrow, and cut by the
/// border.
bool is_beside(const Shape& shape) {
  return !shape.is_inside && shape.longer_side() > 2 * std::min(shape.box.width, shape.box.height);
}

}  // namespace

DigitShapes find_shapes(const cv::Mat1f& ink) {
  Shapes found = shapes_of(ink);
  const Shape& main = main_shape(found.shapes);
  mark_parts(found, main);
  const cv::Rect box =
      cv::boundingRect(mask_of(found, [](const Shape& shape) { return shape.is_part; }));
  if (std::max(box.width, box.height) < std::max(6, std::max(ink.cols, ink.rows) / 50)) {
    fail(ErrorKind::kData, "found only specks");
  }
  const auto count = [&](double least_mass, const auto& condition) {
    return std::ranges::count_if(found.shapes, [&](const Shape& shape) {
      return shape.is_strong() && shape.mass > least_mass * main.mass && condition(shape);
    });
  };
  constexpr std::ptrdiff_t kMost = 8;
  const auto large = count(0.1, [](const Shape&) { return true; });
  if (large > kMost) fail(ErrorKind::kData, "expected one digit, found {} shapes", large);
  const auto large_parts = count(0.25, [](const Shape& shape) { return shape.is_part; });
  const auto others =
      count(0.1, [](const Shape& shape) { return !shape.is_part && !is_beside(shape); });
  DigitShapes digit{ink.clone(), box, sides_reached(box, ink.size()) > 0, {}};
  digit.ink.setTo(0, mask_of(found, [](const Shape& shape) { return !shape.is_part; }));
  if (large_parts > 1 || others > 0) digit.low_confidence.emplace_back("several shapes");
  if (is_cut_off(box, ink.size())) digit.low_confidence.emplace_back("cut off by the border");
  if (2 * box.width > 3 * box.height) digit.low_confidence.emplace_back("wider than a digit");
  return digit;
}

}  // namespace mnist
