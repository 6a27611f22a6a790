#include "picture/steps.h"

#include <algorithm>
#include <cstddef>
#include <opencv2/imgproc.hpp>
#include <utility>

namespace mnist {

cv::Mat shrunk(const cv::Mat& image, int side) {
  const double scale = static_cast<double>(side) / std::max(image.cols, image.rows);
  if (scale >= 1) return image;
  const auto scaled = [&](int length) { return std::max(1, cvRound(length * scale)); };
  cv::Mat result;
  cv::resize(image, result, {scaled(image.cols), scaled(image.rows)}, 0, 0, cv::INTER_AREA);
  return result;
}

float quantile(std::vector<float> values, double share) {
  if (values.empty()) return 0;
  const auto place = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + place, values.end());
  return values[static_cast<std::size_t>(place)];
}

float quantile(const cv::Mat1f& plane, double share) {
  constexpr std::size_t kEnough = 40000;
  const auto step = static_cast<int>(1 + plane.total() / kEnough);
  std::vector<float> values;
  for (int y = 0; y < plane.rows; ++y) {
    const float* const row = plane[y];
    for (int x = 0; x < plane.cols; x += step) values.push_back(row[x]);
  }
  return quantile(std::move(values), share);
}

cv::Mat1f brightness_of(const cv::Mat3f& colors) {
  cv::Mat1f brightness;
  cv::cvtColor(colors, brightness, cv::COLOR_RGB2GRAY);
  return brightness;
}

double range_of(const cv::Mat1f& plane, const cv::Mat1b& mask) {
  double least = 0;
  double most = 0;
  cv::minMaxLoc(plane, &least, &most, nullptr, nullptr, mask);
  return most - least;
}

int sides_reached(const cv::Rect& box, const cv::Size& size, int margin) {
  int count = 0;
  for (const int gap : {box.x, box.y, size.width - box.br().x, size.height - box.br().y}) {
    if (gap <= margin) ++count;
  }
  return count;
}

}  // namespace mnist
