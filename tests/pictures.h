#pragma once

#include <opencv2/imgproc.hpp>

#include "picture/gray_image.h"

namespace mnist::test {

/// A gray image in colors, as files are read.
inline cv::Mat4b in_colors(GrayImage image) {
  const cv::Mat1b gray(static_cast<int>(image.height), static_cast<int>(image.width),
                       image.pixels.data());
  cv::Mat4b colors;
  cv::cvtColor(gray, colors, cv::COLOR_GRAY2RGBA);
  return colors;
}

/// The reverse: the red of each pixel.
inline GrayImage in_gray(const cv::Mat4b& colors) {
  GrayImage gray(colors.cols, colors.rows);
  cv::Mat1b pixels(colors.rows, colors.cols, gray.pixels.data());
  cv::extractChannel(colors, pixels, 0);
  return gray;
}

}  // namespace mnist::test
