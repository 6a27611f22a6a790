#include <algorithm>
#include <array>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "picture/steps.h"

namespace mnist {
namespace {

using Contour = std::vector<cv::Point>;
using Corners = std::array<cv::Point2f, 4>;  // clockwise from the upper left one

constexpr int kSearchSide = 320;  // pixels of the picture in which the sheet is looked for
constexpr int kPad = 2;           // around it, so that what reaches its border has a contour

/// From the upper left one on, clockwise as convexHull() has given them.
Corners in_order(const Contour& corners) {
  const auto first =
      std::ranges::min_element(corners, {}, [](const cv::Point& at) { return at.x + at.y; });
  Corners result;
  std::rotate_copy(corners.begin(), first, corners.end(), result.begin());
  return result;
}

/// What is inside the corners, straightened, without its edge.
cv::Mat3f straightened(const cv::Mat3f& colors, const Corners& corners) {
  const auto side = [&](std::size_t a, std::size_t b) { return cv::norm(corners[a] - corners[b]); };
  const auto across = static_cast<float>((side(0, 1) + side(2, 3)) / 2);
  const auto down = static_cast<float>((side(1, 2) + side(3, 0)) / 2);
  const Corners target{{{0, 0}, {across, 0}, {across, down}, {0, down}}};
  cv::Mat3f sheet;
  cv::warpPerspective(colors, sheet, cv::getPerspectiveTransform(corners.data(), target.data()),
                      {static_cast<int>(across), static_cast<int>(down)}, cv::INTER_LINEAR,
                      cv::BORDER_REPLICATE);
  const int edge = 2 + std::min(sheet.cols, sheet.rows) / 100;
  return sheet(cv::Rect(edge, edge, sheet.cols - 2 * edge, sheet.rows - 2 * edge));
}

bool is_large(const cv::Rect& box, const cv::Size& picture) {
  constexpr int kLeastSide = 24;  // less is no sheet, and nothing without its edge
  return box.width >= std::max(kLeastSide, picture.width / 3) &&
         box.height >= std::max(kLeastSide, picture.height / 3);
}

/// The corners of the quadrilateral that the contour is; none if it is no such, or a sliver.
std::optional<Contour> corners_of(const Contour& contour) {
  Contour hull;
  cv::convexHull(contour, hull);
  Contour corners;
  cv::approxPolyDP(hull, corners, 0.03 * cv::arcLength(hull, true), true);
  constexpr double kSame = 0.95;
  const double area = cv::contourArea(hull);
  const bool is_one = corners.size() == 4 && cv::contourArea(contour) > kSame * area &&
                      cv::contourArea(corners) > kSame * area &&
                      area > 0.4 * cv::boundingRect(contour).area();
  return is_one ? std::optional(corners) : std::nullopt;
}

bool reaches_border(const Contour& corners, const cv::Size& padded) {
  return sides_reached(cv::boundingRect(corners), padded, kPad + 1) > 0;
}

/// Whether what is around the quadrilateral is no part of the sheet: where that reaches the
/// picture's border, what is beside it has to be much lighter or darker.
bool stands_out(const Contour& corners, const cv::Mat1f& brightness) {
  if (!reaches_border(corners, brightness.size())) return true;
  cv::Mat1b inside(brightness.size(), uchar{0});
  cv::fillConvexPoly(inside, corners, 255);
  const cv::Rect picture(kPad, kPad, brightness.cols - 2 * kPad, brightness.rows - 2 * kPad);
  const cv::Mat1b outside = ~inside(picture);
  const double share = static_cast<double>(cv::countNonZero(outside)) / picture.area();
  if (share < 0.02 || share > 0.55) return false;
  const double ratio =
      (cv::mean(brightness, inside)[0] + 1) / (cv::mean(brightness(picture), outside)[0] + 1);
  return std::max(ratio, 1 / ratio) > 2;
}

/// All quadrilaterals that may be a sheet, the smallest first.
std::vector<Contour> quadrilaterals_in(const cv::Mat1f& picture) {
  constexpr int kThresholds = 8;
  double least = 0;
  double most = 0;
  cv::minMaxLoc(picture, &least, &most);
  std::vector<Contour> found;
  for (const double around : {least, most}) {
    cv::Mat1f brightness;
    cv::copyMakeBorder(picture, brightness, kPad, kPad, kPad, kPad, cv::BORDER_CONSTANT, around);
    for (int i = 1; i <= kThresholds; ++i) {
      std::vector<Contour> contours;
      cv::findContours(brightness > least + (most - least) * i / (kThresholds + 1), contours,
                       cv::RETR_LIST, cv::CHAIN_APPROX_NONE);
      for (const Contour& contour : contours) {
        if (!is_large(cv::boundingRect(contour), picture.size())) continue;
        const auto corners = corners_of(contour);
        if (corners && stands_out(*corners, brightness)) found.push_back(*corners);
      }
    }
  }
  std::ranges::sort(found, {}, [](const Contour& corners) { return cv::contourArea(corners); });
  return found;
}

/// Whether something goes over the edge.
bool is_cut(const cv::Mat1f& sheet, double least_difference) {
  const std::array<cv::Mat1f, 4> sides{sheet.row(0), sheet.row(sheet.rows - 1), sheet.col(0),
                                       sheet.col(sheet.cols - 1)};
  return std::ranges::any_of(
      sides, [&](const cv::Mat1f& side) { return range_of(side) > least_difference; });
}

}  // namespace

std::optional<cv::Mat3f> find_sheet(const cv::Mat3f& colors) {
  const cv::Mat1f brightness = brightness_of(shrunk(colors, kSearchSide));
  const double scale = static_cast<double>(colors.cols) / brightness.cols;
  const double least_difference = range_of(brightness) / 4;
  const cv::Size padded = brightness.size() + cv::Size(2 * kPad, 2 * kPad);
  for (const Contour& quadrilateral : quadrilaterals_in(brightness)) {
    Corners corners = in_order(quadrilateral);
    for (cv::Point2f& corner : corners) corner = (corner - cv::Point2f(kPad, kPad)) * scale;
    cv::Mat3f sheet = straightened(colors, corners);
    const cv::Mat1f inside = brightness_of(sheet);
    if (range_of(inside) < least_difference) continue;  // there is nothing on it
    // A shadow's edge, unlike a sheet's, may go through the digit.
    if (reaches_border(quadrilateral, padded) && is_cut(inside, least_difference)) continue;
    return sheet;
  }
  return std::nullopt;
}

}  // namespace mnist
