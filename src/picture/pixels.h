#pragma once

#include <algorithm>
#include <opencv2/core.hpp>
#include <vector>

namespace mnist {

/// Whether a picture of this size is a drawing, of broad strokes up to the border; a larger one may
/// be a photo.
inline bool is_drawing(const cv::Size& size) { return std::max(size.width, size.height) <= 64; }

/// The image (of any type) made smaller, so that its longer side is at most `side`.
cv::Mat shrunk(const cv::Mat& image, int side);

/// The value that this share of the values, 0 to 1, do not exceed; 0 if there are none.
float quantile(std::vector<float> values, double share);

/// The same of the pixels; of a large plane, of some tens of thousands of them.
float quantile(const cv::Mat1f& plane, double share);

/// The brightness of colors (RGB), in the same range.
cv::Mat1f brightness_of(const cv::Mat3f& colors);

/// A structuring element for OpenCV's morphology.
inline cv::Mat rectangle(int height, int width) { return cv::Mat::ones(height, width, CV_8UC1); }

/// How many sides of a picture of this size the box comes to, or is within `margin` of.
int sides_reached(const cv::Rect& box, const cv::Size& size, int margin = 0);

}  // namespace mnist
