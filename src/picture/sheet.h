#pragma once

#include <opencv2/core.hpp>
#include <optional>

namespace mnist {

/// The sheet of paper in a picture (CV_32FC3): the smallest quadrilateral, as a camera may see a
/// rectangle, that is a third as wide and high as the picture and has something on it. It is
/// returned upright, without its edge.
std::optional<cv::Mat3f> find_sheet(const cv::Mat3f& colors);

}  // namespace mnist
