#include <algorithm>
#include <iterator>
#include <limits>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "picture/steps.h"

namespace mnist {
namespace {

constexpr int kBackgroundSide = 64;  // pixels of the small picture whose background is estimated

struct Background {
  cv::Mat1f intensities;  // at each pixel, also below the ink
  bool ink_is_dark;
};

/// A closing by a square that is broader than a stroke takes dark ink away, an opening light ink.
/// The wrong one of the two smears the ink instead, which shows in the Laplacian. Both leave light
/// that falls off as it is, if the picture goes on beyond its border at the same slope.
Background background_of(const cv::Mat1f& intensities, double broadest) {
  const cv::Mat1f small = shrunk(intensities, kBackgroundSide);
  const int side = static_cast<int>(broadest * std::max(small.cols, small.rows)) | 1;
  cv::Mat1f level;
  cv::Mat1f mirrored;
  cv::copyMakeBorder(small, level, side, side, side, side, cv::BORDER_REPLICATE);
  cv::copyMakeBorder(small, mirrored, side, side, side, side, cv::BORDER_REFLECT_101);
  const cv::Mat1f slope = level - mirrored;
  const int rim = side + (std::min(small.cols, small.rows) > 2 ? 1 : 0);  // without a line along it
  const cv::Rect inside(side, side, small.cols, small.rows);
  const cv::Rect inner(rim, rim, level.cols - 2 * rim, level.rows - 2 * rim);
  Background background;
  double least_bend = std::numeric_limits<double>::max();
  for (const bool is_dark : {true, false}) {
    cv::Mat1f continued = level + (is_dark ? cv::min(slope, 0) : cv::max(slope, 0));
    cv::morphologyEx(continued, continued, is_dark ? cv::MORPH_CLOSE : cv::MORPH_OPEN,
                     rectangle(side, side));
    cv::Mat1f bends;
    cv::Laplacian(continued, bends, CV_32F);
    cv::Scalar mean;
    cv::Scalar deviation;
    cv::meanStdDev(bends(inner), mean, deviation);
    if (deviation[0] >= least_bend) continue;
    least_bend = deviation[0];
    cv::resize(continued(inside), background.intensities, intensities.size());
    background.ink_is_dark = is_dark;
  }
  return background;
}

/// Which rows stand out from one side of the picture to the other: those of ruled lines.
std::vector<int> ruled_rows(const cv::Mat1f& relief, float noise) {
  constexpr double kFilled = 0.95;
  cv::Mat1f near;  // a line may be a pixel off
  cv::dilate(relief, near, rectangle(3, 1));
  const cv::Mat1b stands_out = near > noise + 2;
  std::vector<int> rows;
  for (int y = 0; y < relief.rows; ++y) {
    const cv::Mat1b row = stands_out.row(y);
    const bool is_rule =
        row(0) != 0 && row(row.cols - 1) != 0 && cv::countNonZero(row) >= kFilled * row.cols;
    if (is_rule) rows.push_back(y);
  }
  return rows;
}

/// An opening across thin lines takes them away, and leaves broader ink.
cv::Mat1f without_ruled_rows(const cv::Mat1f& relief, float noise) {
  const std::vector<int> rows = ruled_rows(relief, noise);
  if (rows.empty()) return relief;
  const int thick = (relief.rows / 32 + 2) | 1;
  cv::Mat1f result = relief.clone();
  cv::Mat1f opened;
  cv::morphologyEx(relief, opened, cv::MORPH_OPEN, rectangle(thick, 1));
  for (const int y : rows) opened.row(y).copyTo(result.row(y));
  return result;
}

cv::Mat1f turned(const cv::Mat1f& relief, double degrees) {
  const cv::Point2f center(static_cast<float>(relief.cols - 1) / 2,
                           static_cast<float>(relief.rows - 1) / 2);
  cv::Mat1f result;
  cv::warpAffine(relief, result, cv::getRotationMatrix2D(center, degrees, 1), relief.size(),
                 cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  return result;
}

/// The relief turned by a few degrees, if more ruled lines are along its sides then.
cv::Mat1f aligned_with_rules(const cv::Mat1f& relief, float noise) {
  constexpr double kMost = 4;
  constexpr double kStep = 0.25;
  constexpr int kSide = 320;
  if (is_drawing(relief.size())) return relief;
  const cv::Mat1f small = shrunk(relief, kSide);
  const auto rules_in = [&](const cv::Mat1f& picture) {
    return ruled_rows(picture, noise).size() + ruled_rows(picture.t(), noise).size();
  };
  double best = 0;
  std::size_t most = rules_in(small);
  for (double degrees = -kMost; degrees <= kMost; degrees += kStep) {
    const std::size_t found = rules_in(turned(small, degrees));
    if (found <= most) continue;
    most = found;
    best = degrees;
  }
  return best == 0 ? relief : turned(relief, best);
}

cv::Mat1f without_rules(const cv::Mat1f& relief, float noise) {
  return without_ruled_rows(without_ruled_rows(aligned_with_rules(relief, noise), noise).t(), noise)
      .t();
}

/// How far full ink stands out; 0 if nothing stands out of the noise.
float full_ink(const cv::Mat1f& relief, float noise) {
  const float least = 5 * std::max(noise, 1.0F);
  std::vector<float> ink;
  std::copy_if(relief.begin(), relief.end(), std::back_inserter(ink),
               [&](float height) { return height > least; });
  return quantile(std::move(ink), 0.9);
}

/// What is as faint as 99 % of the pixels away from ink.
float dirt_of(const cv::Mat1f& relief, float contrast) {
  const int near = std::max(relief.rows, relief.cols) / 28 + 1;
  cv::Mat1b ink = relief > contrast / 2;
  cv::dilate(ink, ink, rectangle(2 * near + 1, 2 * near + 1));
  std::vector<float> away;
  for (int y = 0; y < relief.rows; ++y) {
    for (int x = 0; x < relief.cols; ++x) {
      if (ink(y, x) == 0) away.push_back(relief(y, x));
    }
  }
  return std::clamp(quantile(std::move(away), 0.99), 0.0F, contrast / 2);
}

}  // namespace

Ink find_ink(const cv::Mat1f& intensities, double broadest) {
  const Background background = background_of(intensities, broadest);
  const cv::Mat1f& light = background.intensities;
  Ink ink;
  ink.unevenness = static_cast<float>(range_of(light));
  // Ink differs less from its background where there is less light.
  const double mean = cv::mean(light)[0];
  cv::Mat1f relief = background.ink_is_dark ? light - intensities : intensities - light;
  relief = relief.mul((mean + 1) / (cv::max(light, mean / 4) + 1));
  relief -= quantile(relief, 0.3);      // the middle of the noise: a closing lies on top of it
  constexpr float kDeviations = 3.14F;  // of a normal distribution in the quantile of its distances
  ink.noise = kDeviations * quantile(cv::Mat1f(cv::abs(relief)), 0.25);
  const cv::Mat1f plain = without_rules(relief, ink.noise);
  // There may be only an upright 1 that fills the picture.
  if (full_ink(plain, ink.noise) > 0) relief = plain;
  ink.contrast = full_ink(relief, ink.noise);
  if (ink.contrast == 0) return ink;
  const float dirt = dirt_of(relief, ink.contrast);
  ink.amount = cv::max((relief - dirt) / (ink.contrast - dirt), 0);
  return ink;
}

}  // namespace mnist
